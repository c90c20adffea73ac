//! Elementwise arithmetic with broadcasting, and the common functions of one variable.

use burn_backend::{
    Scalar,
    ops::{ActivationOps, BoolTensorOps, FloatTensorOps, IntTensorOps},
};
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{Kind, Tensor, shape};
use crate::{Error, Result, guard::guard};

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
        Ok(self.with_own(raw, kind, self.shape.clone()))
    }

    fn arithmetic(&self, op: &'static str, other: &Self, float: Binary, int: Option<Binary>) -> Result<Self> {
        self.want_device(op, other)?;
        let out = shape::broadcast(op, &self.shape, &other.shape)?;
        let kind = if int.is_some() { self.kind.promote(other.kind) } else { Kind::Float };
        let (left, right) = (self.cast(kind)?, other.cast(kind)?);
        let (left, right) =
            (left.raw_as(&shape::pad(&left.shape, out.len())), right.raw_as(&shape::pad(&right.shape, out.len())));
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
    ///
    /// # Errors
    /// Ints divided by 0, on the CPU; a GPU gives any number.
    pub fn remainder(&self, other: &Self) -> Result<Self> {
        const OP: &str = "remainder";
        by_int_zero(OP, || self.arithmetic(OP, other, Dispatch::float_remainder, Some(Dispatch::int_remainder)))
    }

    /// ⌊self / other⌋. Shapes broadcast. Its gradient is zero. Errors as [`Tensor::remainder`].
    pub fn floor_div(&self, other: &Self) -> Result<Self> {
        const OP: &str = "floor_div";
        let (left, right) = (self.detach(), other.detach());
        if self.kind.promote(other.kind) == Kind::Float {
            return left.arithmetic(OP, &right, Dispatch::float_div, None)?.floor();
        }
        // Floats hold ints only up to 2²⁴. Ints divide towards 0: one too high where the signs differ and a rest is left.
        by_int_zero(OP, || {
            let quotient = left.arithmetic(OP, &right, Dispatch::float_div, Some(Dispatch::int_div))?;
            let rest = left.sub(&quotient.mul(&right)?)?;
            let is_high = rest.ne_scalar(0.0)?.logical_and(&rest.lt_scalar(0.0)?.ne(&right.lt_scalar(0.0)?)?)?;
            quotient.sub(&is_high)
        })
    }

    /// self to the power of other, as floats. Shapes broadcast.
    pub fn pow(&self, other: &Self) -> Result<Self> {
        self.arithmetic("pow", other, Dispatch::float_powf, None)
    }

    /// The larger of two, elementwise; NaN where one is. Shapes broadcast; a tie sends the gradient to other.
    pub fn maximum(&self, other: &Self) -> Result<Self> {
        self.either("maximum", other, Self::gt)
    }

    /// The smaller of two, elementwise; NaN where one is. Shapes broadcast; a tie sends the gradient to other.
    pub fn minimum(&self, other: &Self) -> Result<Self> {
        self.either("minimum", other, Self::lt)
    }

    fn either(&self, op: &'static str, other: &Self, beats: fn(&Self, &Self) -> Result<Self>) -> Result<Self> {
        self.want_device(op, other)?;
        shape::broadcast(op, &self.shape, &other.shape)?;
        let mut mine = beats(self, other)?;
        if self.kind == Kind::Float {
            // A NaN beats nothing, and nothing beats one in other.
            mine = mine.logical_or(&self.ne(self)?)?;
        }
        Self::select_where(&mine, self, other)
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
        if min > max || min.is_nan() || max.is_nan() {
            return Err(Error::argument("clamp", "min", format!("at most max {max}"), min));
        }
        if self.kind == Kind::Int && [min, max].iter().all(|bound| bound.is_infinite() || bound.fract() == 0.0) {
            let [min, max] = [min, max].map(|bound| bound.clamp(f64::from(i32::MIN), f64::from(i32::MAX)) as i64);
            return Ok(self.with(
                Dispatch::int_clamp(self.raw(), min.into(), max.into()),
                Kind::Int,
                self.shape.clone(),
            ));
        }
        if self.kind == Kind::Bool {
            self.want_float("clamp")?;
        }
        let floats = self.cast(Kind::Float)?;
        Ok(self.with(Dispatch::float_clamp(floats.raw(), min.into(), max.into()), Kind::Float, self.shape.clone()))
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

    /// x · Φ(x), with the exact normal distribution function.
    pub fn gelu(&self) -> Result<Self> {
        if !self.device.is_gpu() || self.kind == Kind::Bool {
            return self.map_float("gelu", Dispatch::gelu);
        }
        // Burn's value is exact on a GPU as well, but its gradient there is that of the tanh approximation, 5e-4 off.
        let twice = self.div_scalar(std::f64::consts::SQRT_2)?.erf()?.add_scalar(1.0)?;
        self.mul_scalar(0.5)?.mul(&twice)
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

/// Names a division of ints by 0, at which the CPU device panics.
fn by_int_zero(op: &'static str, divide: impl FnOnce() -> Result<Tensor>) -> Result<Tensor> {
    match guard(op, divide) {
        Err(Error::Internal { message, .. }) if message.contains("zero") => {
            Err(Error::State { op, reason: "an int is divided by 0".into() })
        }
        result => result,
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
}
