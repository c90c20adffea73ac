//! A schedule that the caller computes.

use std::{fmt, rc::Rc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, Result};

/// The value at a step, counted from 0, of a training of so many.
pub type Compute = Rc<dyn Fn(u64, u64) -> Result<f64>>;

/// A function. A state says that there was one; the script that goes on brings it along. So all are equal.
#[derive(Clone, Default)]
pub struct FunctionSchedule {
    compute: Option<Compute>,
    /// Whether the script's loop gave it to the optimizer. What the script that goes on has in its `setup` is another one.
    is_of_the_loop: bool,
}

/// What a state says of a function that the loop gave.
const OF_THE_LOOP: &str = "of the loop";

impl FunctionSchedule {
    /// A schedule that goes by a function.
    pub fn new(compute: Compute) -> Self {
        Self { compute: Some(compute), is_of_the_loop: false }
    }

    /// Takes the function of another one where it has none.
    pub(super) fn find(&mut self, other: &Self) {
        if self.compute.is_none() && !self.is_of_the_loop && !other.is_of_the_loop {
            self.compute.clone_from(&other.compute);
        }
    }

    /// Is left without the function.
    pub(in crate::optim) fn forget(&mut self) {
        self.compute = None;
    }

    /// Notes that the script's loop gave it.
    pub(in crate::optim) fn note_loop(&mut self) {
        self.is_of_the_loop = true;
    }

    /// Errors as the function's; there is none, or what it gives is not finite.
    pub(super) fn at(&self, step: u64, total: u64) -> Result<f64> {
        let Some(compute) = &self.compute else {
            let reason = "it was a function, which a checkpoint cannot hold, and the script has none in its place; \
                          configure the optimizer in setup"
                .into();
            return Err(Error::State { op: "schedule", reason });
        };
        match compute(step, total)? {
            value if value.is_finite() => Ok(value),
            value => Err(Error::argument("schedule", "the returned value", "finite", value)),
        }
    }
}

impl PartialEq for FunctionSchedule {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for FunctionSchedule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a function")
    }
}

impl Serialize for FunctionSchedule {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        if self.is_of_the_loop { serializer.serialize_str(OF_THE_LOOP) } else { serializer.serialize_unit() }
    }
}

impl<'de> Deserialize<'de> for FunctionSchedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let said = Option::<String>::deserialize(deserializer)?;
        Ok(Self { compute: None, is_of_the_loop: said.is_some_and(|said| said == OF_THE_LOOP) })
    }
}
