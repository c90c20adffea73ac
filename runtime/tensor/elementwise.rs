//! Elementwise arithmetic with broadcasting.

use burn_backend::{
    Scalar,
    ops::{BoolTensorOps, FloatTensorOps, IntTensorOps},
};
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{
    Kind, Tensor,
    cpu::{self, Arithmetic},
    shape,
};
use crate::{
    Error, Result,
    tape::{Kept, record},
};

type Binary = fn(DispatchTensor, DispatchTensor) -> DispatchTensor;
type WithScalar = fn(DispatchTensor, Scalar) -> DispatchTensor;

impl Tensor {
    /// The same values as another kind. To int truncates towards 0; to bool is true where the value is not 0.
    /// Only float to float keeps the tape.
    ///
    /// # Errors
    /// To int: NaN, and a value that does not fit 32 bits.
    pub fn cast(&self, kind: Kind) -> Result<Self> {
        if self.kind() != kind {
            shape::check("cast", self.shape())?;
        }
        let raw = match (self.kind(), kind) {
            (from, to) if from == to => return Ok(self.clone()),
            (Kind::Float, Kind::Int) => return Ok(self.truncated()?.counting_as(self)),
            (Kind::Int, Kind::Float) => Dispatch::int_into_float(self.raw(), self.device().floats()),
            (Kind::Bool, Kind::Float) => Dispatch::bool_into_float(self.raw(), self.device().floats()),
            (Kind::Bool, Kind::Int) => Dispatch::bool_into_int(self.raw(), self.device().ints()),
            _ => return self.detach().ne_scalar(0.0),
        };
        Ok(self.with_own(raw, kind, self.shape().to_vec()))
    }

    /// The result alone, as a constant.
    pub(super) fn arithmetic(
        &self,
        op: &'static str,
        other: &Self,
        float: Binary,
        int: Option<Arithmetic>,
    ) -> Result<Self> {
        self.want_device(op, other)?;
        let out = shape::broadcast(op, self.shape(), other.shape())?;
        let kind = if int.is_some() { self.kind().promote(other.kind()) } else { Kind::Float };
        if let (Kind::Int, Some(int)) = (kind, int) {
            let (left, right) = (self.cast(kind)?, other.cast(kind)?);
            return left.expand(&out)?.int_arithmetic(op, &right.expand(&out)?, int);
        }
        if let Some(which) = int
            && self.shape() == other.shape()
            && let Some(raw) = cpu::arithmetic_of_few(&self.value.raw, &other.value.raw, &out, which)
        {
            return Ok(self.with(raw, Kind::Float, out));
        }
        let operand = |tensor: &Self| match tensor.kind() {
            Kind::Float if tensor.rank() == out.len() => Ok(tensor.raw_in_any_order()),
            Kind::Float => Ok(tensor.raw_as(&shape::pad(tensor.shape(), out.len()))),
            _ => Ok(tensor.cast(kind)?.raw_as(&shape::pad(tensor.shape(), out.len()))),
        };
        let raw = float(operand(self)?, operand(other)?);
        Ok(self.with(raw, Kind::Float, out))
    }

