//! RMSprop's step.

use serde::{Deserialize, Serialize};

use super::{GradientTransform, Slots, UpdateTarget, gradient_transform::Passing, moving_average::moving_average};
use crate::{Result, Tensor, options::check};

/// v = αv + (1 − α)u²; then u / (√v + ε). Centred, with m = αm + (1 − α)u, u / (√(v − m²) + ε).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScaleByRms {
    /// α: the share of the mean of squares that stays.
    pub decay: f64,
    /// ε.
    pub eps: f64,
    /// Whether the root is that of the variance.
    #[serde(default)]
    pub centered: bool,
}

const MEAN: &str = "mu";
const SQUARES: &str = "nu";

impl ScaleByRms {
    pub(super) const NAME: &str = "scale_by_rms";
}

impl GradientTransform for ScaleByRms {
    fn init(&self, shape: &[usize]) -> Result<Slots> {
        let slots = Slots::default().zeros(SQUARES, shape);
        Ok(if self.centered { slots.zeros(MEAN, shape) } else { slots })
    }

    fn check(&self) -> Result<()> {
        check(Self::NAME, "decay", &self.decay, &(0.0..1.0), None)?;
        check(Self::NAME, "eps", &self.eps, &(0.0..), None)
    }

    fn update(&self, update: Tensor, kept: Slots, _target: &UpdateTarget) -> Result<Passing> {
        let squares = moving_average(&kept, SQUARES, self.decay, &update.mul(&update)?)?;
        if !self.centered {
            let next = update.div(&squares.sqrt()?.add_scalar(self.eps)?)?;
            return Ok((next, kept.tensor(SQUARES, squares)));
        }
        let mean = moving_average(&kept, MEAN, self.decay, &update)?;
        let next = update.div(&squares.sub(&mean.mul(&mean)?)?.sqrt()?.add_scalar(self.eps)?)?;
        Ok((next, kept.tensor(SQUARES, squares).tensor(MEAN, mean)))
    }
}
