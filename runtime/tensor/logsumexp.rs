//! The logarithm of a sum of exponentials.

use super::{Dims, Kind, Tensor};
use crate::{Result, tape::record};

impl Tensor {
    /// ln Σ exp(x) over dims, without overflow; ints become float. −∞ where all are. Its gradient is the softmax.
    pub fn logsumexp(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        self.cast(Kind::Float)?.over("logsumexp", dims, keep, |t, dim, keep| {
            if t.is_empty() {
                let nothing = t.of_nothing(f64::NEG_INFINITY, t.dtype(), &t.reduced(dim, keep))?;
                let own = t.detach();
                return Ok(record("logsumexp", [t], nothing, |_| move |_, _| Ok([Some(own.zeros_like()?)])));
            }
            let values = t.detach();
            let largest = values.max(dim, true)?;
            let shift = largest.masked_fill(&largest.abs()?.eq_scalar(f64::INFINITY)?, 0.0)?;
            let output = values.sub(&shift)?.exp()?.sums(dim)?.log()?.add(&shift)?.reshape(&t.reduced(dim, keep))?;
            // Of the values, and not of values and output: a large output is rounded too much for that.
            Ok(record("logsumexp", [t], output, |tape| {
                let (values, shift, kept) = (tape.keep(t), tape.keep(&shift), t.reduced(dim, true));
                move |by: Self, step| {
                    let powers = values.get(step)?.sub(&shift.get(step)?)?.exp()?;
                    let share = by.reshape(&kept)?.div(&powers.float_sum(dim, true)?)?;
                    Ok([Some(powers.mul(&share)?)])
                }
            }))
        })
    }
}
