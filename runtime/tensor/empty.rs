//! Tensors without elements: a dim of theirs is 0. A device allocates nothing for them, so what lies below one is a
//! placeholder, and no operation hands it to Burn. As in PyTorch, an elementwise operation gives none again, a sum over
//! nothing is 0, a mean NaN, and an extreme an error.

use burn_backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn_dispatch::Dispatch;

use super::{DType, Kind, Tensor};
use crate::{Device, Error, Result, position::number, tape::record};

impl Tensor {
    /// A tensor of a shape with a dim of 0.
    pub(super) fn without_any(dtype: DType, shape: &[usize], device: &Device) -> Result<Self> {
        dtype.check("tensor", device)?;
        let dims = [1].into();
        let raw = match dtype.kind() {
            Kind::Float => Dispatch::float_zeros(dims, device.raw(), dtype.floats()),
            Kind::Int => Dispatch::int_zeros(dims, device.raw(), dtype.ints()),
            Kind::Bool => Dispatch::bool_zeros(dims, device.raw(), device.bools()),
        };
        Ok(Self::wrap(raw, dtype.kind(), shape.to_vec(), device))
    }

    /// The same of another shape and format.
    pub(super) fn without_elements(&self, dtype: DType, shape: &[usize]) -> Result<Self> {
        Self::without_any(dtype, shape, self.device())
    }

    /// What a reduction over no element gives: a value of a format everywhere in a shape.
    pub(super) fn of_nothing(&self, value: f64, dtype: DType, shape: &[usize]) -> Result<Self> {
        Self::filled("full", value, shape, dtype, self.device())
    }

    /// The result of an operation where this or that has no elements, so that no gradient is other than 0.
    pub(super) fn none_made(&self, op: &'static str, shape: &[usize]) -> Result<Self> {
        let own = self.detach();
        let output = self.of_nothing(0.0, self.dtype(), shape)?;
        Ok(record(op, [self], output, |_| move |_, _| Ok([Some(own.zeros_like()?)])))
    }

    /// Zeros of the same shape and format on the same device.
    pub fn zeros_like(&self) -> Result<Self> {
        Self::filled("zeros", 0.0, self.shape(), self.dtype(), self.device())
    }

    /// An error where an extreme of nothing is asked for.
    pub(super) fn want_extremes(&self, op: &'static str, dim: Option<usize>) -> Result<()> {
        let reason = match dim {
            None if self.is_empty() => "a tensor without elements has none".into(),
            Some(dim) if self.shape()[dim] == 0 => format!("dim {} has no elements", number(dim)),
            _ => return Ok(()),
        };
        Err(Error::State { op, reason: format!("{reason}; its shape is {:?}", self.shape()) })
    }
}
