//! Powers, with PyTorch's gradients at their edges: 0 to the power of anything, anything to the power of 0.

use burn_backend::ops::FloatTensorOps;
use burn_dispatch::Dispatch;

use super::{Kind, Tensor, shape};
use crate::{Result, tape::record};

/// Whole numbers up to here are floats of 32 bits.
const EXACT: f64 = 16_777_216.0;

impl Tensor {
    /// self to the power of other, as floats. Shapes broadcast. Where self is 0 and other at least 0, the gradient by
    /// other is 0; where other is 0, that by self is: as PyTorch's.
    pub fn pow(&self, other: &Self) -> Result<Self> {
        self.want_device("pow", other)?;
        let out = shape::broadcast("pow", self.shape(), other.shape())?;
        let [base, exponent] = self.promoted_floats(other)?;
        let (base, exponent) = (&*base, &*exponent);
        let operand = |tensor: &Self| tensor.raw_as(&shape::pad(tensor.shape(), out.len()));
        let power = match out.contains(&0) {
            true => base.without_elements(base.dtype(), &out)?,
            false => self.with(Dispatch::float_powf(operand(base), operand(exponent)), Kind::Float, out),
        };
        // d power = exponent · base^(exponent − 1) d base + power · ln base d exponent.
        Ok(record("pow", [base, exponent], power.clone(), |tape| {
            let shapes = [base, exponent].map(|tensor| tensor.shape().to_vec());
            let (base, exponent, power) = (tape.keep(base), tape.keep(exponent), tape.keep_output(&power, 0));
            move |by: Self, step| {
                let (base, exponent) = (base.get(step)?, exponent.get(step)?);
                let by_base = || {
                    let slope = base.pow(&exponent.sub_scalar(1.0)?)?.mul(&exponent)?.mul(&by)?;
                    slope.masked_fill(&exponent.eq_scalar(0.0)?, 0.0)?.sum_to(&shapes[0])
                };
                let by_exponent = || {
                    let flat = base.eq_scalar(0.0)?.logical_and(&exponent.ge_scalar(0.0)?)?;
                    // Masked before it meets the gradient, whose own gradient is then a number.
                    let slope = power.get(step)?.mul(&base.log()?)?.masked_fill(&flat, 0.0)?;
                    by.mul(&slope)?.sum_to(&shapes[1])
                };
                Ok([step.of(0, by_base)?, step.of(1, by_exponent)?])
            }
        }))
    }

    /// self to the power of value, as floats.
    pub fn pow_scalar(&self, value: f64) -> Result<Self> {
        let base = self.cast(Kind::Float)?;
        let power = base.detach().power(value)?;
        Ok(record("pow", [&base], power, |tape| {
            let base = tape.keep(&base);
            move |by: Self, step| {
                Ok([Some(match value {
                    0.0 => by.zeros_like()?,
                    _ => base.get(step)?.pow_scalar(value - 1.0)?.mul_scalar(value)?.mul(&by)?,
                })])
            }
        }))
    }

    fn power(&self, value: f64) -> Result<Self> {
        if self.is_empty() {
            return Ok(self.clone());
        }
        // PyTorch's is a root, to which −∞ is no number and −0 itself.
        if value.abs() == 0.5 {
            let root = self.sqrt()?;
            return if value > 0.0 { Ok(root) } else { Self::scalar(1.0, self.device())?.div(&root) };
        }
        let is_whole = value.is_infinite() || value.fract() == 0.0;
        if !is_whole || value.abs() < EXACT {
            let raw = Dispatch::float_powf_scalar(self.raw(), value.into());
            return Ok(self.with(raw, Kind::Float, self.shape().to_vec()));
        }
        // Burn takes a whole exponent for an int, which ends at 2⁶³, and a float of 32 bits for whether it is odd.
        let power = self.abs()?.pow(&Self::scalar(value, self.device())?)?;
        if value.rem_euclid(2.0) == 1.0 {
            return Self::select_where(&self.lt_scalar(0.0)?, &power.neg()?, &power);
        }
        Ok(power)
    }
}
