//! Adagrad's step.

use serde::{Deserialize, Serialize};

use super::{GradientTransform, Slots, UpdateTarget, gradient_transform::Passing};
use crate::{Result, Tensor, options::check};

/// s += u²; then u / ((1 + (t − 1)·δ) · (√s + ε)), where s begins with a value and t counts the steps of the parameter
/// from 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScaleByRss {
    /// What the sum of squares begins with.
    #[serde(default)]
    pub initial_accumulator_value: f64,
    /// δ: how fast steps become shorter besides.
    #[serde(default)]
    pub lr_decay: f64,
    /// ε.
    pub eps: f64,
}

const SQUARES: &str = "sum_of_squares";
const COUNT: &str = "count";

impl ScaleByRss {
    pub(super) const NAME: &str = "scale_by_rss";
}

impl GradientTransform for ScaleByRss {
    fn init(&self, shape: &[usize]) -> Result<Slots> {
        Ok(Slots::default().zeros(SQUARES, shape).counter(COUNT, 0))
    }

    fn check(&self) -> Result<()> {
        check(Self::NAME, "initial_accumulator_value", &self.initial_accumulator_value, &(0.0..), None)?;
        check(Self::NAME, "lr_decay", &self.lr_decay, &(0.0..), None)?;
        check(Self::NAME, "eps", &self.eps, &(0.0..), None)
    }

    fn update(&self, update: Tensor, kept: Slots, _target: &UpdateTarget) -> Result<Passing> {
        let squares = update.mul(&update)?;
        let sum = match kept.get(SQUARES) {
            Some(sum) => sum.add(&squares)?,
            None => squares.add_scalar(self.initial_accumulator_value)?,
        };
        let count = kept.count(COUNT);
        let shorter = 1.0 / (1.0 + count as f64 * self.lr_decay);
        let next = update.mul_scalar(shorter)?.div(&sum.sqrt()?.add_scalar(self.eps)?)?;
        Ok((next, kept.tensor(SQUARES, sum).counter(COUNT, count + 1)))
    }
}
