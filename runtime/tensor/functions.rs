//! The common functions of one variable, with their gradients.

use std::f64::consts::{FRAC_2_SQRT_PI, SQRT_2};

use burn_dispatch::DispatchTensor;

use super::{Kind, Tensor, cpu, shape};
use crate::{
    Error, Result,
    tape::{Step, is_recording, record},
};

impl Tensor {
    /// x · Φ(x), with the exact normal distribution function.
    pub fn gelu(&self) -> Result<Self> {
        let own = self.computed()?;
        let output = own.map_float("gelu", cpu::gelu)?;
        Ok(record("gelu", [&*own], output, |tape| {
            let values = tape.keep(&own);
            move |by: Self, step| {
                let values = values.get(step)?;
                // Burn's gradient on a GPU is that of the tanh approximation, 5e-4 off.
                if !is_recording() && !by.is_burns() && !by.is_empty() {
                    let shape = by.shape().to_vec();
                    return Ok([Some(values.with(
                        cpu::gelu_backward(values.raw_in_any_order(), by.into_raw_in_any_order()),
                        Kind::Float,
                        shape,
                    ))]);
                }
                Ok([Some(by.mul(&values.gelu_slope()?)?)])
            }
        }))
    }

    /// Φ(x) + x · φ(x).
    fn gelu_slope(&self) -> Result<Self> {
        let distribution = self.div_scalar(SQRT_2)?.erf()?.add_scalar(1.0)?.mul_scalar(0.5)?;
        let density = self.mul(self)?.mul_scalar(-0.5)?.exp()?.mul_scalar(FRAC_2_SQRT_PI / (2.0 * SQRT_2))?;
        distribution.add(&self.mul(&density)?)
    }

    pub(super) fn map_float(&self, op: &'static str, map: fn(DispatchTensor) -> DispatchTensor) -> Result<Self> {
        if self.kind() == Kind::Bool {
            return Err(Error::Kind { op, want: "float32", got: self.kind().name() });
        }
        shape::check(op, self.shape())?;
        let floats = self.cast(Kind::Float)?;
        if self.is_empty() {
            return Ok(floats.detach());
        }
        Ok(self.with(map(floats.into_raw_in_any_order()), Kind::Float, self.shape().to_vec()))
    }
}

impl Tensor {
    /// The result alone of a function of [`cpu`]'s own; of tensors that it leaves alone, what `elsewhere` makes.
    pub(super) fn map_own(&self, op: &'static str, own: Own, elsewhere: fn(&Self) -> Result<Self>) -> Result<Self> {
        if self.kind() == Kind::Bool {
            return Err(Error::Kind { op, want: "float32", got: self.kind().name() });
        }
        shape::check(op, self.shape())?;
        let floats = self.detach().cast(Kind::Float)?;
        if self.is_empty() {
            return Ok(floats);
        }
        match own(floats.raw_in_any_order()) {
            Ok(raw) => Ok(self.with(raw, Kind::Float, self.shape().to_vec())),
            Err(_) => elsewhere(&floats),
        }
    }
}

/// A function of float32 tensors on the CPU device; any other tensor comes back.
type Own = fn(DispatchTensor) -> Result<DispatchTensor, DispatchTensor>;

/// A slope from what is kept for it, times the gradient by the output.
pub(super) type Slope = fn(&Tensor, Tensor) -> Result<Tensor>;

/// What the gradient of a function of one variable needs.
pub(super) enum Needs {
    /// x.
    Input(Slope),
    /// f(x).
    Output(Slope),
    /// Nothing: it is 0 everywhere.
    Nothing,
}

impl Needs {
    pub(super) fn record(self, op: &'static str, input: &Tensor, output: Tensor) -> Tensor {
        let value = output.clone();
        record(op, [input], output, |tape| {
            let (kept, slope): (_, Slope) = match self {
                Self::Input(slope) => (Some(tape.keep(input)), slope),
                Self::Output(slope) => (Some(tape.keep_output(&value, 0)), slope),
                Self::Nothing => (None, |_, by| Ok(by)),
            };
            move |by: Tensor, step: &Step<'_, Tensor>| {
                Ok([Some(match &kept {
                    Some(kept) => slope(&kept.get(step)?, by)?,
                    None => by.zeros_like()?,
                })])
            }
        })
    }
}

