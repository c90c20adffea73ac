//! Exponential moving averages, which several transforms keep.

use super::Slots;
use crate::{Result, Tensor};

/// βm + (1 − β)u, where m is what was kept under a name; 0 before the first step.
pub(super) fn moving_average(kept: &Slots, name: &str, beta: f64, new: &Tensor) -> Result<Tensor> {
    let new = new.mul_scalar(1.0 - beta)?;
    match kept.get(name) {
        Some(mean) => mean.mul_scalar(beta)?.add(&new),
        None => Ok(new),
    }
}
