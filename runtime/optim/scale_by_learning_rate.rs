//! The learning rate, with which a chain ends.

use serde::{Deserialize, Serialize};

use super::{GradientTransform, Slots, UpdateTarget, gradient_transform::Passing};
use crate::{Result, Tensor};

/// lr·u. The sign stays: what a chain makes is subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScaleByLearningRate {}

impl ScaleByLearningRate {
    pub(super) const NAME: &str = "scale_by_learning_rate";
}

impl GradientTransform for ScaleByLearningRate {
    fn update(&self, update: Tensor, kept: Slots, target: &UpdateTarget) -> Result<Passing> {
        Ok((update.mul_scalar(target.lr)?, kept))
    }
}
