//! Reductions over all elements or over one dim, and the positions of extremes.

use burn_backend::ops::{FloatTensorOps, IntTensorOps};
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{Kind, Tensor, shape};
use crate::{Error, Result};

type Whole = fn(DispatchTensor) -> DispatchTensor;
type AlongDim = fn(DispatchTensor, usize) -> DispatchTensor;

impl Tensor {
    /// Sum over all elements or over a dim, which `keep` leaves as 1. Of a bool tensor: the count as int.
    pub fn sum(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        match self.kind {
            Kind::Float => self.reduce("sum", dim, keep, Dispatch::float_sum, Dispatch::float_sum_dim),
            _ => self.cast(Kind::Int)?.reduce("sum", dim, keep, Dispatch::int_sum, Dispatch::int_sum_dim),
        }
    }

    /// Mean over all elements or over a dim, as float.
    pub fn mean(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        self.cast(Kind::Float)?.reduce("mean", dim, keep, Dispatch::float_mean, Dispatch::float_mean_dim)
    }

    /// Variance over all elements or over a dim, unbiased (divided by n − 1) unless `biased`.
    ///
    /// # Errors
    /// The unbiased variance of a single element.
    pub fn var(&self, dim: Option<usize>, keep: bool, biased: bool) -> Result<Self> {
        self.variance("var", dim, keep, biased)
    }

    /// The square root of [`Tensor::var`].
    pub fn std(&self, dim: Option<usize>, keep: bool, biased: bool) -> Result<Self> {
        self.variance("std", dim, keep, biased)?.sqrt()
    }

    fn variance(&self, op: &'static str, dim: Option<usize>, keep: bool, biased: bool) -> Result<Self> {
        let count = match dim {
            Some(dim) => {
                shape::check_dim(op, &self.shape, dim)?;
                self.shape[dim]
            }
            None => self.len(),
        };
        if !biased && count < 2 {
            let want = "the unbiased variance wants at least 2 elements".into();
            return Err(Error::Shape { op: op.into(), want, got: self.shape.clone() });
        }
        let mean = match dim {
            Some(dim) => self.mean(Some(dim), true)?,
            None => self.mean(None, false)?,
        };
        let centred = self.sub(&mean)?;
        let divisor = if biased { count } else { count - 1 };
        centred.mul(&centred)?.sum(dim, keep)?.div_scalar(divisor as f64)
    }

    /// The Euclidean norm over all elements or over a dim. Its gradient at 0 is 0, as PyTorch's.
    pub fn norm(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        self.want_float("norm")?;
        let squares = self.mul(self)?.sum(dim, keep)?;
        // √(0 + 1) − 1 where all are 0: the root's own gradient there is infinite.
        let zero = squares.eq_scalar(0.0)?.cast(Kind::Float)?;
        squares.add(&zero)?.sqrt()?.sub(&zero)
    }

    /// The largest element, overall or along a dim.
    pub fn max(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        match self.kind {
            Kind::Float => self.extreme("max", dim, keep, true),
            _ => self.cast(Kind::Int)?.reduce("max", dim, keep, Dispatch::int_max, Dispatch::int_max_dim),
        }
    }

    /// The smallest element, overall or along a dim.
    pub fn min(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        match self.kind {
            Kind::Float => self.extreme("min", dim, keep, false),
            _ => self.cast(Kind::Int)?.reduce("min", dim, keep, Dispatch::int_min, Dispatch::int_min_dim),
        }
    }

    /// An extreme through its position, so that the gradient goes to one element.
    fn extreme(&self, op: &'static str, dim: Option<usize>, keep: bool, largest: bool) -> Result<Self> {
        let Some(dim) = dim else {
            return self.reshape(&[self.len()])?.extreme(op, Some(0), keep, largest);
        };
        shape::check_dim(op, &self.shape, dim)?;
        let positions = if largest { self.argmax(dim, true)? } else { self.argmin(dim, true)? };
        let picked = self.gather_unchecked(dim, &positions)?;
        if keep { Ok(picked) } else { picked.squeeze(Some(dim)) }
    }

