//! Elementwise arithmetic with broadcasting, and the common functions of one variable.

use burn_backend::{
    Scalar,
    ops::{ActivationOps, BoolTensorOps, FloatTensorOps, IntTensorOps},
};
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{
    Kind, Tensor,
    cpu::Arithmetic,
    operation::{Operation, Saved, record},
    shape,
};
use crate::{Error, Result};

type Binary = fn(DispatchTensor, DispatchTensor) -> DispatchTensor;
type WithScalar = fn(DispatchTensor, Scalar) -> DispatchTensor;

impl Tensor {
    /// The same values as another kind. To int truncates towards 0; to bool is true where the value is not 0.
    /// Only float to float keeps the tape.
    ///
    /// # Errors
    /// To int: NaN, and a value that does not fit 32 bits.
    pub fn cast(&self, kind: Kind) -> Result<Self> {
        if self.kind != kind {
            shape::check("cast", &self.shape)?;
        }
        let raw = match (self.kind, kind) {
            (from, to) if from == to => return Ok(self.clone()),
            (Kind::Float, Kind::Int) => return Ok(self.truncated()?.counting_as(self)),
            (Kind::Int, Kind::Float) => Dispatch::int_into_float(self.raw(), self.device.floats()),
            (Kind::Bool, Kind::Float) => Dispatch::bool_into_float(self.raw(), self.device.floats()),
            (Kind::Bool, Kind::Int) => Dispatch::bool_into_int(self.raw(), self.device.ints()),
            _ => return self.detach().ne_scalar(0.0),
        };
        Ok(self.with_own(raw, kind, self.shape.clone()))
    }

    fn arithmetic(&self, op: &'static str, other: &Self, float: Binary, int: Option<Arithmetic>) -> Result<Self> {
        self.want_device(op, other)?;
        let out = shape::broadcast(op, &self.shape, &other.shape)?;
        let kind = if int.is_some() { self.kind.promote(other.kind) } else { Kind::Float };
        let (left, right) = (self.cast(kind)?, other.cast(kind)?);
        if let (Kind::Int, Some(int)) = (kind, int) {
            return left.expand(&out)?.int_arithmetic(op, &right.expand(&out)?, int);
        }
        Ok(self.with(float(left.stretched(&out)?, right.stretched(&out)?), kind, out))
    }

    /// An operand of a result of this shape, to which Burn stretches it. What is on a tape is stretched here: Burn's
    /// own gradient of a broadcast adds one value after another.
    fn stretched(&self, out: &[usize]) -> Result<DispatchTensor> {
        if self.shape != out && self.is_tracked() {
            return Ok(self.expand(out)?.raw());
        }
        Ok(self.raw_as(&shape::pad(&self.shape, out.len())))
    }

