//! Lion's step.

use serde::{Deserialize, Serialize};

use super::{
    Betas, GradientTransform, Slots, UpdateTarget, gradient_transform::Passing, moving_average::moving_average,
};
use crate::{Result, Tensor, options::check};

/// The sign of β₁m + (1 − β₁)u; then m = β₂m + (1 − β₂)u.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScaleByLion {
    /// β₁ and β₂.
    pub betas: Betas,
}

const MEAN: &str = "mu";

impl ScaleByLion {
    pub(super) const NAME: &str = "scale_by_lion";
}

impl GradientTransform for ScaleByLion {
    fn init(&self, shape: &[usize]) -> Result<Slots> {
        Ok(Slots::default().zeros(MEAN, shape))
    }

    fn check(&self) -> Result<()> {
        check(Self::NAME, "betas", &self.betas, &(0.0..1.0), None)
    }

    fn update(&self, update: Tensor, kept: Slots, _target: &UpdateTarget) -> Result<Passing> {
        let Betas([beta1, beta2]) = self.betas;
        let next = moving_average(&kept, MEAN, beta1, &update)?.sign()?;
        let mean = moving_average(&kept, MEAN, beta2, &update)?;
        Ok((next, kept.tensor(MEAN, mean)))
    }
}
