//! Sums, means and extremes over any dims, and the positions of extremes.

use burn_backend::ops::{FloatTensorOps, IntTensorOps};
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{DType, Dims, Kind, Tensor, reshape_raw, shape};
use crate::{Result, tape::record};

type Whole = fn(DispatchTensor) -> DispatchTensor;
type AlongDim = fn(DispatchTensor, usize) -> DispatchTensor;

impl Tensor {
    /// Sum over dims, which `keep` leaves as 1. Of a bool tensor: the count as int.
    ///
    /// # Errors
    /// A sum of ints that does not fit 32 bits.
    pub fn sum(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        self.over("sum", dims, keep, |t, dim, keep| match t.kind() {
            Kind::Float => t.float_sum(dim, keep),
            _ => t.int_sum(dim, keep),
        })
    }

    /// Mean over dims, as float.
    pub fn mean(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        self.over("mean", dims, keep, |t, dim, keep| match t.kind() {
            Kind::Float => t.float_mean(dim, keep),
            _ => t.int_mean(dim, keep),
        })
    }

    /// The largest element over dims. The gradient goes to the first of equals along one dim, and is shared out evenly
    /// among the equals over several or all, as PyTorch's of max and amax.
    pub fn max(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        let dims = dims.into();
        let extreme = if dims.are_several() { Self::shared_extreme } else { Self::extreme };
        self.over("max", dims, keep, |t, dim, keep| extreme(t, "max", dim, keep, true))
    }

    /// The smallest element over dims. Its gradient is as that of [`Tensor::max`].
    pub fn min(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        let dims = dims.into();
        let extreme = if dims.are_several() { Self::shared_extreme } else { Self::extreme };
        self.over("min", dims, keep, |t, dim, keep| extreme(t, "min", dim, keep, false))
    }

    /// The largest element over dims. Its gradient is shared out evenly among equals, over one dim as well.
    pub fn amax(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        self.over("amax", dims, keep, |t, dim, keep| t.shared_extreme("amax", dim, keep, true))
    }

    /// The smallest element over dims. Its gradient is as that of [`Tensor::amax`].
    pub fn amin(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        self.over("amin", dims, keep, |t, dim, keep| t.shared_extreme("amin", dim, keep, false))
    }

    /// [`Tensor::amin`] and [`Tensor::amax`].
    pub fn aminmax(&self, dims: impl Into<Dims>, keep: bool) -> Result<(Self, Self)> {
        let dims = dims.into();
        Ok((self.amin(dims.clone(), keep)?, self.amax(dims, keep)?))
    }

    /// An extreme through its position: so that NaN comes through, and along a dim the gradient goes to one element.
    fn extreme(&self, op: &'static str, dim: Option<usize>, keep: bool, largest: bool) -> Result<Self> {
        self.want_extremes(op, dim)?;
        if self.is_empty() {
            return self.sum(dim, keep)?.cast(self.kind());
        }
        if self.kind() != Kind::Float {
            let ints = self.cast(Kind::Int)?;
            return match largest {
                true => ints.reduce(dim, keep, Dispatch::int_max, Dispatch::int_max_dim),
                false => ints.reduce(dim, keep, Dispatch::int_min, Dispatch::int_min_dim),
            };
        }
        let Some(dim) = dim else {
            let value = self.detach().reshape(&[self.len()])?.extreme(op, Some(0), false, largest)?;
            return self.shared_out(op, None, keep, &value, true);
        };
        let positions = if largest { self.argmax(dim, true)? } else { self.argmin(dim, true)? };
        let picked = self.gather_unchecked(dim, &positions)?;
        if keep { Ok(picked) } else { picked.squeeze(Some(dim)) }
    }

    fn shared_extreme(&self, op: &'static str, dim: Option<usize>, keep: bool, largest: bool) -> Result<Self> {
        if self.kind() != Kind::Float || self.is_empty() {
            return self.extreme(op, dim, keep, largest);
        }
        let value = match dim {
            Some(dim) => self.detach().extreme(op, Some(dim), true, largest)?,
            None => self.detach().reshape(&[self.len()])?.extreme(op, Some(0), false, largest)?,
        };
        self.shared_out(op, dim, keep, &value, false)
    }

    /// An element that was chosen over a dim or all, on the tape. Its gradient is shared out evenly among its equals; where
    /// it is NaN, among these, or is NaN itself, as PyTorch's of max and of amax.
    pub(super) fn shared_out(
        &self,
        op: &'static str,
        dim: Option<usize>,
        keep: bool,
        value: &Self,
        is_nan_shared: bool,
    ) -> Result<Self> {
        let (output, kept) = (value.reshape(&self.reduced(dim, keep))?, self.reduced(dim, true));
        let value = value.reshape(&kept)?;
        Ok(record(op, [self], output, |tape| {
            let (values, value) = (tape.keep(&self.detach()), tape.keep(&value));
            move |by: Self, step| {
                let (values, value) = (values.get(step)?, value.get(step)?);
                let mut chosen = values.eq(&value)?;
                if is_nan_shared {
                    // NaN equals nothing, not even itself, and is the extreme where it occurs.
                    chosen = chosen.logical_or(&values.ne(&values)?.logical_and(&value.ne(&value)?)?)?;
                }
                let chosen = chosen.cast(Kind::Float)?;
                let share = by.reshape(&kept)?.div(&chosen.float_sum(dim, true)?)?;
                Ok([Some(chosen.mul(&share)?)])
            }
        }))
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
        self.want_extremes(op, Some(dim))?;
        if self.is_empty() {
            return self.without_elements(DType::Int32, &self.reduced(Some(dim), keep));
        }
        let raw = match self.kind() {
            Kind::Float => float(self.raw(), dim, self.device().ints()),
            // Burn's CPU device counts positions of ints in 64 bits.
            _ => Dispatch::int_cast(int(self.cast(Kind::Int)?.raw(), dim), self.device().ints()),
        };
        self.along(raw, Kind::Int, dim, keep)
    }

    fn reduce(&self, dim: Option<usize>, keep: bool, whole: Whole, along: AlongDim) -> Result<Self> {
        let Some(dim) = dim else {
            let out = if keep { vec![1; self.rank()] } else { Vec::new() };
            return Ok(self.with(reshape_raw(whole(self.raw()), self.kind(), &out), self.kind(), out));
        };
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
