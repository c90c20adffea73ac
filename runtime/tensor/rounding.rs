//! What jumps: the integer part, the rest of a division with the sign of the dividend, a step at 0.

use burn_backend::ops::FloatTensorOps;
use burn_dispatch::Dispatch;

use super::{
    Kind, Tensor,
    cpu::{self, Arithmetic},
    functions::{Needs, functions},
    shape,
};
use crate::{
    Result,
    tape::{Step, record},
};

functions! {
    /// The integer part, as floats.
    float_trunc = cpu::trunc, Needs::Nothing;
}

impl Tensor {
    /// The integer part: rounded towards 0. Its gradient is 0. An int tensor is its own.
    ///
    /// # Errors
    /// A bool tensor.
    pub fn trunc(&self) -> Result<Self> {
        if self.kind() == Kind::Int { Ok(self.clone()) } else { self.float("trunc")?.float_trunc() }
    }

    /// What is behind the point, x − trunc x. Its gradient is 1.
    ///
    /// # Errors
    /// A tensor that is not float.
    pub fn frac(&self) -> Result<Self> {
        self.want_float("frac")?;
        self.sub(&self.detach().trunc()?)
    }

    /// self − other · trunc(self / other): the sign is that of self. Shapes broadcast. The gradient flows to self and
    /// other as in PyTorch. Of two int tensors an int tensor.
    ///
    /// # Errors
    /// Ints divided by 0, on the CPU; a GPU gives any number.
    pub fn fmod(&self, other: &Self) -> Result<Self> {
        const OP: &str = "fmod";
        let [own, others] = self.promoted(other)?;
        let (own, other) = (&*own, &*others);
        let (left, right) = (own.detach(), other.detach());
        if own.kind() == Kind::Int {
            return left.arithmetic(OP, &right, Dispatch::float_remainder, Some(Arithmetic::Rest));
        }
        let elsewhere = |left: &Self, right: &Self| {
            let rest = left.abs()?.remainder(&right.abs()?)?;
            Self::select_where(&left.lt_scalar(0.0)?, &rest.neg()?, &rest)
        };
        let rest = own.pair_own(OP, other, cpu::fmod, elsewhere)?;
        let operands = [own, other];
        if !operands.iter().any(|tensor| tensor.is_tracked()) {
            return Ok(rest);
        }
        let quotient = left.div(&right)?.trunc()?;
        Ok(record(OP, operands, rest, |tape| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            let quotient = tape.keep(&quotient);
            move |by: Self, step: &Step<'_, Self>| {
                let by_divisor = || by.mul(&quotient.get(step)?)?.sum_to(&shapes[1])?.neg();
                Ok([step.of(0, || by.sum_to(&shapes[0]))?, step.of(1, by_divisor)?])
            }
        }))
    }

    /// 0 below 0, 1 above, `at_0` at 0; NaN is below. Shapes broadcast. It has no gradient.
    pub fn heaviside(&self, at_0: &Self) -> Result<Self> {
        let (x, at_0) = (self.detach(), at_0.detach());
        let above = x.gt_scalar(0.0)?.to_dtype(x.dtype().promote(at_0.dtype()))?;
        Self::select_where(&x.eq_scalar(0.0)?, &at_0, &above)
    }

    /// The result alone of a function of [`cpu`]'s own of two float tensors of one format; of tensors that it leaves alone, what
    /// `elsewhere` makes. Shapes broadcast.
    pub(super) fn pair_own(
        &self,
        op: &'static str,
        other: &Self,
        own: fn(burn_dispatch::DispatchTensor, burn_dispatch::DispatchTensor) -> Option<burn_dispatch::DispatchTensor>,
        elsewhere: impl FnOnce(&Self, &Self) -> Result<Self>,
    ) -> Result<Self> {
        self.want_device(op, other)?;
        let out = shape::broadcast(op, self.shape(), other.shape())?;
        let (left, right) = (self.detach(), other.detach());
        if out.contains(&0) {
            return self.without_elements(self.dtype(), &out);
        }
        let operand = |tensor: &Self| match tensor.rank() == out.len() {
            true => tensor.raw_in_any_order(),
            false => tensor.raw_as(&shape::pad(tensor.shape(), out.len())),
        };
        match own(operand(&left), operand(&right)) {
            Some(raw) => Ok(self.with(raw, Kind::Float, out)),
            None => elsewhere(&left, &right),
        }
    }
}
