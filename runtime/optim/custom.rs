//! A transform that the caller computes, such as one of a script: on equal terms with those that are built in.

use std::{cell::RefCell, collections::BTreeMap, fmt, rc::Rc};

use serde::{Deserialize, Serialize};

use super::{GradientTransform, Slots, UpdateTarget, gradient_transform::Passing};
use crate::{Device, Error, Result, Tensor};

/// Its two functions, as optax has them.
pub trait Functions {
    /// What is kept for a parameter before the first step. Its names and shapes must depend on the parameter's shape alone.
    ///
    /// # Errors
    /// Those of the caller.
    fn init(&self, parameter: &Tensor) -> Result<Slots>;

    /// The next update, and what is kept from then on.
    ///
    /// # Errors
    /// Those of the caller.
    fn update(
        &self,
        update: Tensor,
        kept: Slots,
        target: &UpdateTarget,
        hyperparameters: &BTreeMap<String, f64>,
    ) -> Result<Passing>;
}

/// Functions and the numbers that they go by. A checkpoint holds the numbers alone; the script that goes on brings the
/// functions along, so that those of two transforms count as equal.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Custom {
    hyperparameters: BTreeMap<String, f64>,
    #[serde(skip)]
    functions: Option<Rc<dyn Functions>>,
    /// What is kept for each shape of a parameter, without values.
    #[serde(skip)]
    kept: Rc<RefCell<BTreeMap<Vec<usize>, Slots>>>,
}

/// Whether its tensors have been made from the parameter: a counter of the transform's own.
const BEGUN: &str = "begun";

impl Custom {
    pub(super) const NAME: &str = "custom";

    /// A transform by its functions.
    pub fn new(functions: Rc<dyn Functions>, hyperparameters: BTreeMap<String, f64>) -> Self {
        Self { hyperparameters, functions: Some(functions), kept: Rc::default() }
    }

    /// The same with other values of some hyperparameters.
    ///
    /// # Errors
    /// There is no such hyperparameter.
    pub fn with(&self, values: &[(String, f64)]) -> Result<Self> {
        let mut changed = self.clone();
        for (name, value) in values {
            match changed.hyperparameters.get_mut(name) {
                Some(known) => *known = *value,
                None => return Err(Error::unknown("of", "hyperparameter", name, self.hyperparameters.keys())),
            }
        }
        changed.sound()?;
        Ok(changed)
    }

    pub(super) fn sound(&self) -> Result<()> {
        match self.hyperparameters.iter().find(|(_, value)| !value.is_finite()) {
            Some((name, value)) => Err(Error::argument("of", name, "finite", value)),
            None => Ok(()),
        }
    }

    /// Takes the functions of another one where it has none.
    pub(super) fn find_functions(&mut self, other: &Self) {
        if self.functions.is_none() {
            self.functions.clone_from(&other.functions);
            self.kept = Rc::clone(&other.kept);
        }
    }

    fn functions(&self) -> Result<&dyn Functions> {
        self.functions.as_deref().ok_or_else(|| {
            let reason = "its functions are those of a script, which has no optimizer of its own in its place; configure \
                          the optimizer in setup";
            Error::State { op: "of", reason: reason.into() }
        })
    }
}

impl GradientTransform for Custom {
    fn init(&self, shape: &[usize]) -> Slots {
        if let Some(known) = self.kept.borrow().get(shape) {
            return known.clone();
        }
        let begun = || self.functions()?.init(&Tensor::zeros(shape, &Device::cpu())?);
        // What fails here fails in the step as well, and is told there.
        let Ok(made) = begun() else { return Slots::default() };
        let mut start = Slots::default().counter(BEGUN, 0);
        for (name, slot) in &made.tensors {
            start = start.zeros(name, slot.shape());
        }
        for name in made.counters.keys() {
            start = start.counter(name, 0);
        }
        self.kept.borrow_mut().insert(shape.to_vec(), start.clone());
        start
    }

    fn check(&self) -> Result<()> {
        self.sound()
    }

    fn update(&self, update: Tensor, mut kept: Slots, target: &UpdateTarget) -> Result<Passing> {
        let functions = self.functions()?;
        let mut start = match kept.counters.remove(BEGUN) {
            Some(1) => kept,
            _ => functions.init(&target.parameter)?,
        };
        // Slots that no step has moved stand for zeros.
        for (name, slot) in start.tensors.clone() {
            if slot.tensor().is_none() {
                let parameter = &target.parameter;
                let zeros = Tensor::full(0.0, slot.shape(), parameter.dtype(), parameter.device())?;
                start = start.tensor(&name, zeros);
            }
        }
        let names = |slots: &Slots| {
            let names: Vec<String> = slots.tensors.keys().chain(slots.counters.keys()).cloned().collect();
            if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
        };
        let before = names(&start);
        let (next, after) = functions.update(update, start, target, &self.hyperparameters)?;
        if before != names(&after) {
            let want = format!("what init has kept, {before}");
            return Err(Error::argument("of", "the state that update returns", want, names(&after)));
        }
        Ok((next, after.counter(BEGUN, 1)))
    }
}

impl PartialEq for Custom {
    fn eq(&self, other: &Self) -> bool {
        self.hyperparameters == other.hyperparameters
    }
}

impl fmt::Debug for Custom {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Custom").field("hyperparameters", &self.hyperparameters).finish_non_exhaustive()
    }
}
