//! Reductions over all elements or over one dim, and the positions of extremes.

use burn_backend::ops::{FloatTensorOps, IntTensorOps};
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{Kind, Tensor, reshape_raw, shape};
use crate::{Error, Result, tape::record};

type Whole = fn(DispatchTensor) -> DispatchTensor;
type AlongDim = fn(DispatchTensor, usize) -> DispatchTensor;

impl Tensor {
    /// Sum over all elements or over a dim, which `keep` leaves as 1. Of a bool tensor: the count as int.
    ///
    /// # Errors
    /// A sum of ints that does not fit 32 bits.
    pub fn sum(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        self.check_dim("sum", dim)?;
        match self.kind() {
            Kind::Float => self.float_sum(dim, keep),
            _ => self.int_sum(dim, keep),
        }
    }

    /// Mean over all elements or over a dim, as float.
    pub fn mean(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        self.check_dim("mean", dim)?;
        match self.kind() {
            Kind::Float => self.float_mean(dim, keep),
            _ => self.int_mean(dim, keep),
        }
    }

    fn check_dim(&self, op: &'static str, dim: Option<usize>) -> Result<()> {
        dim.map_or(Ok(()), |dim| shape::check_dim(op, self.shape(), dim))
    }

    /// The largest element, overall or along a dim. The gradient goes to the first of equals along a dim, and is shared
    /// out evenly among the equals of all elements, as PyTorch's.
    pub fn max(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        match self.kind() {
            Kind::Float => self.extreme("max", dim, keep, true),
            _ => self.cast(Kind::Int)?.reduce("max", dim, keep, Dispatch::int_max, Dispatch::int_max_dim),
        }
    }

    /// The smallest element, overall or along a dim. Its gradient is as that of [`Tensor::max`].
    pub fn min(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        match self.kind() {
            Kind::Float => self.extreme("min", dim, keep, false),
            _ => self.cast(Kind::Int)?.reduce("min", dim, keep, Dispatch::int_min, Dispatch::int_min_dim),
        }
    }

    /// An extreme through its position: so that NaN comes through, and along a dim the gradient goes to one element.
    fn extreme(&self, op: &'static str, dim: Option<usize>, keep: bool, largest: bool) -> Result<Self> {
        let Some(dim) = dim else {
            let all = self.detach().reshape(&[self.len()])?;
            let value = all.extreme(op, Some(0), false, largest)?;
            let output = value.reshape(&self.reduced(None, keep))?;
            return Ok(record(op, [self], output, |tape| {
                let (values, value) = (tape.keep(&self.detach()), tape.keep(&value));
                move |by: Self, step| {
                    let (values, value) = (values.get(step)?, value.get(step)?);
                    // NaN equals nothing, not even itself, and is the extreme where it occurs.
                    let both_nan = values.ne(&values)?.logical_and(&value.ne(&value)?)?;
                    let chosen = values.eq(&value)?.logical_or(&both_nan)?.cast(Kind::Float)?;
                    let share = by.reshape(&[])?.div(&chosen.float_sum(None, false)?)?;
                    Ok([Some(chosen.mul(&share)?)])
                }
            }));
        };
        shape::check_dim(op, self.shape(), dim)?;
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
        shape::check_dim(op, self.shape(), dim)?;
        let raw = match self.kind() {
            Kind::Float => float(self.raw(), dim, self.device().ints()),
            // Burn's CPU device counts positions of ints in 64 bits.
            _ => Dispatch::int_cast(int(self.cast(Kind::Int)?.raw(), dim), self.device().ints()),
        };
        self.along(raw, Kind::Int, dim, keep)
    }

    /// The k largest elements along a dim in descending order, and their positions counted from 0.
    ///
    /// # Errors
    /// k is 0 or more than the dim holds.
    pub fn topk(&self, k: usize, dim: usize) -> Result<(Self, Self)> {
        self.want_float("topk")?;
        shape::check_dim("topk", self.shape(), dim)?;
        if k == 0 || k > self.shape()[dim] {
            return Err(Error::argument("topk", "k", format!("1 to {}", self.shape()[dim]), k));
        }
        let mut out = self.shape().to_vec();
        out[dim] = k;
        // The sort is done on the host: Burn's GPU sort reads back as well, and the order of equals is then one.
        let order = self.detach().sorted_positions(dim)?;
        let positions = order.slice(dim, 0, k)?;
        Ok((self.gather_unchecked(dim, &positions)?, positions))
    }

    /// Positions that sort a dim in descending order; equals keep their order, NaN comes first as in PyTorch.
    fn sorted_positions(&self, dim: usize) -> Result<Self> {
        let values = self.floats()?;
        let size = self.shape()[dim];
        let stride: usize = self.shape()[dim + 1..].iter().product();
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
        Self::from_ints(positions, self.shape(), self.device())
    }

    fn reduce(&self, op: &'static str, dim: Option<usize>, keep: bool, whole: Whole, along: AlongDim) -> Result<Self> {
        let Some(dim) = dim else {
            let out = if keep { vec![1; self.rank()] } else { Vec::new() };
            return Ok(self.with(reshape_raw(whole(self.raw()), self.kind(), &out), self.kind(), out));
        };
        shape::check_dim(op, self.shape(), dim)?;
        self.along(along(self.raw(), dim), self.kind(), dim, keep)
    }

    /// Wraps a reduction along a dim, which Burn keeps as 1.
    fn along(&self, raw: DispatchTensor, kind: Kind, dim: usize, keep: bool) -> Result<Self> {
        let mut out = self.shape().to_vec();
        out[dim] = 1;
        let kept = self.with(raw, kind, out);
        if keep { Ok(kept) } else { kept.squeeze(Some(dim)) }
    }
}
