//! A schedule that the caller computes.

use std::{fmt, rc::Rc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, Result};

/// The value at a step, counted from 0, of a training of so many.
pub type Compute = Rc<dyn Fn(u64, u64) -> Result<f64>>;

/// A function. A checkpoint says that there was one; the script that goes on brings it along. So all are equal.
#[derive(Clone, Default)]
pub struct FunctionSchedule(Option<Compute>);

impl FunctionSchedule {
    /// A schedule that goes by a function.
    pub fn new(compute: Compute) -> Self {
        Self(Some(compute))
    }

    /// Whether it comes from a checkpoint, and nobody has brought the function along.
    pub(super) fn is_lost(&self) -> bool {
        self.0.is_none()
    }

    /// Errors as the function's; there is none, or what it gives is not finite.
    pub(super) fn at(&self, step: u64, total: u64) -> Result<f64> {
        let Some(compute) = &self.0 else {
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
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for FunctionSchedule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        <()>::deserialize(deserializer).map(|()| Self::default())
    }
}
