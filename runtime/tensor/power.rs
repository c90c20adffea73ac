//! Powers, with PyTorch's gradients at their edges: 0 to the power of anything, anything to the power of 0.

use burn_backend::ops::FloatTensorOps;
use burn_dispatch::Dispatch;

use super::{
    Kind, Tensor,
    operation::{Operation, Saved, record},
    shape,
};
use crate::Result;

/// Whole numbers up to here are floats of 32 bits.
const EXACT: f64 = 16_777_216.0;

impl Tensor {
    /// self to the power of other, as floats. Shapes broadcast. Where self is 0 and other at least 0, the gradient by
    /// other is 0; where other is 0, that by self is: as PyTorch's.
    pub fn pow(&self, other: &Self) -> Result<Self> {
        self.want_device("pow", other)?;
        let out = shape::broadcast("pow", &self.shape, &other.shape)?;
        let (base, exponent) = (self.cast(Kind::Float)?.expand(&out)?, other.cast(Kind::Float)?.expand(&out)?);
        let raw = Dispatch::float_powf(base.untracked_raw(), exponent.untracked_raw());
        let power = self.with(raw, Kind::Float, out);
        let saved = [&base, &exponent, &power].map(Saved::new);
        record("pow", [&base, &exponent], power, Power(saved))
    }

    /// self to the power of value, as floats.
    pub fn pow_scalar(&self, value: f64) -> Result<Self> {
        let base = self.cast(Kind::Float)?;
        let power = base.detach().power(value)?;
        record("pow", [&base], power, ScalarPower { base: Saved::new(&base), exponent: value })
    }

    fn power(&self, value: f64) -> Result<Self> {
        // PyTorch's is a root, to which −∞ is no number and −0 itself.
        if value.abs() == 0.5 {
            let root = self.sqrt()?;
            return if value > 0.0 { Ok(root) } else { Self::scalar(1.0, &self.device)?.div(&root) };
        }
        let is_whole = value.is_infinite() || value.fract() == 0.0;
        if !is_whole || value.abs() < EXACT {
            let raw = Dispatch::float_powf_scalar(self.raw(), value.into());
            return Ok(self.with(raw, Kind::Float, self.shape.clone()));
        }
        // Burn takes a whole exponent for an int, which ends at 2⁶³, and a float of 32 bits for whether it is odd.
        let power = self.abs()?.pow(&Self::scalar(value, &self.device)?)?;
        if value.rem_euclid(2.0) == 1.0 {
            return Self::select_where(&self.lt_scalar(0.0)?, &power.neg()?, &power);
        }
        Ok(power)
    }
}

/// Base, exponent, power: d power = exponent · base^(exponent − 1) d base + power · ln base d exponent.
#[derive(Clone, Debug)]
struct Power([Saved; 3]);

impl Operation<2> for Power {
    fn backward(&self, by_output: &Tensor, wanted: [bool; 2]) -> Result<[Option<Tensor>; 2]> {
        let [base, exponent, power] = self.0.each_ref().map(Saved::tensor);
        let by_base = || {
            let slope = base.pow(&exponent.sub_scalar(1.0)?)?.mul(&exponent)?.mul(by_output)?;
            slope.masked_fill(&exponent.eq_scalar(0.0)?, 0.0)
        };
        let by_exponent = || {
            let flat = base.eq_scalar(0.0)?.logical_and(&exponent.ge_scalar(0.0)?)?;
            by_output.mul(&power.mul(&base.log()?)?)?.masked_fill(&flat, 0.0)
        };
        Ok([wanted[0].then(by_base).transpose()?, wanted[1].then(by_exponent).transpose()?])
    }
}

#[derive(Clone, Debug)]
struct ScalarPower {
    base: Saved,
    exponent: f64,
}

impl Operation<1> for ScalarPower {
    fn backward(&self, by_output: &Tensor, _: [bool; 1]) -> Result<[Option<Tensor>; 1]> {
        let base = self.base.tensor();
        Ok([Some(if self.exponent == 0.0 {
            Tensor::zeros(base.shape(), base.device())?
        } else {
            base.pow_scalar(self.exponent - 1.0)?.mul_scalar(self.exponent)?.mul(by_output)?
        })])
    }
}
