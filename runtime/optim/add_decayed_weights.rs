//! Weight decay, as a part of the gradient.

use serde::{Deserialize, Serialize};

use super::{GradientTransform, Mask, Slots, UpdateTarget, gradient_transform::Passing};
use crate::{Error, Result, Tensor, nn::Role};

/// u + λp.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddDecayedWeights {
    /// λ.
    pub weight_decay: f64,
    /// What is decayed.
    #[serde(default)]
    pub mask: Mask,
}

impl AddDecayedWeights {
    pub(super) const NAME: &str = "add_decayed_weights";

    /// The decay of a parameter.
    pub(super) fn of(&self, role: Role, rank: usize) -> f64 {
        if self.mask.covers(role, rank) { self.weight_decay } else { 0.0 }
    }
}

impl GradientTransform for AddDecayedWeights {
    fn check(&self) -> Result<()> {
        if self.weight_decay.is_finite() && self.weight_decay >= 0.0 {
            return Ok(());
        }
        Err(Error::argument(Self::NAME, "weight_decay", "a number of at least 0", self.weight_decay))
    }

    fn update(&self, update: Tensor, kept: Slots, target: &UpdateTarget) -> Result<Passing> {
        if self.of(target.role, target.parameter.rank()) == 0.0 {
            return Ok((update, kept));
        }
        Ok((update.add(&target.parameter.mul_scalar(self.weight_decay)?)?, kept))
    }
}
