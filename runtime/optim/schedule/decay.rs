//! Schedules that go down by a factor.

use serde::{Deserialize, Serialize};

use super::{finite::check_finite, length::Length};
use crate::{Error, Result};

/// base · factorᵏ, where k is how often something has happened. As PyTorch's StepLR, MultiStepLR and ExponentialLR.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decay {
    base: f64,
    factor: f64,
    by: By,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    /// k = ⌊t / every⌋.
    Stairs(Length),
    /// k = t / every.
    Slope(Length),
    /// k milestones are not after t.
    Milestones(Vec<Length>),
}

impl Decay {
    fn new(op: &str, base: f64, factor: f64, by: By) -> Result<Self> {
        check_finite(op, [("base", base), ("factor", factor)])?;
        Ok(Self { base, factor, by })
    }

    /// At once, each time that a stretch is over. Errors for what is not finite, and for a stretch of no steps.
    pub(super) fn stairs(base: f64, factor: f64, every: f64) -> Result<Self> {
        Self::new("step", base, factor, By::Stairs(Length::positive("step", "every", every)?))
    }

    /// Little by little, a whole factor in each stretch. Errors as [`Decay::stairs`], and for a negative factor, which has no
    /// part of a power.
    pub(super) fn slope(base: f64, factor: f64, every: f64) -> Result<Self> {
        if factor < 0.0 {
            return Err(Error::argument("exponential", "factor", "a number of at least 0", factor));
        }
        Self::new("exponential", base, factor, By::Slope(Length::positive("exponential", "every", every)?))
    }

    /// At milestones, in any order. Errors as [`Decay::stairs`].
    pub(super) fn milestones(base: f64, factor: f64, milestones: &[f64]) -> Result<Self> {
        let name = |position| format!("milestones[{}]", crate::position::number(position));
        let milestone = |(position, length): (usize, &f64)| Length::new("multi_step", &name(position), *length);
        let milestones = milestones.iter().enumerate().map(milestone).collect::<Result<_>>()?;
        Self::new("multi_step", base, factor, By::Milestones(milestones))
    }

    pub(super) fn at(&self, step: u64, total: u64) -> f64 {
        let times = match &self.by {
            By::Stairs(every) => (step / every.at_least_one(total)) as f64,
            By::Slope(every) => step as f64 / every.at_least_one(total) as f64,
            By::Milestones(milestones) => milestones.iter().filter(|it| it.steps(total) <= step).count() as f64,
        };
        self.base * self.factor.powf(times)
    }
}
