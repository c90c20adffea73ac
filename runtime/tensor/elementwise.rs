//! Elementwise arithmetic with broadcasting, and the common functions of one variable.

use burn_backend::{
    Scalar,
    ops::{ActivationOps, BoolTensorOps, FloatTensorOps, IntTensorOps},
};
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{Kind, Tensor, shape};
use crate::{Error, Result};

type Binary = fn(DispatchTensor, DispatchTensor) -> DispatchTensor;
type WithScalar = fn(DispatchTensor, Scalar) -> DispatchTensor;

impl Tensor {
    /// The same values as another kind. To int truncates towards 0; to bool is true where the value is not 0.
    /// Only float to float keeps the tape.
    pub fn cast(&self, kind: Kind) -> Result<Self> {
        let raw = match (self.kind, kind) {
            (from, to) if from == to => return Ok(self.clone()),
            (Kind::Float, Kind::Int) => Dispatch::float_into_int(self.untracked_raw(), self.device.ints()),
            (Kind::Int, Kind::Float) => Dispatch::int_into_float(self.raw(), self.device.floats()),
            (Kind::Bool, Kind::Float) => Dispatch::bool_into_float(self.raw(), self.device.floats()),
            (Kind::Bool, Kind::Int) => Dispatch::bool_into_int(self.raw(), self.device.ints()),
            _ => return self.detach().ne_scalar(0.0),
        };
        Ok(self.with(raw, kind, self.shape.clone()))
    }

    fn arithmetic(&self, op: &'static str, other: &Self, float: Binary, int: Option<Binary>) -> Result<Self> {
        self.want_device(op, other)?;
        let out = shape::broadcast(op, &self.shape, &other.shape)?;
        let kind = if int.is_some() { self.kind.promote(other.kind) } else { Kind::Float };
        let (left, right) = (self.cast(kind)?, other.cast(kind)?);
        let (left, right) = (left.raw_as(&shape::pad(&left.shape, out.len())), right.raw_as(&shape::pad(&right.shape, out.len())));
        let raw = match (kind, int) {
            (Kind::Int, Some(int)) => int(left, right),
            _ => float(left, right),
        };
        Ok(self.with(raw, kind, out))
    }

    fn arithmetic_scalar(&self, value: f64, float: WithScalar, int: Option<WithScalar>) -> Result<Self> {
        match int {
            Some(int) if self.kind != Kind::Float && value.fract() == 0.0 && value.abs() < f64::from(i32::MAX) => {
                let raw = int(self.cast(Kind::Int)?.raw(), (value as i64).into());
                Ok(self.with(raw, Kind::Int, self.shape.clone()))
            }
            _ => Ok(self.with(float(self.cast(Kind::Float)?.raw(), value.into()), Kind::Float, self.shape.clone())),
        }
    }

    pub(super) fn want_device(&self, op: &'static str, other: &Self) -> Result<()> {
        if self.device == other.device {
            return Ok(());
        }
        let reason = format!("one tensor is on {}, the other on {}", self.device.name(), other.device.name());
        Err(Error::State { op, reason })
    }

    /// self + other. Shapes broadcast; int + float is float.
    pub fn add(&self, other: &Self) -> Result<Self> {
        self.arithmetic("add", other, Dispatch::float_add, Some(Dispatch::int_add))
    }

    /// self − other. Shapes broadcast.
    pub fn sub(&self, other: &Self) -> Result<Self> {
        self.arithmetic("sub", other, Dispatch::float_sub, Some(Dispatch::int_sub))
    }

    /// self · other, elementwise. Shapes broadcast.
    pub fn mul(&self, other: &Self) -> Result<Self> {
        self.arithmetic("mul", other, Dispatch::float_mul, Some(Dispatch::int_mul))
    }

    /// self / other as floats. Shapes broadcast.
    pub fn div(&self, other: &Self) -> Result<Self> {
        self.arithmetic("div", other, Dispatch::float_div, None)
    }

    /// self − other · ⌊self / other⌋: the sign is that of the divisor. Shapes broadcast. The gradient flows to self
    /// and other as in PyTorch.
    pub fn remainder(&self, other: &Self) -> Result<Self> {
        self.arithmetic("remainder", other, Dispatch::float_remainder, Some(Dispatch::int_remainder))
    }

    /// ⌊self / other⌋. Shapes broadcast. Its gradient is zero.
    pub fn floor_div(&self, other: &Self) -> Result<Self> {
        let kind = self.kind.promote(other.kind);
        self.detach().div(&other.detach())?.floor()?.cast(kind)
    }

    /// self to the power of other, as floats. Shapes broadcast.
    pub fn pow(&self, other: &Self) -> Result<Self> {
        self.arithmetic("pow", other, Dispatch::float_powf, None)
    }

    /// The larger of two, elementwise. Shapes broadcast; a tie sends the gradient to other.
    pub fn maximum(&self, other: &Self) -> Result<Self> {
        Self::select_where(&self.gt(other)?, self, other)
    }

