//! Adam's step.

use serde::{Deserialize, Serialize};

use super::{
    Betas, GradientTransform, Slots, UpdateTarget, gradient_transform::Passing, moving_average::moving_average,
};
use crate::{Result, Tensor, options::check};

/// m = β₁m + (1 − β₁)u; v = β₂v + (1 − β₂)u²; then m̂ / (√v̂ + ε), where m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), and t counts
/// the steps of the parameter from 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScaleByAdam {
    /// β₁ and β₂.
    pub betas: Betas,
    /// ε.
    pub eps: f64,
}

const MEAN: &str = "mu";
const SQUARES: &str = "nu";
const COUNT: &str = "count";

impl ScaleByAdam {
    pub(super) const NAME: &str = "scale_by_adam";
}

impl GradientTransform for ScaleByAdam {
    fn init(&self, shape: &[usize]) -> Result<Slots> {
        Ok(Slots::default().zeros(MEAN, shape).zeros(SQUARES, shape).counter(COUNT, 0))
    }

    fn check(&self) -> Result<()> {
        check(Self::NAME, "betas", &self.betas, &(0.0..1.0), None)?;
        check(Self::NAME, "eps", &self.eps, &(0.0..), None)
    }

    fn update(&self, update: Tensor, kept: Slots, _target: &UpdateTarget) -> Result<Passing> {
        let Betas([beta1, beta2]) = self.betas;
        let count = kept.count(COUNT) + 1;
        let mean = moving_average(&kept, MEAN, beta1, &update)?;
        let squares = moving_average(&kept, SQUARES, beta2, &update.mul(&update)?)?;
        let share = |beta: f64| 1.0 - beta.powf(count as f64);
        let root = squares.mul_scalar(1.0 / share(beta2))?.sqrt()?.add_scalar(self.eps)?;
        let next = mean.mul_scalar(1.0 / share(beta1))?.div(&root)?;
        Ok((next, kept.tensor(MEAN, mean).tensor(SQUARES, squares).counter(COUNT, count)))
    }
}