    fn arithmetic_scalar(
        &self,
        op: &'static str,
        value: f64,
        float: WithScalar,
        int: Option<(WithScalar, Arithmetic)>,
    ) -> Result<Self> {
        shape::check(op, self.shape())?;
        let fits = value.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value);
        match int {
            Some((int, which)) if self.kind() != Kind::Float && fits => {
                let ints = self.cast(Kind::Int)?;
                if self.device().is_gpu() {
                    let raw = int(ints.raw(), (value as i64).into());
                    return Ok(self.with(raw, Kind::Int, self.shape().to_vec()));
                }
                let value = Self::full(value, &[], Kind::Int, self.device())?;
                ints.int_arithmetic(op, &value.expand(self.shape())?, which)
            }
            Some(_) if self.kind() != Kind::Float && value.fract() == 0.0 => {
                let reason = format!("{value} does not fit int32; cast to float32 first");
                Err(Error::State { op, reason })
            }
            _ => {
                let floats =
                    if self.kind() == Kind::Float { self.raw_in_any_order() } else { self.cast(Kind::Float)?.raw() };
                Ok(self.with(float(floats, value.into()), Kind::Float, self.shape().to_vec()))
            }
        }
    }

    pub(super) fn want_device(&self, op: &'static str, other: &Self) -> Result<()> {
        if self.device() == other.device() {
            return Ok(());
        }
        let reason = format!("one tensor is on {}, the other on {}", self.device().name(), other.device().name());
        Err(Error::State { op, reason })
    }

    /// self + other. Shapes broadcast; int + float is float.
    ///
    /// # Errors
    /// A sum of ints that does not fit 32 bits, on the CPU; a GPU wraps around.
    pub fn add(&self, other: &Self) -> Result<Self> {
        let sum = self.arithmetic("add", other, cpu::add, Some(Arithmetic::Add))?;
        let operands = [self, other];
        Ok(record("add", operands, sum, |_| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            move |by, step| Ok([step.of(0, || by.sum_to(&shapes[0]))?, step.of(1, || by.sum_to(&shapes[1]))?])
        }))
    }

    /// self − other. Shapes broadcast. Errors as [`Tensor::add`].
    pub fn sub(&self, other: &Self) -> Result<Self> {
        let rest = self.arithmetic("sub", other, cpu::sub, Some(Arithmetic::Subtract))?;
        let operands = [self, other];
        Ok(record("sub", operands, rest, |_| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            move |by, step| Ok([step.of(0, || by.sum_to(&shapes[0]))?, step.of(1, || by.sum_to(&shapes[1])?.neg())?])
        }))
    }

    /// self · other, elementwise. Shapes broadcast. Errors as [`Tensor::add`].
    pub fn mul(&self, other: &Self) -> Result<Self> {
        let product = self.arithmetic("mul", other, cpu::mul, Some(Arithmetic::Multiply))?;
        let operands = [self, other];
        Ok(record("mul", operands, product, |tape| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            let (left, right) = (tape.keep_for(1, self), tape.keep_for(0, other));
            move |by, step| {
                let times = |kept: &Option<Kept<Self>>, shape: &[usize]| {
                    let kept = kept.as_ref().expect("what is wanted is on the tape, and was kept for");
                    by.mul(&kept.get(step)?)?.sum_to(shape)
                };
                Ok([step.of(0, || times(&right, &shapes[0]))?, step.of(1, || times(&left, &shapes[1]))?])
            }
        }))
    }

    /// self / other as floats. Shapes broadcast.
    pub fn div(&self, other: &Self) -> Result<Self> {
        let quotient = self.arithmetic("div", other, cpu::div, None)?;
        let operands = [self, other];
        // d (x / y) = dx / y − (x / y) / y · dy.
        Ok(record("div", operands, quotient.clone(), |tape| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            let divisor = tape.keep(other);
            let quotient = tape.tracks(1).then(|| tape.keep_output(&quotient, 0));
            move |by, step| {
                let divisor = divisor.get(step)?;
                let by_dividend = by.div(&divisor)?;
                let by_divisor =
                    |quotient: &Kept<Self>| by_dividend.mul(&quotient.get(step)?)?.sum_to(&shapes[1])?.neg();
                let by_divisor = match &quotient {
                    Some(quotient) => step.of(1, || by_divisor(quotient))?,
                    None => None,
                };
                Ok([step.of(0, || by_dividend.sum_to(&shapes[0]))?, by_divisor])
            }
        }))
    }

    /// self − other · ⌊self / other⌋: the sign is that of the divisor. Shapes broadcast. The gradient flows to self
    /// and other as in PyTorch.
    ///
    /// # Errors
    /// Ints divided by 0, on the CPU; a GPU gives any number.
    pub fn remainder(&self, other: &Self) -> Result<Self> {
        let rest = self.arithmetic("remainder", other, Dispatch::float_remainder, Some(Arithmetic::Remainder))?;
        let operands = [self, other];
        if !operands.iter().any(|tensor| tensor.is_tracked()) {
            return Ok(rest);
        }
        let quotient = self.floor_div(other)?;
        Ok(record("remainder", operands, rest, |tape| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            let quotient = tape.keep(&quotient);
            move |by, step| {
                let by_divisor = || by.mul(&quotient.get(step)?)?.sum_to(&shapes[1])?.neg();
                Ok([step.of(0, || by.sum_to(&shapes[0]))?, step.of(1, by_divisor)?])
            }
        }))
    }

    /// ⌊self / other⌋. Shapes broadcast. Its gradient is zero. Errors as [`Tensor::remainder`].
    pub fn floor_div(&self, other: &Self) -> Result<Self> {
        const OP: &str = "floor_div";
        let quotient = self.detach().arithmetic(OP, &other.detach(), cpu::div, Some(Arithmetic::Divide))?;
        if quotient.kind() == Kind::Float { quotient.floor() } else { Ok(quotient) }
    }

    /// self + value.
    ///
    /// # Errors
    /// Ints, and a whole number or a sum that does not fit 32 bits; sums on the CPU alone.
    pub fn add_scalar(&self, value: f64) -> Result<Self> {
        let int = Some((Dispatch::int_add_scalar as WithScalar, Arithmetic::Add));
        let output = self.arithmetic_scalar("add", value, cpu::add_number, int)?;
        Ok(record("add", [self], output, |_| |by, _| Ok([Some(by)])))
    }

    /// self − value. Errors as [`Tensor::add_scalar`].
    pub fn sub_scalar(&self, value: f64) -> Result<Self> {
        let int = Some((Dispatch::int_sub_scalar as WithScalar, Arithmetic::Subtract));
        let output = self.arithmetic_scalar("sub", value, cpu::sub_number, int)?;
        Ok(record("sub", [self], output, |_| |by, _| Ok([Some(by)])))
    }

    /// self · value. Errors as [`Tensor::add_scalar`].
    pub fn mul_scalar(&self, value: f64) -> Result<Self> {
        let int = Some((Dispatch::int_mul_scalar as WithScalar, Arithmetic::Multiply));
        let output = self.arithmetic_scalar("mul", value, cpu::mul_number, int)?;
        Ok(record("mul", [self], output, |_| move |by: Self, _| Ok([Some(by.mul_scalar(value)?)])))
    }

    /// self / value, as floats.
    pub fn div_scalar(&self, value: f64) -> Result<Self> {
        let output = self.arithmetic_scalar("div", value, cpu::div_number, None)?;
        Ok(record("div", [self], output, |_| move |by: Self, _| Ok([Some(by.div_scalar(value)?)])))
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
        if self.kind() == Kind::Int {
            self.check_smallest("abs")?;
            return Ok(self.with(Dispatch::int_abs(self.raw()), Kind::Int, self.shape().to_vec()));
        }
        let output = self.map_float("abs", cpu::abs)?;
        Ok(record("abs", [self], output, |tape| {
            let values = tape.keep(self);
            move |by: Self, step| Ok([Some(by.mul(&values.get(step)?.detach().sign()?)?)])
        }))
    }

    fn check_smallest(&self, op: &'static str) -> Result<()> {
        if self.kind() == Kind::Int && !self.device().is_gpu() && self.ints(op)?.contains(&i32::MIN) {
            let reason = "-2147483648 becomes 2147483648, which does not fit int32".into();
            return Err(Error::State { op, reason });
        }
        Ok(())
    }
}
