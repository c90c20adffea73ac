//! Binary cross-entropy of probabilities, with PyTorch's gradients where they are 0 or 1.

use super::Tensor;
use crate::{
    Result,
    tape::{Step, record},
};

/// No logarithm counts as smaller.
const LEAST_LOGARITHM: f64 = -100.0;
/// No variance x (1 − x) counts as smaller.
const LEAST_VARIANCE: f64 = 1e-12;

impl Tensor {
    /// −(y · ln x + (1 − y) · ln(1 − x)) of probabilities x and targets y of one shape; no logarithm is under −100.
    ///
    /// # Errors
    /// Shapes that differ.
    pub fn binary_cross_entropy(&self, target: &Self) -> Result<Self> {
        let [own, target] = self.promoted_floats(target)?;
        let (own, target) = (own.into_owned(), target.into_owned());
        let (x, y) = (own.detach(), target.detach());
        let [log, rest] = logarithms(&x)?;
        let output = y.sub_scalar(1.0)?.mul(&rest)?.sub(&y.mul(&log)?)?;
        Ok(record("binary_cross_entropy", [&own, &target], output, |tape| {
            let (x, y) = (tape.keep(&own), tape.keep(&target));
            move |by: Self, step: &Step<'_, Self>| {
                let (x, y) = (x.get(step)?, y.get(step)?);
                let by_input = || {
                    let variance = x.neg()?.add_scalar(1.0)?.mul(&x)?.clamp_min(LEAST_VARIANCE)?;
                    by.mul(&x.sub(&y)?)?.div(&variance)
                };
                let by_target = || {
                    let [log, rest] = logarithms(&x)?;
                    by.mul(&rest.sub(&log)?)
                };
                Ok([step.of(0, by_input)?, step.of(1, by_target)?])
            }
        }))
    }
}

/// ln x and ln(1 − x), neither under −100.
fn logarithms(x: &Tensor) -> Result<[Tensor; 2]> {
    Ok([x.log()?.clamp_min(LEAST_LOGARITHM)?, x.neg()?.log1p()?.clamp_min(LEAST_LOGARITHM)?])
}
