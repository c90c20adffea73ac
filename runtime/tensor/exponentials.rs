//! Exponentials, logarithms and powers of a fixed exponent.

use std::f64::consts::{LN_2, LN_10, LOG2_E, LOG10_E};

use super::{
    Tensor, cpu,
    functions::{Needs, functions, own_functions},
    shape,
};
use crate::{
    Result,
    tape::{Step, record},
};

functions! {
    /// 1 / x.
    reciprocal = cpu::reciprocal, Needs::Output(|y, by| by.mul(&y.mul(y)?)?.neg());
}

own_functions! {
    /// 1 / √x.
    rsqrt = cpu::rsqrt, |x| x.sqrt()?.reciprocal(),
        Needs::Output(|y, by| by.mul(&y.mul(y)?.mul(y)?)?.mul_scalar(-0.5));
    /// eˣ − 1, exact near 0.
    expm1 = cpu::expm1, Tensor::expm1_elsewhere, Needs::Output(|y, by| by.mul(&y.add_scalar(1.0)?));
    /// 2ˣ.
    exp2 = cpu::exp2, |x| x.mul_scalar(LN_2)?.exp(), Needs::Output(|y, by| by.mul(y)?.mul_scalar(LN_2));
    /// The logarithm to base 2.
    log2 = cpu::log2, |x| x.log()?.mul_scalar(LOG2_E), Needs::Input(|x, by| by.div(&x.mul_scalar(LN_2)?));
    /// The logarithm to base 10.
    log10 = cpu::log10, |x| x.log()?.mul_scalar(LOG10_E), Needs::Input(|x, by| by.div(&x.mul_scalar(LN_10)?));
}

impl Tensor {
    /// x². Of an int tensor an int tensor.
    ///
    /// # Errors
    /// A square of an int that does not fit, on the CPU; a GPU wraps around.
    pub fn square(&self) -> Result<Self> {
        self.mul(self)
    }

    /// eˣ − 1 by Taylor's series up to ½, to as many terms as a GPU's floats, or float64, have digits for.
    fn expm1_elsewhere(&self) -> Result<Self> {
        let terms = if self.device().is_gpu() { 8 } else { 17 };
        // x · (1 + x / 2 · (1 + x / 3 · (…))).
        let mut sum = self.mul_scalar(1.0 / f64::from(terms))?.add_scalar(1.0)?;
        for term in (2..terms).rev() {
            sum = self.mul_scalar(1.0 / f64::from(term))?.mul(&sum)?.add_scalar(1.0)?;
        }
        let is_near = self.abs()?.lt_scalar(0.5)?;
        Self::select_where(&is_near, &self.mul(&sum)?, &self.exp()?.sub_scalar(1.0)?)
    }

    /// ln(eˢᵉˡᶠ + eᵒᵗʰᵉʳ) without overflow, as floats. Shapes broadcast.
    pub fn logaddexp(&self, other: &Self) -> Result<Self> {
        let elsewhere = |left: &Self, right: &Self| {
            // Two infinities of a sign are 0 apart.
            let apart = left.sub(right)?.masked_fill(&left.eq(right)?, 0.0)?;
            left.maximum(right)?.add(&apart.abs()?.neg()?.exp()?.log1p()?)
        };
        let [own, others] = self.promoted_floats(other)?;
        let operands = [&*own, &*others];
        let output = own.pair_own("logaddexp", &others, cpu::logaddexp, elsewhere)?;
        Ok(record("logaddexp", operands, output, |tape| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            let (left, right) = (tape.keep(operands[0]), tape.keep(operands[1]));
            move |by: Self, step: &Step<'_, Self>| {
                let apart = left.get(step)?.sub(&right.get(step)?)?;
                Ok([
                    step.of(0, || by.mul(&apart.sigmoid()?)?.sum_to(&shapes[0]))?,
                    step.of(1, || by.mul(&apart.neg()?.sigmoid()?)?.sum_to(&shapes[1]))?,
                ])
            }
        }))
    }

    /// self · ln other, and 0 where self is 0 and other is a number, as floats. Shapes broadcast. The gradient by self
    /// is 0 where self is 0 and other at most 0.
    pub fn xlogy(&self, other: &Self) -> Result<Self> {
        self.want_device("xlogy", other)?;
        let out = shape::broadcast("xlogy", self.shape(), other.shape())?;
        let [left, right] = self.promoted_floats(other)?;
        let (left, right) = (left.into_owned(), right.into_owned());
        let (x, y) = (left.detach(), right.detach());
        let is_nothing = x.eq_scalar(0.0)?.logical_and(&y.eq(&y)?)?;
        let output = x.mul(&y.log()?)?.expand(&out)?.masked_fill(&is_nothing, 0.0)?;
        Ok(record("xlogy", [&left, &right], output, |tape| {
            let shapes = [&left, &right].map(|tensor| tensor.shape().to_vec());
            let (left, right) = (tape.keep(&left), tape.keep(&right));
            move |by: Self, step: &Step<'_, Self>| {
                let (x, y) = (left.get(step)?, right.get(step)?);
                let by_left = || {
                    let is_flat = x.eq_scalar(0.0)?.logical_and(&y.le_scalar(0.0)?)?;
                    let slope = y.log()?.expand(by.shape())?.masked_fill(&is_flat, 0.0)?;
                    by.mul(&slope)?.sum_to(&shapes[0])
                };
                Ok([step.of(0, by_left)?, step.of(1, || by.mul(&x)?.div(&y)?.sum_to(&shapes[1]))?])
            }
        }))
    }
}
