//! A transform that the caller computes, such as one of a script: on equal terms with those that are built in.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    fmt,
    rc::Rc,
};

use serde::{Deserialize, Serialize};

use super::{GradientTransform, Slots, UpdateTarget, gradient_transform::Passing};
use crate::{Device, Error, Result, Tensor, tensor::format_shape};

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
    /// Whether the script's loop gave them to the optimizer. What the script that goes on has in its `setup` are others.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_of_the_loop: bool,
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
        Self { hyperparameters, functions: Some(functions), is_of_the_loop: false, kept: Rc::default() }
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
        if self.functions.is_none() && !self.is_of_the_loop && !other.is_of_the_loop {
            self.functions.clone_from(&other.functions);
            self.kept = Rc::clone(&other.kept);
        }
    }

    /// Is left without its functions.
    pub(super) fn forget_functions(&mut self) {
        (self.functions, self.kept) = (None, Rc::default());
    }

    /// Notes that the script's loop gave its functions.
    pub(super) fn note_loop(&mut self) {
        self.is_of_the_loop = true;
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
    fn init(&self, shape: &[usize]) -> Result<Slots> {
        if let Some(known) = self.known(shape) {
            return Ok(known);
        }
        let made = self.functions()?.init(&Tensor::zeros(shape, &Device::cpu())?).map_err(|error| {
            error.within(&format!("of: init of zeros, which have a parameter's shape {}", format_shape(shape)))
        })?;
        // Zeros in the place of all tensors take no memory.
        let mut start = Slots { counters: made.counters, ..Slots::default() }.counter(BEGUN, 0);
        for (name, slot) in &made.tensors {
            start = start.zeros(name, slot.shape());
        }
        self.kept.borrow_mut().insert(shape.to_vec(), start.clone());
        Ok(start)
    }

    fn known(&self, shape: &[usize]) -> Option<Slots> {
        self.kept.borrow().get(shape).cloned()
    }

    fn check(&self) -> Result<()> {
        self.sound()
    }

    fn update(&self, update: Tensor, mut kept: Slots, target: &UpdateTarget) -> Result<Passing> {
        let functions = self.functions()?;
        let has_begun = kept.counters.remove(BEGUN) == Some(1);
        // A tensor that no step has moved is one that an edit has added.
        if !has_begun || kept.tensors.values().any(|slot| slot.tensor().is_none()) {
            let mut made = functions.init(&target.parameter)?;
            if has_begun {
                made = made.with_those_of(kept);
            }
            kept = made;
        }
        // Zeros that take no memory are as good a beginning as any other.
        let unmoved = kept.tensors.iter().filter(|(_, slot)| slot.tensor().is_none());
        for (name, shape) in unmoved.map(|(name, slot)| (name.clone(), slot.shape().to_vec())).collect::<Vec<_>>() {
            let parameter = &target.parameter;
            kept = kept.tensor(&name, Tensor::full(0.0, &shape, parameter.dtype(), parameter.device())?);
        }
        let start = kept.clone();
        let (next, after) = functions.update(update, kept, target, &self.hyperparameters)?;
        check_alike(&start, &after)?;
        Ok((next, after.counter(BEGUN, 1)))
    }
}

/// An error where a next state is not made of what init has made. A state of other shapes would begin anew in every step.
fn check_alike(start: &Slots, after: &Slots) -> Result<()> {
    const WHAT: &str = "the state that update returns";
    let names = |slots: &Slots| slots.tensors.keys().chain(slots.counters.keys()).cloned().collect::<BTreeSet<_>>();
    let (before, now) = (names(start), names(after));
    if before != now {
        let listed = |names: BTreeSet<String>| match names.is_empty() {
            true => "nothing".to_owned(),
            false => names.into_iter().collect::<Vec<_>>().join(", "),
        };
        let want = format!("what init has kept, {}", listed(before));
        return Err(Error::argument("of", WHAT, want, listed(now)));
    }
    let shown = |slots: &Slots, name: &str| match slots.tensors.get(name) {
        Some(slot) => format_shape(slot.shape()),
        None => "a whole number".to_owned(),
    };
    match before.iter().find(|name| shown(start, name) != shown(after, name)) {
        Some(name) => {
            let want = format!("{}, as init made it", shown(start, name));
            Err(Error::argument("of", format!("{name} in {WHAT}"), want, shown(after, name)))
        }
        None => Ok(()),
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

#[cfg(test)]
mod tests;
