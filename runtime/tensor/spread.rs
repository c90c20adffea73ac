//! How far values lie from their mean, or from 0: variance, standard deviation, Euclidean norm. The gradients of the
//! two roots are 0 where the root is, as PyTorch's.

use super::{
    Kind, Tensor,
    cpu::Statistic,
    operation::{Operation, Saved, record},
    shape,
};
use crate::{Error, Result};

impl Tensor {
    /// Variance over all elements or over a dim, unbiased (divided by n − 1) unless `biased`.
    ///
    /// # Errors
    /// The unbiased variance of a single element.
    pub fn var(&self, dim: Option<usize>, keep: bool, biased: bool) -> Result<Self> {
        self.variance("var", dim, keep, biased)
    }

    /// The square root of [`Tensor::var`]. Its gradient is 0 where all values are equal, as PyTorch's.
    pub fn std(&self, dim: Option<usize>, keep: bool, biased: bool) -> Result<Self> {
        self.variance("std", dim, keep, biased)
    }

    fn variance(&self, op: &'static str, dim: Option<usize>, keep: bool, biased: bool) -> Result<Self> {
        let values = self.cast(Kind::Float)?;
        if let Some(dim) = dim {
            shape::check_dim(op, &self.shape, dim)?;
        }
        let count = dim.map_or(self.len(), |dim| self.shape[dim]);
        if !biased && count < 2 {
            let want = "the unbiased variance wants at least 2 elements".into();
            return Err(Error::Shape { op: op.into(), want, got: self.shape.clone() });
        }
        let divisor = (if biased { count } else { count - 1 }) as f64;
        let is_root = op == "std";
        let statistic = if is_root { Statistic::Deviation { divisor } } else { Statistic::Variance { divisor } };
        let kept = match values.statistic(dim, statistic) {
            Some(found) => found,
            None if is_root => values.detach().variance_in_parts(dim, divisor)?.sqrt()?,
            None => values.detach().variance_in_parts(dim, divisor)?,
        };
        let output = kept.reshape(&self.reduced(dim, keep))?;
        let root = is_root.then(|| Saved::new(&kept));
        record(op, [&values], output, Variance { values: Saved::new(&values), root, dim, divisor })
    }

    /// The Euclidean norm over all elements or over a dim. Its gradient at 0 is 0, as PyTorch's.
    pub fn norm(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        self.want_float("norm")?;
        if let Some(dim) = dim {
            shape::check_dim("norm", &self.shape, dim)?;
        }
        let kept = match self.statistic(dim, Statistic::Norm) {
            Some(found) => found,
            None => self.detach().norm_in_parts(dim)?,
        };
        let output = kept.reshape(&self.reduced(dim, keep))?;
        record("norm", [self], output, Norm { values: Saved::new(self), norm: Saved::new(&kept) })
    }

    fn variance_in_parts(&self, dim: Option<usize>, divisor: f64) -> Result<Self> {
        let centred = self.sub(&self.float_mean(dim, true)?)?;
        let centred = centred.sub(&centred.float_mean(dim, true)?)?;
        centred.mul(&centred)?.sums(dim)?.div_scalar(divisor)
    }

    fn norm_in_parts(&self, dim: Option<usize>) -> Result<Self> {
        self.mul(self)?.sums(dim)?.sqrt()
    }

    /// Values divided by the root of their squares. The quotients stay small, however small both are; 0 where the root
    /// is 0.
    fn over_root(&self, root: &Self) -> Result<Self> {
        self.div(&root.masked_fill(&root.eq_scalar(0.0)?, f64::INFINITY)?)
    }
}

/// d var = 2 (x − mean) / divisor; through the root, that over 2 std.
#[derive(Clone, Debug)]
struct Variance {
    values: Saved,
    root: Option<Saved>,
    dim: Option<usize>,
    divisor: f64,
}

impl Operation<1> for Variance {
    fn backward(&self, by_output: &Tensor, _: [bool; 1]) -> Result<[Option<Tensor>; 1]> {
        let values = self.values.tensor();
        let by_output = by_output.reshape(&values.reduced(self.dim, true))?;
        // Twice: far from 0 a mean that is rounded is off by more than values lie apart.
        let centred = values.sub(&values.float_mean(self.dim, true)?)?;
        let centred = centred.sub(&centred.float_mean(self.dim, true)?)?;
        let by_values = match &self.root {
            Some(root) => centred.over_root(&root.tensor())?.mul(&by_output.div_scalar(self.divisor)?)?,
            None => centred.mul(&by_output.mul_scalar(2.0 / self.divisor)?)?,
        };
        Ok([Some(by_values)])
    }
}

/// d norm = x / norm.
#[derive(Clone, Debug)]
struct Norm {
    values: Saved,
    norm: Saved,
}

impl Operation<1> for Norm {
    fn backward(&self, by_output: &Tensor, _: [bool; 1]) -> Result<[Option<Tensor>; 1]> {
        let norm = self.norm.tensor();
        Ok([Some(self.values.tensor().over_root(&norm)?.mul(&by_output.reshape(norm.shape())?)?)])
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
            assert!(off(variance, values.var(dim, true, true).unwrap()) < 1e-6, "{dim:?}");
        }
    }
}