    /// The position of the largest element along a dim, counted from 0; of equals the first.
    pub fn argmax(&self, dim: usize, keep: bool) -> Result<Self> {
        self.position("argmax", dim, keep, Dispatch::float_argmax, Dispatch::int_argmax)
    }

    /// The position of the smallest element along a dim, counted from 0; of equals the first.
    pub fn argmin(&self, dim: usize, keep: bool) -> Result<Self> {
        self.position("argmin", dim, keep, Dispatch::float_argmin, Dispatch::int_argmin)
    }

    fn position(
        &self,
        op: &'static str,
        dim: usize,
        keep: bool,
        float: fn(DispatchTensor, usize, burn_backend::IntDType) -> DispatchTensor,
        int: AlongDim,
    ) -> Result<Self> {
        shape::check_dim(op, &self.shape, dim)?;
        let raw = match self.kind {
            Kind::Float => float(self.untracked_raw(), dim, self.device.ints()),
            // Burn's CPU device counts positions of ints in 64 bits.
            _ => Dispatch::int_cast(int(self.cast(Kind::Int)?.raw(), dim), self.device.ints()),
        };
        self.along(raw, Kind::Int, dim, keep)
    }

    /// The k largest elements along a dim in descending order, and their positions counted from 0.
    ///
    /// # Errors
    /// k is 0 or more than the dim holds.
    pub fn topk(&self, k: usize, dim: usize) -> Result<(Self, Self)> {
        self.want_float("topk")?;
        shape::check_dim("topk", &self.shape, dim)?;
        if k == 0 || k > self.shape[dim] {
            return Err(Error::argument("topk", "k", format!("1 to {}", self.shape[dim]), k));
        }
        let mut out = self.shape.clone();
        out[dim] = k;
        // The sort is done on the host: Burn's GPU sort reads back as well, and the order of equals is then one.
        let order = self.detach().sorted_positions(dim)?;
        let positions = order.slice(dim, 0, k)?;
        Ok((self.gather_unchecked(dim, &positions)?, positions))
    }

    /// Positions that sort a dim in descending order; equals keep their order, NaN comes first as in PyTorch.
    fn sorted_positions(&self, dim: usize) -> Result<Self> {
        let values = self.floats()?;
        let size = self.shape[dim];
        let stride: usize = self.shape[dim + 1..].iter().product();
        let mut positions = vec![0; values.len()];
        let mut order: Vec<usize> = Vec::with_capacity(size);
        for start in (0..values.len()).filter(|i| (i / stride).is_multiple_of(size)) {
            order.clear();
            order.extend(0..size);
            let value = |position: usize| values[start + position * stride];
            let by_value = |a: f32, b: f32| a.partial_cmp(&b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()));
            order.sort_by(|&a, &b| by_value(value(b), value(a)));
            for (rank, position) in order.iter().enumerate() {
                positions[start + rank * stride] = *position as i32;
            }
        }
        Self::from_ints(positions, &self.shape, &self.device)
    }

    fn reduce(&self, op: &'static str, dim: Option<usize>, keep: bool, whole: Whole, along: AlongDim) -> Result<Self> {
        let Some(dim) = dim else {
            let out = if keep { vec![1; self.rank()] } else { Vec::new() };
            return Ok(self.with(whole(self.raw()), self.kind, out.clone()).reshape_raw_to(&out));
        };
        shape::check_dim(op, &self.shape, dim)?;
        self.along(along(self.raw(), dim), self.kind, dim, keep)
    }

    /// Wraps a reduction along a dim, which Burn keeps as 1.
    fn along(&self, raw: DispatchTensor, kind: Kind, dim: usize, keep: bool) -> Result<Self> {
        let mut out = self.shape.clone();
        out[dim] = 1;
        let kept = self.with(raw, kind, out);
        if keep { Ok(kept) } else { kept.squeeze(Some(dim)) }
    }
}