    /// The smaller of two, elementwise. Shapes broadcast; a tie sends the gradient to other.
    pub fn minimum(&self, other: &Self) -> Result<Self> {
        Self::select_where(&self.lt(other)?, self, other)
    }

    /// self + value.
    pub fn add_scalar(&self, value: f64) -> Result<Self> {
        self.arithmetic_scalar(value, Dispatch::float_add_scalar, Some(Dispatch::int_add_scalar))
    }

    /// self − value.
    pub fn sub_scalar(&self, value: f64) -> Result<Self> {
        self.arithmetic_scalar(value, Dispatch::float_sub_scalar, Some(Dispatch::int_sub_scalar))
    }

    /// self · value.
    pub fn mul_scalar(&self, value: f64) -> Result<Self> {
        self.arithmetic_scalar(value, Dispatch::float_mul_scalar, Some(Dispatch::int_mul_scalar))
    }

    /// self / value, as floats.
    pub fn div_scalar(&self, value: f64) -> Result<Self> {
        self.arithmetic_scalar(value, Dispatch::float_div_scalar, None)
    }

    /// self to the power of value, as floats.
    pub fn pow_scalar(&self, value: f64) -> Result<Self> {
        self.arithmetic_scalar(value, Dispatch::float_powf_scalar, None)
    }

    /// Values below min become min, values above max become max; the gradient is zero there.
    pub fn clamp(&self, min: f64, max: f64) -> Result<Self> {
        if !(min <= max) {
            return Err(Error::argument("clamp", "min", format!("at most max {max}"), min));
        }
        let raw = match self.kind {
            Kind::Int => Dispatch::int_clamp(self.raw(), (min.max(f64::from(i32::MIN)) as i64).into(), (max.min(f64::from(i32::MAX)) as i64).into()),
            _ => {
                self.want_float("clamp")?;
                Dispatch::float_clamp(self.raw(), min.into(), max.into())
            }
        };
        Ok(self.with(raw, self.kind, self.shape.clone()))
    }

    /// −self.
    pub fn neg(&self) -> Result<Self> {
        self.mul_scalar(-1.0)
    }

    /// |self|.
    pub fn abs(&self) -> Result<Self> {
        if self.kind == Kind::Int {
            return Ok(self.with(Dispatch::int_abs(self.raw()), Kind::Int, self.shape.clone()));
        }
        self.map_float("abs", Dispatch::float_abs)
    }

    /// Truth negated.
    pub fn logical_not(&self) -> Result<Self> {
        self.want("logical_not", Kind::Bool)?;
        Ok(self.with(Dispatch::bool_not(self.raw()), Kind::Bool, self.shape.clone()))
    }

    /// True where both are.
    pub fn logical_and(&self, other: &Self) -> Result<Self> {
        self.logical("logical_and", other, Dispatch::bool_and)
    }

    /// True where one is.
    pub fn logical_or(&self, other: &Self) -> Result<Self> {
        self.logical("logical_or", other, Dispatch::bool_or)
    }

    fn logical(&self, op: &'static str, other: &Self, combine: Binary) -> Result<Self> {
        self.want(op, Kind::Bool)?;
        other.want(op, Kind::Bool)?;
        let out = shape::broadcast(op, &self.shape, &other.shape)?;
        Ok(self.with(combine(self.expand(&out)?.raw(), other.expand(&out)?.raw()), Kind::Bool, out))
    }

    fn map_float(&self, op: &'static str, map: fn(DispatchTensor) -> DispatchTensor) -> Result<Self> {
        if self.kind == Kind::Bool {
            return Err(Error::Kind { op, want: "float32", got: self.kind.name() });
        }
        Ok(self.with(map(self.cast(Kind::Float)?.raw()), Kind::Float, self.shape.clone()))
    }
}

/// Functions of one variable that only wrap Burn's. An int tensor becomes float first.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident = $burn:path;)*) => {
        impl Tensor {
            $($(#[$doc])* pub fn $name(&self) -> Result<Self> {
                self.map_float(stringify!($name), $burn)
            })*
        }
    };
}

functions! {
    /// eˣ.
    exp = Dispatch::float_exp;
    /// The natural logarithm.
    log = Dispatch::float_log;
    /// ln(1 + x), exact near 0.
    log1p = Dispatch::float_log1p;
    /// √x.
    sqrt = Dispatch::float_sqrt;
    /// sin x.
    sin = Dispatch::float_sin;
    /// cos x.
    cos = Dispatch::float_cos;
    /// tanh x.
    tanh = Dispatch::float_tanh;
    /// The error function.
    erf = Dispatch::float_erf;
    /// The largest integer not above x.
    floor = Dispatch::float_floor;
    /// The smallest integer not below x.
    ceil = Dispatch::float_ceil;
    /// The nearest integer; halves go to the even one.
    round = Dispatch::float_round;
    /// −1, 0 or 1.
    sign = Dispatch::float_sign;
    /// max(x, 0).
    relu = Dispatch::relu;
    /// 1 / (1 + e⁻ˣ).
    sigmoid = Dispatch::sigmoid;
    /// x · Φ(x), with the exact normal distribution function.
    gelu = Dispatch::gelu;
}
