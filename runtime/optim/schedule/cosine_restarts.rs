//! Half a cosine again and again: SGDR (Loshchilov and Hutter, ICLR 2017), as PyTorch's CosineAnnealingWarmRestarts.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use super::{finite::check_finite, length::Length};
use crate::{Error, Result};

/// last + (first − last)(1 + cos(πt/T))/2, where t counts from the last restart and T is `growth` times as long each
/// time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CosineRestarts {
    first: f64,
    last: f64,
    period: Length,
    growth: f64,
}

impl CosineRestarts {
    /// The first period is a share of all steps if below 1, else a number of steps.
    ///
    /// # Errors
    /// What is not finite; no period; periods that become shorter.
    pub(super) fn new(first: f64, last: f64, period: f64, growth: f64) -> Result<Self> {
        const OP: &str = "cosine_restarts";
        check_finite(OP, [("first", first), ("last", last), ("growth", growth)])?;
        if growth < 1.0 {
            return Err(Error::argument(OP, "growth", "at least 1", growth));
        }
        Ok(Self { first, last, period: Length::positive(OP, "period", period)?, growth })
    }

    pub(super) fn at(&self, step: u64, total: u64) -> f64 {
        let period = self.period.at_least_one(total) as f64;
        let step = step as f64;
        let (since, period) = if self.growth == 1.0 {
            (step % period, period)
        } else {
            // Periods 0 … n − 1 are period (growthⁿ − 1)/(growth − 1) steps.
            let before = |count: f64| period * (self.growth.powf(count) - 1.0) / (self.growth - 1.0);
            let mut count = (step / period * (self.growth - 1.0) + 1.0).log(self.growth).floor();
            // The logarithm may be a rounding off where a period begins.
            while before(count + 1.0) <= step {
                count += 1.0;
            }
            while before(count) > step {
                count -= 1.0;
            }
            (step - before(count), period * self.growth.powf(count))
        };
        self.last + (self.first - self.last) * (1.0 + (PI * since / period).cos()) / 2.0
    }
}
