//! Truth values: not, and, or, with broadcasting.

use burn_backend::ops::BoolTensorOps;
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{DType, Kind, Tensor, shape};
use crate::Result;

type Combine = fn(DispatchTensor, DispatchTensor) -> DispatchTensor;

impl Tensor {
    /// Truth negated.
    pub fn logical_not(&self) -> Result<Self> {
        self.want("logical_not", Kind::Bool)?;
        if self.is_empty() {
            return Ok(self.clone());
        }
        Ok(self.with(Dispatch::bool_not(self.raw()), Kind::Bool, self.shape().to_vec()))
    }

    /// True where both are.
    pub fn logical_and(&self, other: &Self) -> Result<Self> {
        self.logical("logical_and", other, Dispatch::bool_and)
    }

    /// True where one is.
    pub fn logical_or(&self, other: &Self) -> Result<Self> {
        self.logical("logical_or", other, Dispatch::bool_or)
    }

    /// True where one is and the other is not.
    pub fn logical_xor(&self, other: &Self) -> Result<Self> {
        self.logical("logical_xor", other, Dispatch::bool_xor)
    }

    fn logical(&self, op: &'static str, other: &Self, combine: Combine) -> Result<Self> {
        self.want(op, Kind::Bool)?;
        other.want(op, Kind::Bool)?;
        let out = shape::broadcast(op, self.shape(), other.shape())?;
        if out.contains(&0) {
            return self.without_elements(DType::Bool, &out);
        }
        Ok(self.with(combine(self.expand(&out)?.raw(), other.expand(&out)?.raw()), Kind::Bool, out))
    }
}
