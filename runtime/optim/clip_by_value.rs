//! Clipping of each value of a gradient.

use serde::{Deserialize, Serialize};

use super::{GradientTransform, Slots, UpdateTarget, gradient_transform::Passing};
use crate::{
    Result, Tensor,
    options::{check, over},
};

/// u, between −c and c, as PyTorch's `clip_grad_value_`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClipByValue {
    /// c: the largest value.
    pub max_value: f64,
}

impl ClipByValue {
    pub(super) const NAME: &str = "clip_by_value";
}

impl GradientTransform for ClipByValue {
    fn check(&self) -> Result<()> {
        check(Self::NAME, "max_value", &self.max_value, &over(0.0), None)
    }

    fn update(&self, update: Tensor, kept: Slots, _target: &UpdateTarget) -> Result<Passing> {
        Ok((update.clamp_between(Some(-self.max_value), Some(self.max_value))?, kept))
    }
}
