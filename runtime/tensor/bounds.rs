//! The larger and the smaller of two, and values between bounds, with PyTorch's gradients where they meet: a tie of two
//! shares it out evenly; a value on a bound has none, and neither has NaN.

use burn_backend::ops::{FloatTensorOps, IntTensorOps};
use burn_dispatch::Dispatch;

use super::{
    Kind, Tensor,
    operation::{Operation, Saved, record},
    shape,
};
use crate::{Error, Result};

impl Tensor {
    /// The larger of two, elementwise; NaN where one is. Shapes broadcast; of a tie each gets half of the gradient.
    pub fn maximum(&self, other: &Self) -> Result<Self> {
        self.either("maximum", other, Self::gt)
    }

    /// The smaller of two, elementwise; NaN where one is. Shapes broadcast; of a tie each gets half of the gradient.
    pub fn minimum(&self, other: &Self) -> Result<Self> {
        self.either("minimum", other, Self::lt)
    }

    fn either(&self, op: &'static str, other: &Self, beats: Beats) -> Result<Self> {
        self.want_device(op, other)?;
        let out = shape::broadcast(op, &self.shape, &other.shape)?;
        let (left, right) = (self.expand(&out)?, other.expand(&out)?);
        let mut mine = beats(&left, &right)?;
        if self.kind == Kind::Float {
            // A NaN beats nothing, and nothing beats one in other.
            mine = mine.logical_or(&left.ne(&left)?)?;
        }
        let output = Self::select_where(&mine, &left.detach(), &right.detach())?;
        if output.kind != Kind::Float {
            return Ok(output);
        }
        let [left, right] = [left.cast(Kind::Float)?, right.cast(Kind::Float)?];
        let saved = [Saved::new(&left), Saved::new(&right)];
        record(op, [&left, &right], output, Either { operands: saved, beats })
    }

    /// Values below min become min, values above max become max; the gradient is zero there, and on the bounds, as
    /// PyTorch's of 2.15 is.
    ///
    /// # Errors
    /// A min over max; a bool tensor; whole bounds of an int tensor between which no int of 32 bits lies.
    pub fn clamp(&self, min: f64, max: f64) -> Result<Self> {
        if min > max || min.is_nan() || max.is_nan() {
            return Err(Error::argument("clamp", "min", format!("at most max {max}"), min));
        }
        if self.kind == Kind::Int && [min, max].iter().all(|bound| bound.is_infinite() || bound.fract() == 0.0) {
            let range = [i32::MIN, i32::MAX].map(f64::from);
            if min > range[1] {
                return Err(Error::argument("clamp", "min", format!("at most {} for ints", range[1]), min));
            }
            if max < range[0] {
                return Err(Error::argument("clamp", "max", format!("at least {} for ints", range[0]), max));
            }
            let [min, max] = [min, max].map(|bound| bound.clamp(range[0], range[1]) as i64);
            let raw = Dispatch::int_clamp(self.raw(), min.into(), max.into());
            return Ok(self.with(raw, Kind::Int, self.shape.clone()));
        }
        if self.kind == Kind::Bool {
            self.want_float("clamp")?;
        }
        let floats = self.cast(Kind::Float)?;
        let raw = Dispatch::float_clamp(floats.untracked_raw(), min.into(), max.into());
        let output = self.with(raw, Kind::Float, self.shape.clone());
        record("clamp", [&floats], output, Clamp { values: Saved::new(&floats), min, max })
    }
}

/// gt or lt.
type Beats = fn(&Tensor, &Tensor) -> Result<Tensor>;

#[derive(Clone, Debug)]
struct Either {
    operands: [Saved; 2],
    beats: Beats,
}

impl Operation<2> for Either {
    fn backward(&self, by_output: &Tensor, wanted: [bool; 2]) -> Result<[Option<Tensor>; 2]> {
        let [left, right] = self.operands.each_ref().map(Saved::tensor);
        let tie = left.eq(&right)?;
        let shared = Tensor::select_where(&tie, &by_output.mul_scalar(0.5)?, by_output)?;
        let unless = |loses: Tensor| shared.masked_fill(&loses, 0.0);
        let by_left = || unless((self.beats)(&right, &left)?);
        let by_right = || unless((self.beats)(&left, &right)?);
        Ok([wanted[0].then(by_left).transpose()?, wanted[1].then(by_right).transpose()?])
    }
}

#[derive(Clone, Debug)]
struct Clamp {
    values: Saved,
    min: f64,
    max: f64,
}

impl Operation<1> for Clamp {
    fn backward(&self, by_output: &Tensor, _: [bool; 1]) -> Result<[Option<Tensor>; 1]> {
        let values = self.values.tensor();
        let inside = values.gt_scalar(self.min)?.logical_and(&values.lt_scalar(self.max)?)?;
        Ok([Some(by_output.masked_fill(&inside.logical_not()?, 0.0)?)])
    }
}
