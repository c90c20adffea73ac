//! The larger and the smaller of two, and values between bounds, with PyTorch's gradients where they meet: a tie of two
//! shares it out evenly; a value on a bound has none, and neither has NaN.

use burn_backend::ops::{FloatTensorOps, IntTensorOps};
use burn_dispatch::Dispatch;

use super::{Kind, Tensor, shape};
use crate::{Error, Result, tape::record};

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
        let out = shape::broadcast(op, self.shape(), other.shape())?;
        let [own, others] = Self::joined([self, other])?;
        let (own, others) = (&*own, &*others);
        let (left, right) = (own.detach().expand(&out)?, others.detach().expand(&out)?);
        let mut mine = beats(&left, &right)?;
        if own.kind() == Kind::Float {
            // A NaN beats nothing, and nothing beats one in other.
            mine = mine.logical_or(&left.ne(&left)?)?;
        }
        let output = Self::select_where(&mine, &left, &right)?;
        let operands = [own, others];
        Ok(record(op, operands, output, |tape| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            let (left, right) = (tape.keep(&own.detach()), tape.keep(&others.detach()));
            move |by: Self, step| {
                let (left, right) = (left.get(step)?, right.get(step)?);
                let tie = left.eq(&right)?;
                let shared = Self::select_where(&tie, &by.mul_scalar(0.5)?, &by)?;
                let unless = |loses: Self, shape: &[usize]| shared.masked_fill(&loses, 0.0)?.sum_to(shape);
                let by_left = || unless(beats(&right, &left)?, &shapes[0]);
                let by_right = || unless(beats(&left, &right)?, &shapes[1]);
                Ok([step.of(0, by_left)?, step.of(1, by_right)?])
            }
        }))
    }

    /// Values below min become min, values above max become max; the gradient is zero there, and on the bounds, as
    /// PyTorch's of 2.15 is.
    ///
    /// # Errors
    /// A min over max; a bool tensor; whole bounds of an int tensor between which no int of 32 bits lies.
    pub fn clamp(&self, min: f64, max: f64) -> Result<Self> {
        self.clamp_between(Some(min), Some(max))
    }

    /// As [`Tensor::clamp`], where a bound may be missing.
    ///
    /// # Errors
    /// As [`Tensor::clamp`]; no bound at all.
    pub fn clamp_between(&self, min: Option<f64>, max: Option<f64>) -> Result<Self> {
        if min.is_none() && max.is_none() {
            return Err(Error::argument("clamp", "a bound", "given", "none"));
        }
        self.clamped("clamp", min, max)
    }

    /// Values below min become min. As [`Tensor::clamp`].
    pub fn clamp_min(&self, min: f64) -> Result<Self> {
        self.clamped("clamp_min", Some(min), None)
    }

    /// Values above max become max. As [`Tensor::clamp`].
    pub fn clamp_max(&self, max: f64) -> Result<Self> {
        self.clamped("clamp_max", None, Some(max))
    }

    fn clamped(&self, op: &'static str, min: Option<f64>, max: Option<f64>) -> Result<Self> {
        let own = self.computed()?;
        let values = own.detach();
        Ok(record(op, [&*own], values.bounded(op, min, max)?, |tape| {
            let values = tape.keep(&values);
            move |by: Self, step| {
                let values = values.get(step)?;
                // None of these is true of NaN.
                let is_inside = match (min, max) {
                    (Some(min), Some(max)) => values.gt_scalar(min)?.logical_and(&values.lt_scalar(max)?)?,
                    (Some(min), None) => values.gt_scalar(min)?,
                    (None, Some(max)) => values.lt_scalar(max)?,
                    (None, None) => return Ok([Some(by)]),
                };
                Ok([Some(by.masked_fill(&is_inside.logical_not()?, 0.0)?)])
            }
        }))
    }

    /// The result alone of keeping values between bounds.
    pub(super) fn bounded(&self, op: &'static str, min: Option<f64>, max: Option<f64>) -> Result<Self> {
        let (min, max) = (min.unwrap_or(f64::NEG_INFINITY), max.unwrap_or(f64::INFINITY));
        if min > max || min.is_nan() || max.is_nan() {
            return Err(Error::argument(op, "min", format!("at most max {max}"), min));
        }
        if self.kind() == Kind::Int && [min, max].iter().all(|bound| bound.is_infinite() || bound.fract() == 0.0) {
            if self.is_empty() {
                return Ok(self.clone());
            }
            let ints = self.cast(Kind::Int)?;
            let limits = ints.dtype().range();
            let range = limits.map(|bound| bound as f64);
            if min > range[1] {
                return Err(Error::argument(op, "min", format!("at most {} for ints", range[1]), min));
            }
            if max < range[0] {
                return Err(Error::argument(op, "max", format!("at least {} for ints", range[0]), max));
            }
            let [min, max] = [min, max].map(|bound| bound.clamp(range[0], range[1]) as i64);
            let raw = Dispatch::int_clamp(ints.raw(), min.into(), max.into());
            return Ok(self.with(raw, Kind::Int, self.shape().to_vec()));
        }
        if self.kind() == Kind::Bool {
            self.want_float(op)?;
        }
        let floats = self.cast(Kind::Float)?;
        if self.is_empty() {
            return Ok(floats);
        }
        let raw = Dispatch::float_clamp(floats.raw(), min.into(), max.into());
        Ok(self.with(raw, Kind::Float, self.shape().to_vec()))
    }
}

/// gt or lt.
type Beats = fn(&Tensor, &Tensor) -> Result<Tensor>;
