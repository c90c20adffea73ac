//! Floats in even steps.

use super::{Tensor, shape};
use crate::{Device, Error, Result, memory};

impl Tensor {
    /// `count` floats in even steps from first to last, both included; first alone where count is 1.
    ///
    /// # Errors
    /// A count that no tensor has room for.
    pub fn linspace(first: f64, last: f64, count: usize, device: &Device) -> Result<Self> {
        Self::in_steps("linspace", [first, last], count, device, |value| value)
    }

    /// The base to the power of what [`Tensor::linspace`] gives.
    ///
    /// # Errors
    /// As [`Tensor::linspace`]; a base that is not over 0.
    pub fn logspace(first: f64, last: f64, count: usize, base: f64, device: &Device) -> Result<Self> {
        if !(base > 0.0 && base.is_finite()) {
            return Err(Error::argument("logspace", "base", "over 0", base));
        }
        Self::in_steps("logspace", [first, last], count, device, |value| base.powf(value))
    }

    fn in_steps(
        op: &'static str,
        [first, last]: [f64; 2],
        count: usize,
        device: &Device,
        of: impl Fn(f64) -> f64,
    ) -> Result<Self> {
        shape::check(op, &[count])?;
        let step = (last - first) / count.saturating_sub(1).max(1) as f64;
        // From the nearer end, so that both are exact.
        let value = |place: usize| match place < count.div_ceil(2) {
            true => first + step * place as f64,
            false => last - step * (count - 1 - place) as f64,
        };
        let mut values = memory::list(op, count)?;
        values.extend((0..count).map(|place| of(value(place)) as f32));
        Self::from_floats(values, &[count], device)
    }
}
