//! How far values lie from their mean, or from 0: variance, standard deviation, Euclidean norm. The gradients of the
//! two roots are 0 where the root is, as PyTorch's.

use super::{Dims, Kind, Tensor, cpu::Statistic};
use crate::{Error, Result, tape::record};

impl Tensor {
    /// Variance over dims, divided by n − correction: 1 for the unbiased variance, 0 for the biased one.
    ///
    /// # Errors
    /// No more elements than the correction takes away.
    pub fn var(&self, dims: impl Into<Dims>, keep: bool, correction: f64) -> Result<Self> {
        self.over("var", dims, keep, |t, dim, keep| t.variance("var", dim, keep, correction))
    }

    /// The square root of [`Tensor::var`]. Its gradient is 0 where all values are equal, as PyTorch's.
    pub fn std(&self, dims: impl Into<Dims>, keep: bool, correction: f64) -> Result<Self> {
        self.over("std", dims, keep, |t, dim, keep| t.variance("std", dim, keep, correction))
    }

    fn variance(&self, op: &'static str, dim: Option<usize>, keep: bool, correction: f64) -> Result<Self> {
        if !correction.is_finite() {
            return Err(Error::argument(op, "correction", "finite", correction));
        }
        let values = self.cast(Kind::Float)?;
        let count = dim.map_or(self.len(), |dim| self.shape()[dim]);
        let divisor = count as f64 - correction;
        if divisor <= 0.0 {
            let want = match correction {
                1.0 => "the unbiased variance wants at least 2 elements".into(),
                _ => format!("the variance with correction {correction} wants more than {correction} elements"),
            };
            return Err(Error::Shape { op: op.into(), want, got: self.shape().to_vec() });
        }
        let is_root = op == "std";
        let statistic = if is_root { Statistic::Deviation { divisor } } else { Statistic::Variance { divisor } };
        let kept = match values.statistic(dim, statistic) {
            Some(found) => found,
            None if is_root => values.detach().variance_in_parts(dim, divisor)?.sqrt()?,
            None => values.detach().variance_in_parts(dim, divisor)?,
        };
        let output = kept.reshape(&self.reduced(dim, keep))?;
        // d var = 2 (x − mean) / divisor; through the root, that over 2 std.
        Ok(record(op, [&values], output.clone(), |tape| {
            let (values, root) = (tape.keep(&values), is_root.then(|| tape.keep_output(&output, 0)));
            move |by: Self, step| {
                let values = values.get(step)?;
                let kept = values.reduced(dim, true);
                let by = by.reshape(&kept)?;
                // Twice: far from 0 a mean that is rounded is off by more than values lie apart.
                let centred = values.sub(&values.float_mean(dim, true)?)?;
                let centred = centred.sub(&centred.float_mean(dim, true)?)?;
                Ok([Some(match &root {
                    Some(root) => centred.along_root(&root.get(step)?.reshape(&kept)?, &by.div_scalar(divisor)?)?,
                    None => centred.mul(&by.mul_scalar(2.0 / divisor)?)?,
                })])
            }
        }))
    }

    /// The Euclidean norm over dims. Its gradient at 0 is 0, as PyTorch's.
    pub fn norm(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        self.want_float("norm")?;
        self.over("norm", dims, keep, Self::euclidean)
    }

    fn euclidean(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        let kept = match self.statistic(dim, Statistic::Norm) {
            Some(found) => found,
            None => self.detach().norm_in_parts(dim)?,
        };
        let output = kept.reshape(&self.reduced(dim, keep))?;
        // d norm = x / norm.
        Ok(record("norm", [self], output.clone(), |tape| {
            let (values, norm) = (tape.keep(self), tape.keep_output(&output, 0));
            move |by: Self, step| {
                let values = values.get(step)?;
                let kept = values.reduced(dim, true);
                Ok([Some(values.along_root(&norm.get(step)?.reshape(&kept)?, &by.reshape(&kept)?)?)])
            }
        }))
    }

    fn variance_in_parts(&self, dim: Option<usize>, divisor: f64) -> Result<Self> {
        let centred = self.sub(&self.float_mean(dim, true)?)?;
        let centred = centred.sub(&centred.float_mean(dim, true)?)?;
        centred.mul(&centred)?.sums(dim)?.div_scalar(divisor)
    }

    fn norm_in_parts(&self, dim: Option<usize>) -> Result<Self> {
        self.mul(self)?.sums(dim)?.sqrt()
    }

    /// Values divided by the root of their squares, times the gradient by the root. The quotients stay small, however
    /// small both are; 0 where the root is 0, whatever the gradient is there.
    fn along_root(&self, root: &Self, by: &Self) -> Result<Self> {
        let is_zero = root.eq_scalar(0.0)?;
        self.div(&root.masked_fill(&is_zero, f64::INFINITY)?)?.mul(&by.masked_fill(&is_zero, 0.0)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        rng::{DrawKey, Stream},
    };

    #[test]
    fn of_operations_that_any_device_has_they_are_what_the_cpu_computes_at_once() {
        let values = Tensor::randn(&[7, 130, 3], Stream::new(8, "x"), DrawKey::default(), &Device::cpu()).unwrap();
        for dim in [None, Some(0), Some(1), Some(2)] {
            let off = |ours: Tensor, want: Tensor| {
                assert_eq!(ours.shape(), want.shape());
                ours.sub(&want).unwrap().div(&want).unwrap().abs().unwrap().max(None, false).unwrap().item().unwrap()
            };
            assert!(off(values.norm_in_parts(dim).unwrap(), values.norm(dim, true).unwrap()) < 5e-7);
            let count = dim.map_or(values.len(), |dim| values.shape()[dim]) as f64;
            let variance = values.variance_in_parts(dim, count).unwrap();
            assert!(off(variance, values.var(dim, true, 0.0).unwrap()) < 1e-6, "{dim:?}");
        }
    }
}
