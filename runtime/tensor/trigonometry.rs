//! Trigonometric and hyperbolic functions and their inverses, besides sin, cos and tanh.

use super::{
    Tensor, cpu,
    functions::{Needs, functions},
};
use crate::{
    Result,
    tape::{Step, record},
};

functions! {
    /// tan x.
    tan = cpu::tan, Needs::Output(|y, by| by.mul(&y.mul(y)?.add_scalar(1.0)?));
    /// The inverse of sin, in −π/2 … π/2; NaN outside of −1 … 1.
    asin = cpu::asin, Needs::Input(|x, by| by.mul(&x.under_square()?.rsqrt()?));
    /// The inverse of cos, in 0 … π; NaN outside of −1 … 1.
    acos = cpu::acos, Needs::Input(|x, by| by.mul(&x.under_square()?.rsqrt()?)?.neg());
    /// The inverse of tan, in −π/2 … π/2.
    atan = cpu::atan, Needs::Input(|x, by| by.div(&x.mul(x)?.add_scalar(1.0)?));
    /// The hyperbolic sine.
    sinh = cpu::sinh, Needs::Input(|x, by| by.mul(&x.cosh()?));
    /// The hyperbolic cosine.
    cosh = cpu::cosh, Needs::Input(|x, by| by.mul(&x.sinh()?));
    /// The inverse of sinh.
    asinh = cpu::asinh, Needs::Input(|x, by| by.div(&x.hypot(&Tensor::scalar(1.0, x.device())?)?));
    /// The inverse of cosh, from 0; NaN below 1.
    acosh = cpu::acosh, Needs::Input(|x, by| by.mul(&x.sub_scalar(1.0)?.mul(&x.add_scalar(1.0)?)?.rsqrt()?));
    /// The inverse of tanh; NaN outside of −1 … 1.
    atanh = cpu::atanh, Needs::Input(|x, by| by.div(&x.under_square()?));
}

impl Tensor {
    /// 1 − x², which keeps its digits about ±1.
    fn under_square(&self) -> Result<Self> {
        self.neg()?.add_scalar(1.0)?.mul(&self.add_scalar(1.0)?)
    }

    /// The angle of the point (other, self) from the first axis, in −π … π, as floats: self is y, other is x. Shapes
    /// broadcast. At the origin the gradient is 0.
    pub fn atan2(&self, other: &Self) -> Result<Self> {
        let [left, right] = self.promoted_floats(other)?;
        let (left, right) = (&*left, &*right);
        let angle = left.detach().arithmetic("atan2", &right.detach(), cpu::atan2, None)?;
        let operands = [left, right];
        Ok(record("atan2", operands, angle, |tape| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            let (y, x) = (tape.keep(left), tape.keep(right));
            move |by: Self, step: &Step<'_, Self>| {
                let (y, x) = (y.get(step)?, x.get(step)?);
                let size = y.hypot(&x)?;
                // Not divided by its square, which may be out of range.
                let size = size.masked_fill(&size.detach().eq_scalar(0.0)?, 1.0)?;
                let by = by.div(&size)?;
                Ok([
                    step.of(0, || by.mul(&x.div(&size)?)?.sum_to(&shapes[0]))?,
                    step.of(1, || by.mul(&y.div(&size)?)?.sum_to(&shapes[1])?.neg())?,
                ])
            }
        }))
    }

    /// √(self² + other²) without overflow, as floats. Shapes broadcast.
    pub fn hypot(&self, other: &Self) -> Result<Self> {
        let [left, right] = self.promoted_floats(other)?;
        let (left, right) = (&*left, &*right);
        let size = left.detach().arithmetic("hypot", &right.detach(), cpu::hypot, None)?;
        let operands = [left, right];
        Ok(record("hypot", operands, size.clone(), |tape| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            let (left, right, size) = (tape.keep(left), tape.keep(right), tape.keep_output(&size, 0));
            move |by: Self, step: &Step<'_, Self>| {
                let size = size.get(step)?;
                let share = |of: Self, shape: &[usize]| by.mul(&of.div(&size)?)?.sum_to(shape);
                Ok([
                    step.of(0, || share(left.get(step)?, &shapes[0]))?,
                    step.of(1, || share(right.get(step)?, &shapes[1]))?,
                ])
            }
        }))
    }
}
