//! Activation functions besides relu, sigmoid, tanh and gelu, with PyTorch's gradients where their pieces meet.

use super::{
    Kind, Tensor, cpu,
    functions::{Needs, own_functions},
};
use crate::{
    Error, Result,
    tape::{Step, record},
};

/// From here on e⁻ˣ is lost beside x in float32.
const LOST: f64 = 18.0;

own_functions! {
    /// x / (1 + e⁻ˣ) (Hendrycks and Gimpel 2016), also called swish.
    silu = cpu::silu, |x| x.mul(&x.sigmoid()?), Needs::Input(Tensor::silu_slope);
    /// x · tanh(ln(1 + eˣ)) (Misra 2020).
    mish = cpu::mish, |x| x.mul(&x.plain_softplus()?.tanh()?), Needs::Input(Tensor::mish_slope);
    /// −ln(1 + e⁻ˣ), without overflow.
    logsigmoid = cpu::logsigmoid, |x| x.neg()?.plain_softplus()?.neg(),
        Needs::Input(|x, by| by.mul(&x.neg()?.sigmoid()?));
    /// ln(1 + eˣ), without overflow.
    plain_softplus = cpu::softplus, |x| x.relu()?.add(&x.abs()?.neg()?.exp()?.log1p()?),
        Needs::Input(|x, by| by.mul(&x.sigmoid()?));
}

impl Tensor {
    /// σ(x) · (1 + x · (1 − σ(x))) times the gradient.
    fn silu_slope(&self, by: Self) -> Result<Self> {
        let share = self.sigmoid()?;
        let rest = share.neg()?.add_scalar(1.0)?.mul(self)?.add_scalar(1.0)?;
        by.mul(&share.mul(&rest)?)
    }

    /// t + x · σ(x) · (1 − t²) times the gradient, with t = tanh(ln(1 + eˣ)).
    fn mish_slope(&self, by: Self) -> Result<Self> {
        let t = self.plain_softplus()?.tanh()?;
        let rest = t.mul(&t)?.neg()?.add_scalar(1.0)?.mul(&self.sigmoid()?)?.mul(self)?;
        by.mul(&t.add(&rest)?)
    }

    /// ln(1 + e^(β · x)) / β, and x where β · x is over the threshold.
    ///
    /// # Errors
    /// A β of 0.
    pub fn softplus(&self, beta: f64, threshold: f64) -> Result<Self> {
        if beta == 0.0 || !beta.is_finite() {
            return Err(Error::argument("softplus", "beta", "a finite number other than 0", beta));
        }
        let x = self.float("softplus")?;
        let scaled = if beta == 1.0 { x.clone() } else { x.mul_scalar(beta)? };
        let soft = scaled.plain_softplus()?;
        let soft = if beta == 1.0 { soft } else { soft.div_scalar(beta)? };
        if threshold >= LOST {
            return Ok(soft);
        }
        Self::select_where(&scaled.detach().gt_scalar(threshold)?, &x, &soft)
    }

    /// x where that is over 0, else α · (eˣ − 1) (Clevert et al. 2016). NaN has a gradient of 1.
    pub fn elu(&self, alpha: f64) -> Result<Self> {
        let x = self.float("elu")?;
        let is_over = x.detach().le_scalar(0.0)?.logical_not()?;
        let under = x.detach().masked_fill(&is_over, 0.0)?.expm1()?.mul_scalar(alpha)?;
        let output = Self::select_where(&is_over, &x.detach(), &under)?;
        // By eˣ, since 1 more than eˣ − 1 is rounded where x is far below 0.
        Ok(record("elu", [&x], output, |tape| {
            let x = tape.keep(&x);
            move |by: Self, step| {
                // What is over 0 must not overflow, which its gradient would be multiplied by.
                let slope = x.get(step)?.masked_fill(&is_over, 0.0)?.exp()?.mul_scalar(alpha)?;
                Ok([Some(by.mul(&Self::select_where(&is_over, &slope.full_like(1.0)?, &slope)?)?)])
            }
        }))
    }

