//! A transform makes of an update another one, as optax's do: a pure function of the update, of what it keeps, and of
//! where it is used. A rule is a chain of transforms; what comes out at its end is subtracted from the parameter.

use super::Slots;
use crate::{Result, Tensor, nn::Role};

/// What an update is to move.
#[derive(Clone)]
pub struct UpdateTarget {
    /// The parameter's value before the step.
    pub parameter: Tensor,
    /// What it is to its layer.
    pub role: Role,
    /// The learning rate.
    pub lr: f64,
    /// The step of the training, from 1.
    pub step: u64,
}

/// An update on its way through a chain, and what the transform at work keeps for its parameter.
pub type Passing = (Tensor, Slots);

/// A link of a chain. Nothing in here may read from the device: whatever is decided by values is decided there.
///
/// One that looks at a parameter by itself has `update`. One that must see all of them together, such as clipping by
/// their common norm, has `needs_all` and `update_all`, and may keep something for all of them as well.
pub trait GradientTransform {
    /// What it keeps for a parameter of a shape, as it is before the first step. What is inherited must fit it.
    ///
    /// # Errors
    /// Those of a function of the caller's.
    fn init(&self, _shape: &[usize]) -> Result<Slots> {
        Ok(Slots::default())
    }

    /// The same, as far as it is known without calling a function of the caller's.
    fn known(&self, shape: &[usize]) -> Option<Slots> {
        self.init(shape).ok()
    }

    /// What it keeps for all parameters together, as it is before the first step. Only with `needs_all`.
    fn init_shared(&self) -> Slots {
        Slots::default()
    }

    /// An error where a hyperparameter makes no sense.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// The next update and what is kept from then on.
    fn update(&self, update: Tensor, kept: Slots, _target: &UpdateTarget) -> Result<Passing> {
        Ok((update, kept))
    }

    /// Whether it must see all updates together.
    fn needs_all(&self) -> bool {
        false
    }

    /// The next updates in their order, and what is kept from then on for each and for all.
    fn update_all(
        &self,
        passing: Vec<Passing>,
        shared: Slots,
        targets: &[&UpdateTarget],
    ) -> Result<(Vec<Passing>, Slots)> {
        let each = passing.into_iter().zip(targets).map(|((update, kept), target)| self.update(update, kept, target));
        Ok((each.collect::<Result<_>>()?, shared))
    }
}
