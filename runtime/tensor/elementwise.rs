//! Elementwise arithmetic with broadcasting.

use burn_backend::{
    Scalar,
    ops::{FloatTensorOps, IntTensorOps},
};
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{
    DType, Kind, Tensor,
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
    /// The result alone, as a constant, of two tensors of one format.
    pub(super) fn arithmetic(
        &self,
        op: &'static str,
        other: &Self,
        float: Binary,
        int: Option<Arithmetic>,
    ) -> Result<Self> {
        self.want_device(op, other)?;
        let out = shape::broadcast(op, self.shape(), other.shape())?;
        if out.contains(&0) {
            return self.without_elements(self.dtype(), &out);
        }
        if let (Kind::Int, Some(int)) = (self.kind(), int) {
            return self.expand(&out)?.int_arithmetic(op, &other.expand(&out)?, int);
        }
        if let Some(which) = int
            && self.shape() == other.shape()
            && let Some(raw) = cpu::arithmetic_of_few(&self.value.raw, &other.value.raw, &out, which)
        {
            return Ok(self.with(raw, Kind::Float, out));
        }
        let operand = |tensor: &Self| match tensor.rank() == out.len() {
            true => tensor.raw_in_any_order(),
            false => tensor.raw_as(&shape::pad(tensor.shape(), out.len())),
        };
        let raw = float(operand(self), operand(other));
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
        let dtype = if self.kind() == Kind::Bool { DType::Int32 } else { self.dtype().computed() };
        let [least, most] = dtype.range().map(|bound| bound as f64);
        let fits = value.fract() == 0.0 && (least..=most).contains(&value);
        if self.is_empty() {
            let is_int = int.is_some() && self.kind() != Kind::Float && value.fract() == 0.0;
            let dtype = if is_int || self.kind() == Kind::Float { dtype } else { DType::Float32 };
            return self.without_elements(dtype, self.shape());
        }
        match int {
            Some((int, which)) if self.kind() != Kind::Float && fits => {
                let ints = self.cast(Kind::Int)?;
                if self.device().is_gpu() {
                    let raw = int(ints.raw(), (value as i64).into());
                    return Ok(self.with(raw, Kind::Int, self.shape().to_vec()));
                }
                let value = Self::filled(op, value, &[], dtype, self.device())?;
                ints.int_arithmetic(op, &value.expand(self.shape())?, which)
            }
            Some(_) if self.kind() != Kind::Float && value.fract() == 0.0 => {
                let reason = format!("{value} does not fit {dtype}; cast to float32 first");
                Err(Error::State { op, reason })
            }
            _ => {
                let floats = self.cast(Kind::Float)?.into_raw_in_any_order();
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
        let [left, right] = self.promoted(other)?;
        let (left, right) = (&*left, &*right);
        let sum = left.arithmetic("add", right, cpu::add, Some(Arithmetic::Add))?;
        let operands = [left, right];
        Ok(record("add", operands, sum, |_| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            move |by, step| Ok([step.of(0, || by.sum_to(&shapes[0]))?, step.of(1, || by.sum_to(&shapes[1]))?])
        }))
    }

    /// self − other. Shapes broadcast. Errors as [`Tensor::add`].
    pub fn sub(&self, other: &Self) -> Result<Self> {
        let [left, right] = self.promoted(other)?;
        let (left, right) = (&*left, &*right);
        let rest = left.arithmetic("sub", right, cpu::sub, Some(Arithmetic::Subtract))?;
        let operands = [left, right];
        Ok(record("sub", operands, rest, |_| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            move |by, step| Ok([step.of(0, || by.sum_to(&shapes[0]))?, step.of(1, || by.sum_to(&shapes[1])?.neg())?])
        }))
    }

    /// self · other, elementwise. Shapes broadcast. Errors as [`Tensor::add`].
    pub fn mul(&self, other: &Self) -> Result<Self> {
        let [left, right] = self.promoted(other)?;
        let (left, right) = (&*left, &*right);
        let product = left.arithmetic("mul", right, cpu::mul, Some(Arithmetic::Multiply))?;
        let operands = [left, right];
        Ok(record("mul", operands, product, |tape| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            let (left, right) = (tape.keep_for(1, left), tape.keep_for(0, right));
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
        let [left, right] = self.promoted_floats(other)?;
        let (left, right) = (&*left, &*right);
        let quotient = left.arithmetic("div", right, cpu::div, None)?;
        let operands = [left, right];
        // d (x / y) = dx / y − (x / y) / y · dy.
        Ok(record("div", operands, quotient.clone(), |tape| {
            let shapes = operands.map(|tensor| tensor.shape().to_vec());
            let divisor = tape.keep(right);
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
        let [left, right] = self.promoted(other)?;
        let (left, right) = (&*left, &*right);
        let rest = left.arithmetic("remainder", right, Dispatch::float_remainder, Some(Arithmetic::Remainder))?;
        let operands = [left, right];
        if !operands.iter().any(|tensor| tensor.is_tracked()) {
            return Ok(rest);
        }
        let quotient = left.floor_div(right)?;
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
        let (left, right) = (self.detach(), other.detach());
        let [left, right] = left.promoted(&right)?;
        let quotient = left.arithmetic(OP, &right, cpu::div, Some(Arithmetic::Divide))?;
        if quotient.kind() == Kind::Float { quotient.floor() } else { Ok(quotient) }
    }

    /// self + value.
    ///
    /// # Errors
    /// Ints, and a whole number or a sum that does not fit 32 bits; sums on the CPU alone.
    pub fn add_scalar(&self, value: f64) -> Result<Self> {
        let own = self.computed()?;
        let int = Some((Dispatch::int_add_scalar as WithScalar, Arithmetic::Add));
        let output = own.arithmetic_scalar("add", value, cpu::add_number, int)?;
        Ok(record("add", [&*own], output, |_| |by, _| Ok([Some(by)])))
    }

    /// self − value. Errors as [`Tensor::add_scalar`].
    pub fn sub_scalar(&self, value: f64) -> Result<Self> {
        let own = self.computed()?;
        let int = Some((Dispatch::int_sub_scalar as WithScalar, Arithmetic::Subtract));
        let output = own.arithmetic_scalar("sub", value, cpu::sub_number, int)?;
        Ok(record("sub", [&*own], output, |_| |by, _| Ok([Some(by)])))
    }

    /// self · value. Errors as [`Tensor::add_scalar`].
    pub fn mul_scalar(&self, value: f64) -> Result<Self> {
        let own = self.computed()?;
        let int = Some((Dispatch::int_mul_scalar as WithScalar, Arithmetic::Multiply));
        let output = own.arithmetic_scalar("mul", value, cpu::mul_number, int)?;
        Ok(record("mul", [&*own], output, |_| move |by: Self, _| Ok([Some(by.mul_scalar(value)?)])))
    }

    /// self / value, as floats.
    pub fn div_scalar(&self, value: f64) -> Result<Self> {
        let own = self.computed()?;
        let output = own.arithmetic_scalar("div", value, cpu::div_number, None)?;
        Ok(record("div", [&*own], output, |_| move |by: Self, _| Ok([Some(by.div_scalar(value)?)])))
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
            if self.is_empty() {
                return self.without_elements(self.dtype().computed(), self.shape());
            }
            let ints = self.cast(Kind::Int)?;
            return Ok(self.with(Dispatch::int_abs(ints.raw()), Kind::Int, self.shape().to_vec()));
        }
        let own = self.computed()?;
        let output = own.map_float("abs", cpu::abs)?;
        Ok(record("abs", [&*own], output, |tape| {
            let values = tape.keep(&own);
            move |by: Self, step| Ok([Some(by.mul(&values.get(step)?.detach().sign()?)?)])
        }))
    }

    fn check_smallest(&self, op: &'static str) -> Result<()> {
        let dtype = self.dtype();
        if self.kind() != Kind::Int || dtype == DType::UInt8 || self.device().is_gpu() {
            return Ok(());
        }
        let [least, _] = dtype.range();
        if self.longs(op)?.contains(&least) {
            let reason = format!("{least} becomes {}, which does not fit {dtype}", -i128::from(least));
            return Err(Error::State { op, reason });
        }
        Ok(())
    }
}