    fn arithmetic_scalar(
        &self,
        op: &'static str,
        value: f64,
        float: WithScalar,
        int: Option<(WithScalar, Arithmetic)>,
    ) -> Result<Self> {
        shape::check(op, &self.shape)?;
        let fits = value.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value);
        match int {
            Some((int, which)) if self.kind != Kind::Float && fits => {
                let ints = self.cast(Kind::Int)?;
                if self.device.is_gpu() {
                    let raw = int(ints.raw(), (value as i64).into());
                    return Ok(self.with(raw, Kind::Int, self.shape.clone()));
                }
                let value = Self::full(value, &[], Kind::Int, &self.device)?;
                ints.int_arithmetic(op, &value.expand(&self.shape)?, which)
            }
            Some(_) if self.kind != Kind::Float && value.fract() == 0.0 => {
                let reason = format!("{value} does not fit int32; cast to float32 first");
                Err(Error::State { op, reason })
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
    ///
    /// # Errors
    /// A sum of ints that does not fit 32 bits, on the CPU; a GPU wraps around.
    pub fn add(&self, other: &Self) -> Result<Self> {
        self.arithmetic("add", other, Dispatch::float_add, Some(Arithmetic::Add))
    }

    /// self − other. Shapes broadcast. Errors as [`Tensor::add`].
    pub fn sub(&self, other: &Self) -> Result<Self> {
        self.arithmetic("sub", other, Dispatch::float_sub, Some(Arithmetic::Subtract))
    }

    /// self · other, elementwise. Shapes broadcast. Errors as [`Tensor::add`].
    pub fn mul(&self, other: &Self) -> Result<Self> {
        self.arithmetic("mul", other, Dispatch::float_mul, Some(Arithmetic::Multiply))
    }

    /// self / other as floats. Shapes broadcast.
    pub fn div(&self, other: &Self) -> Result<Self> {
        if !(self.is_tracked() || other.is_tracked()) {
            return self.arithmetic("div", other, Dispatch::float_div, None);
        }
        self.want_device("div", other)?;
        let out = shape::broadcast("div", &self.shape, &other.shape)?;
        let (left, right) = (self.cast(Kind::Float)?.expand(&out)?, other.cast(Kind::Float)?.expand(&out)?);
        let quotient = self.with(Dispatch::float_div(left.untracked_raw(), right.untracked_raw()), Kind::Float, out);
        let saved = Quotient { divisor: Saved::new(&right), quotient: Saved::new(&quotient) };
        record("div", [&left, &right], quotient, saved)
    }

    /// self − other · ⌊self / other⌋: the sign is that of the divisor. Shapes broadcast. The gradient flows to self
    /// and other as in PyTorch.
    ///
    /// # Errors
    /// Ints divided by 0, on the CPU; a GPU gives any number.
    pub fn remainder(&self, other: &Self) -> Result<Self> {
        self.arithmetic("remainder", other, Dispatch::float_remainder, Some(Arithmetic::Remainder))
    }

    /// ⌊self / other⌋. Shapes broadcast. Its gradient is zero. Errors as [`Tensor::remainder`].
    pub fn floor_div(&self, other: &Self) -> Result<Self> {
        const OP: &str = "floor_div";
        let quotient = self.detach().arithmetic(OP, &other.detach(), Dispatch::float_div, Some(Arithmetic::Divide))?;
        if quotient.kind == Kind::Float { quotient.floor() } else { Ok(quotient) }
    }

    /// self + value.
    ///
    /// # Errors
    /// Ints, and a whole number or a sum that does not fit 32 bits; sums on the CPU alone.
    pub fn add_scalar(&self, value: f64) -> Result<Self> {
        let int = Some((Dispatch::int_add_scalar as WithScalar, Arithmetic::Add));
        self.arithmetic_scalar("add", value, Dispatch::float_add_scalar, int)
    }

    /// self − value. Errors as [`Tensor::add_scalar`].
    pub fn sub_scalar(&self, value: f64) -> Result<Self> {
        let int = Some((Dispatch::int_sub_scalar as WithScalar, Arithmetic::Subtract));
        self.arithmetic_scalar("sub", value, Dispatch::float_sub_scalar, int)
    }

    /// self · value. Errors as [`Tensor::add_scalar`].
    pub fn mul_scalar(&self, value: f64) -> Result<Self> {
        let int = Some((Dispatch::int_mul_scalar as WithScalar, Arithmetic::Multiply));
        self.arithmetic_scalar("mul", value, Dispatch::float_mul_scalar, int)
    }

    /// self / value, as floats.
    pub fn div_scalar(&self, value: f64) -> Result<Self> {
        self.arithmetic_scalar("div", value, Dispatch::float_div_scalar, None)
    }

    /// −self.
    ///
    /// # Errors
    /// The smallest int, whose negative does not fit 32 bits, on the CPU.
    pub fn neg(&self) -> Result<Self> {
        self.check_smallest("neg")?;
        self.mul_scalar(-1.0)
    }

    /// |self|. Errors as [`Tensor::neg`].
    pub fn abs(&self) -> Result<Self> {
        if self.kind == Kind::Int {
            self.check_smallest("abs")?;
            return Ok(self.with(Dispatch::int_abs(self.raw()), Kind::Int, self.shape.clone()));
        }
        self.map_float("abs", Dispatch::float_abs)
    }

    fn check_smallest(&self, op: &'static str) -> Result<()> {
        if self.kind == Kind::Int && !self.device.is_gpu() && self.ints(op)?.contains(&i32::MIN) {
            let reason = "-2147483648 becomes 2147483648, which does not fit int32".into();
            return Err(Error::State { op, reason });
        }
        Ok(())
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
        shape::check(op, &self.shape)?;
        Ok(self.with(map(self.cast(Kind::Float)?.raw()), Kind::Float, self.shape.clone()))
    }
}

/// d (x / y) = dx / y − (x / y) / y · dy.
#[derive(Clone, Debug)]
struct Quotient {
    divisor: Saved,
    quotient: Saved,
}

impl Operation<2> for Quotient {
    fn backward(&self, by_output: &Tensor, wanted: [bool; 2]) -> Result<[Option<Tensor>; 2]> {
        let (divisor, quotient) = (self.divisor.tensor(), self.quotient.tensor());
        let by_dividend = || by_output.div(&divisor);
        let by_divisor = || by_output.mul(&quotient.div(&divisor)?)?.neg();
        Ok([wanted[0].then(by_dividend).transpose()?, wanted[1].then(by_divisor).transpose()?])
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