    /// x / 2 · (1 + tanh(√(2/π) · (x + 0.044715 · x³))): gelu as GPT-2 has it (Hendrycks and Gimpel 2016).
    pub fn gelu_by_tanh(&self) -> Result<Self> {
        let x = self.float("gelu")?;
        let bent = x.mul(&x.mul(&x)?.mul_scalar(0.044_715)?.add_scalar(1.0)?)?;
        let share = bent.mul_scalar((2.0 / std::f64::consts::PI).sqrt())?.tanh()?.add_scalar(1.0)?;
        x.mul(&share.mul_scalar(0.5)?)
    }

    /// scale · elu(x, α) with the constants of Klambauer et al. (2017), which keep mean 0 and variance 1.
    pub fn selu(&self) -> Result<Self> {
        const ALPHA: f64 = 1.673_263_242_354_377_2;
        const SCALE: f64 = 1.050_700_987_355_480_5;
        self.elu(ALPHA)?.mul_scalar(SCALE)
    }

    /// x where that is over 0, else slope · x.
    pub fn leaky_relu(&self, slope: f64) -> Result<Self> {
        let x = self.float("leaky_relu")?;
        Self::select_where(&x.detach().gt_scalar(0.0)?, &x, &x.mul_scalar(slope)?)
    }

    /// Values below min become min, values above max become max. As [`Tensor::clamp`], but that NaN has a gradient of 1.
    /// Of an int tensor an int tensor.
    ///
    /// # Errors
    /// As [`Tensor::clamp`].
    pub fn hardtanh(&self, min: f64, max: f64) -> Result<Self> {
        let own = self.computed()?;
        let output = own.detach().bounded("hardtanh", Some(min), Some(max))?;
        Ok(record("hardtanh", [&*own], output, |tape| {
            let values = tape.keep(&own.detach());
            move |by: Self, step: &Step<'_, Self>| {
                let values = values.get(step)?;
                let is_outside = values.le_scalar(min)?.logical_or(&values.ge_scalar(max)?)?;
                Ok([Some(by.masked_fill(&is_outside, 0.0)?)])
            }
        }))
    }

    /// min(max(x, 0), 6).
    pub fn relu6(&self) -> Result<Self> {
        self.hardtanh(0.0, 6.0)
    }

    /// x · min(max(x + 3, 0), 6) / 6 (Howard et al. 2019). Its gradient is 0 at −3 and 1 at 3.
    pub fn hardswish(&self) -> Result<Self> {
        let input = self.float("hardswish")?;
        let x = input.detach();
        let output = x.mul(&x.add_scalar(3.0)?.clamp(0.0, 6.0)?.div_scalar(6.0)?)?;
        Ok(record("hardswish", [&input], output, |tape| {
            let values = tape.keep(&input);
            move |by: Self, step: &Step<'_, Self>| {
                let x = values.get(step)?;
                let (is_low, is_inside) = (x.detach().le_scalar(-3.0)?, x.detach().lt_scalar(3.0)?);
                let slope = by.mul(&x.div_scalar(3.0)?.add_scalar(0.5)?)?;
                Ok([Some(Self::select_where(&is_inside, &slope, &by)?.masked_fill(&is_low, 0.0)?)])
            }
        }))
    }

    /// x / (1 + |x|).
    pub fn softsign(&self) -> Result<Self> {
        let x = self.float("softsign")?;
        x.div(&x.abs()?.add_scalar(1.0)?)
    }

    /// The same as floats.
    ///
    /// # Errors
    /// A bool tensor.
    pub(super) fn float(&self, op: &'static str) -> Result<Self> {
        if self.kind() == Kind::Bool {
            self.want_float(op)?;
        }
        self.cast(Kind::Float)
    }
}