/// Functions of one variable that wrap Burn's, with their gradients. An int tensor becomes float first.
macro_rules! functions {
    ($($(#[$doc:meta])* $name:ident = $burn:path, $needs:expr;)*) => {
        impl Tensor {
            $($(#[$doc])* pub fn $name(&self) -> Result<Self> {
                let own = self.computed()?;
                let output = own.map_float(stringify!($name), $burn)?;
                if !self.is_tracked() {
                    return Ok(output);
                }
                Ok($needs.record(stringify!($name), &own, output))
            })*
        }
    };
}

pub(super) use functions;

/// The same of functions that Burn lacks: ours on the CPU, what is put together elsewhere.
macro_rules! own_functions {
    ($($(#[$doc:meta])* $name:ident = $own:path, $elsewhere:expr, $needs:expr;)*) => {
        impl Tensor {
            $($(#[$doc])* pub fn $name(&self) -> Result<Self> {
                let own = self.computed()?;
                let output = own.map_own(stringify!($name), $own, $elsewhere)?;
                if !self.is_tracked() {
                    return Ok(output);
                }
                Ok($needs.record(stringify!($name), &own, output))
            })*
        }
    };
}

pub(super) use own_functions;

functions! {
    /// eˣ.
    exp = cpu::exp, Needs::Output(|y, by| by.mul(y));
    /// The natural logarithm.
    log = cpu::log, Needs::Input(|x, by| by.div(x));
    /// ln(1 + x), exact near 0.
    log1p = cpu::log1p, Needs::Input(|x, by| by.div(&x.add_scalar(1.0)?));
    /// √x.
    sqrt = cpu::sqrt, Needs::Output(|y, by| by.div(&y.mul_scalar(2.0)?));
    /// sin x.
    sin = cpu::sin, Needs::Input(|x, by| by.mul(&x.cos()?));
    /// cos x.
    cos = cpu::cos, Needs::Input(|x, by| by.mul(&x.sin()?)?.neg());
    /// tanh x.
    tanh = cpu::tanh, Needs::Output(|y, by| by.mul(&y.mul(y)?.neg()?.add_scalar(1.0)?));
    /// The error function.
    erf = cpu::erf, Needs::Input(|x, by| by.mul(&x.mul(x)?.neg()?.exp()?)?.mul_scalar(FRAC_2_SQRT_PI));
    /// The largest integer not above x.
    floor = cpu::floor, Needs::Nothing;
    /// The smallest integer not below x.
    ceil = cpu::ceil, Needs::Nothing;
    /// The nearest integer; halves go to the even one.
    round = cpu::round, Needs::Nothing;
    /// −1, 0 or 1.
    sign = cpu::sign, Needs::Nothing;
    /// max(x, 0).
    relu = cpu::relu, Needs::Output(Tensor::relu_slope);
    /// 1 / (1 + e⁻ˣ).
    sigmoid = cpu::sigmoid, Needs::Output(Tensor::sigmoid_slope);
}

impl Tensor {
    /// The gradient where this output of relu is over 0, 0 elsewhere.
    pub(super) fn relu_slope(&self, by: Self) -> Result<Self> {
        if !is_recording() && !self.is_empty() {
            let shape = self.shape().to_vec();
            return Ok(self.with(
                cpu::relu_backward(self.raw_in_any_order(), by.into_raw_in_any_order()),
                Kind::Float,
                shape,
            ));
        }
        by.masked_fill(&self.detach().le_scalar(0.0)?, 0.0)
    }

    /// y · (1 − y) times the gradient.
    fn sigmoid_slope(&self, by: Self) -> Result<Self> {
        if !is_recording() && !self.is_empty() {
            let shape = self.shape().to_vec();
            return Ok(self.with(
                cpu::sigmoid_backward(self.raw_in_any_order(), by.into_raw_in_any_order()),
                Kind::Float,
                shape,
            ));
        }
        by.mul(&self.sub(&self.mul(self)?)?)
    }
}
