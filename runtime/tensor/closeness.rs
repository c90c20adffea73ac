//! NaN and infinities, and whether tensors are equal or nearly so.

use super::{DType, Kind, Tensor, shape};
use crate::{
    Error, Result,
    options::{Options, options},
};

options! {
    /// How near is near: |x − y| ≤ `atol` + `rtol` · |y|.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Closeness as "ClosenessOptions" {
        /// The relative tolerance.
        pub rtol: f64 = 1e-5, in 0.0..;
        /// The absolute tolerance.
        pub atol: f64 = 1e-8, in 0.0..;
        /// Whether NaN is near NaN.
        pub equal_nan: bool = false;
    }
}

impl Tensor {
    /// True where a value is NaN.
    pub fn isnan(&self) -> Result<Self> {
        self.ne(self)
    }

    /// True where a value is infinite.
    pub fn isinf(&self) -> Result<Self> {
        if self.kind() == Kind::Float { self.detach().abs()?.eq_scalar(f64::INFINITY) } else { self.ne(self) }
    }

    /// True where a value is neither infinite nor NaN.
    pub fn isfinite(&self) -> Result<Self> {
        if self.kind() == Kind::Float { self.detach().abs()?.lt_scalar(f64::INFINITY) } else { self.eq(self) }
    }

    /// Numbers in the place of NaN, ∞ and −∞; the largest and the smallest float where none is given for an infinity. No
    /// gradient flows where they are. A tensor of ints or truth values is its own.
    pub fn nan_to_num(&self, nan: f64, posinf: Option<f64>, neginf: Option<f64>) -> Result<Self> {
        if self.kind() != Kind::Float {
            return Ok(self.clone());
        }
        let own = self.computed()?;
        let x = own.detach();
        let largest = if self.dtype() == DType::Float64 { f64::MAX } else { f64::from(f32::MAX) };
        own.masked_fill(&x.isnan()?, nan)?
            .masked_fill(&x.eq_scalar(f64::INFINITY)?, posinf.unwrap_or(largest))?
            .masked_fill(&x.eq_scalar(f64::NEG_INFINITY)?, neginf.unwrap_or(-largest))
    }

    /// True where self is near other; infinities are near themselves alone. Shapes broadcast.
    ///
    /// # Errors
    /// A tolerance below 0.
    pub fn isclose(&self, other: &Self, within: Closeness) -> Result<Self> {
        self.close("isclose", other, within)
    }

    fn close(&self, op: &'static str, other: &Self, within: Closeness) -> Result<Self> {
        within.check(op)?;
        self.want_device(op, other)?;
        shape::broadcast(op, self.shape(), other.shape())?;
        let (x, y) = (self.detach(), other.detach());
        let mut is_close = x.eq(&y)?;
        if within.equal_nan {
            is_close = is_close.logical_or(&x.isnan()?.logical_and(&y.isnan()?)?)?;
        }
        // float32 has not every int.
        let wide = |t: Self| match t.kind() {
            Kind::Int if !t.device().is_gpu() => t.to_dtype(DType::Float64),
            _ => t.cast(Kind::Float),
        };
        let [x, y] = [wide(x)?, wide(y)?];
        let apart = x.sub(&y)?.abs()?;
        let most = y.abs()?.mul_scalar(within.rtol)?.add_scalar(within.atol)?;
        // Without a tolerance only what is equal is near, whatever the difference is rounded to.
        let is_near = apart.le(&most)?.logical_and(&most.gt_scalar(0.0)?)?;
        is_close.logical_or(&apart.isfinite()?.logical_and(&is_near)?)
    }

    /// Whether all of self is near other, as [`Tensor::isclose`] has it. Waits for the device.
    pub fn allclose(&self, other: &Self, within: Closeness) -> Result<bool> {
        self.close("allclose", other, within)?.all_true()
    }

    /// Whether both have the same shape and equal elements; NaN equals nothing. Waits for the device.
    pub fn equal(&self, other: &Self) -> Result<bool> {
        Ok(self.shape() == other.shape() && self.eq(other)?.all_true()?)
    }

    fn all_true(&self) -> Result<bool> {
        match self.elements()? {
            super::Elements::Bool(values) => Ok(values.into_iter().all(|value| value)),
            _ => Err(Error::Kind { op: "all", want: Kind::Bool.name(), got: self.kind().name() }),
        }
    }
}
