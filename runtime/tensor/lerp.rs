//! Between two tensors.

use super::{Tensor, shape};
use crate::{
    Result,
    tape::{Step, record},
};

impl Tensor {
    /// self + weight · (end − self), from the nearer end, so that weights of 0 and 1 give self and end. Shapes broadcast.
    ///
    /// # Errors
    /// A tensor that is not float.
    pub fn lerp(&self, end: &Self, weight: &Self) -> Result<Self> {
        let operands = [self, end, weight];
        for operand in operands {
            operand.want_float("lerp")?;
            self.want_device("lerp", operand)?;
        }
        let dtype = operands.into_iter().fold(self.dtype(), |dtype, operand| dtype.promote(operand.dtype()));
        let dtype = if weight.rank() == 0 { self.dtype().promote(end.dtype()) } else { dtype };
        if operands.iter().any(|operand| operand.dtype() != dtype) {
            return self.to_dtype(dtype)?.lerp(&end.to_dtype(dtype)?, &weight.to_dtype(dtype)?);
        }
        let out = shape::broadcast("lerp", self.shape(), end.shape())?;
        let out = shape::broadcast("lerp", &out, weight.shape())?;
        let [first, last, share] = operands.map(Self::detach);
        let way = last.sub(&first)?;
        let from_first = first.add(&share.mul(&way)?)?;
        let from_last = last.sub(&way.mul(&share.neg()?.add_scalar(1.0)?)?)?;
        let output = Self::select_where(&share.abs()?.lt_scalar(0.5)?, &from_first, &from_last)?.expand(&out)?;
        Ok(record("lerp", operands, output, |tape| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            let kept = operands.map(|operand| tape.keep(operand));
            move |by: Self, step: &Step<'_, Self>| {
                let weight = kept[2].get(step)?;
                let by_weight = || by.mul(&kept[1].get(step)?.sub(&kept[0].get(step)?)?)?.sum_to(&shapes[2]);
                Ok([
                    step.of(0, || by.mul(&weight.neg()?.add_scalar(1.0)?)?.sum_to(&shapes[0]))?,
                    step.of(1, || by.mul(&weight)?.sum_to(&shapes[1]))?,
                    step.of(2, by_weight)?,
                ])
            }
        }))
    }

    /// The same with a number.
    pub fn lerp_scalar(&self, end: &Self, weight: f64) -> Result<Self> {
        self.lerp(end, &Self::scalar(weight, self.device())?)
    }
}
