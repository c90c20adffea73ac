//! The learning rate, or any other number, as a function of the step.

mod cosine_restarts;
mod decay;
mod finite;
mod function;
mod joined;
mod length;
mod one_cycle;

use std::{f64::consts::PI, mem::discriminant};

use serde::{Deserialize, Serialize};

use crate::{Error, Result};
use finite::check_finite;

pub use cosine_restarts::CosineRestarts;
pub use decay::Decay;
pub use function::{Compute, FunctionSchedule};
pub use joined::{Piecewise, WarmUp};
pub use length::Length;
pub use one_cycle::{Anneal, OneCycle, OneCycleOptions};

/// A number for every step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// The same at every step.
    Constant(f64),
    /// Rises over W steps, then falls along a cosine to 0: base(t + 1)/(W + 1) up to and with t = W, then
    /// base(1 + cos(π(t − W)/(T − W)))/2 (SimCLR; SGDR, Loshchilov and Hutter, ICLR 2017).
    WarmupCosine { base: f64, warmup: Length },
    /// Half a cosine between two values: last + (first − last)(1 + cos(πt/T))/2. From m₀ to 1 it is BYOL's momentum
    /// (Grill et al., NeurIPS 2020), from 1 to 0 an annealed weight.
    Cosine { first: f64, last: f64 },
    /// A straight line between two values.
    Linear { first: f64, last: f64 },
    /// Between two values along a power of the steps that are left: last + (first − last)(1 − t/T)ᵖ.
    Polynomial { first: f64, last: f64, power: f64 },
    /// By a factor, again and again.
    Decay(Decay),
    /// Half a cosine, again and again.
    CosineRestarts(CosineRestarts),
    /// Up to a peak and down.
    OneCycle(OneCycle),
    /// A warm-up, and another schedule.
    WarmUp(WarmUp<Self>),
    /// One after the other.
    Piecewise(Piecewise<Self>),
    /// What a function says.
    Function(FunctionSchedule),
}

impl Schedule {
    /// One value throughout.
    ///
    /// # Errors
    /// It is not finite.
    pub fn constant(value: f64) -> Result<Self> {
        check_finite("constant", [("value", value)])?;
        Ok(Self::Constant(value))
    }

    /// Warm-up, then cosine. A warm-up below 1 is a share of all steps, else a whole number of steps.
    ///
    /// # Errors
    /// A base that is negative or not finite; a warm-up that is negative or has a fraction over 1.
    pub fn warmup_cosine(base: f64, warmup: f64) -> Result<Self> {
        let base = check_rate("warmup_cosine", base)?;
        Ok(Self::WarmupCosine { base, warmup: Length::new("warmup_cosine", "warmup", warmup)? })
    }

    /// Half a cosine from one value to another, which it reaches at the end.
    ///
    /// # Errors
    /// A value that is not finite.
    pub fn cosine(first: f64, last: f64) -> Result<Self> {
        check_finite("cosine", [("first", first), ("last", last)])?;
        Ok(Self::Cosine { first, last })
    }

    /// A straight line from one value to another, which it reaches at the end.
    ///
    /// # Errors
    /// A value that is not finite.
    pub fn linear(first: f64, last: f64) -> Result<Self> {
        check_finite("linear", [("first", first), ("last", last)])?;
        Ok(Self::Linear { first, last })
    }

    /// From one value to another, which it reaches at the end, as PyTorch's PolynomialLR.
    ///
    /// # Errors
    /// A value that is not finite; a power that is not over 0.
    pub fn polynomial(first: f64, last: f64, power: f64) -> Result<Self> {
        check_finite("polynomial", [("first", first), ("last", last), ("power", power)])?;
        if power <= 0.0 {
            return Err(Error::argument("polynomial", "power", "more than 0", power));
        }
        Ok(Self::Polynomial { first, last, power })
    }

    /// base · factor^⌊t / every⌋, as PyTorch's StepLR. `every` is a share of all steps if below 1.
    ///
    /// # Errors
    /// A value that is not finite; no steps.
    pub fn step(base: f64, factor: f64, every: f64) -> Result<Self> {
        Decay::stairs(base, factor, every).map(Self::Decay)
    }

    /// base · factor^(t / every), as PyTorch's ExponentialLR. Errors as [`Schedule::step`].
    pub fn exponential(base: f64, factor: f64, every: f64) -> Result<Self> {
        Decay::slope(base, factor, every).map(Self::Decay)
    }

    /// base · factorᵏ after k milestones, as PyTorch's MultiStepLR. Errors as [`Schedule::step`].
    pub fn multi_step(base: f64, factor: f64, milestones: &[f64]) -> Result<Self> {
        Decay::milestones(base, factor, milestones).map(Self::Decay)
    }

    /// Half a cosine from one value to another, anew after each period, which is `growth` times as long each time.
    ///
    /// # Errors
    /// A value that is not finite; no period; periods that become shorter.
    pub fn cosine_restarts(first: f64, last: f64, period: f64, growth: f64) -> Result<Self> {
        CosineRestarts::new(first, last, period, growth).map(Self::CosineRestarts)
    }

    /// Up to a peak and down far below the beginning.
    ///
    /// # Errors
    /// A value that is not finite or not in its range.
    pub fn one_cycle(peak: f64, options: OneCycleOptions) -> Result<Self> {
        OneCycle::new(peak, options).map(Self::OneCycle)
    }

    /// This one after a straight rise to where it begins. Without `from` the first step has 1/(W + 1) of that.
    ///
    /// # Errors
    /// A length that is none; a beginning that is not finite.
    pub fn after_warmup(self, length: f64, from: Option<f64>) -> Result<Self> {
        WarmUp::new(length, from, self).map(Self::WarmUp)
    }

    /// One schedule after the other.
    ///
    /// # Errors
    /// Not one boundary fewer than parts.
    pub fn piecewise(parts: Vec<Self>, boundaries: &[f64]) -> Result<Self> {
        Piecewise::new(parts, boundaries).map(Self::Piecewise)
    }

    /// The value at a step, counted from 0, of `total`. From `total` on it stays as it is there, where it has an end.
    ///
    /// # Errors
    /// Those of a function, and where it gives no finite number.
    pub fn at(&self, step: u64, total: u64) -> Result<f64> {
        Ok(match self {
            Self::Constant(lr) => *lr,
            Self::Cosine { first, last } => last + (first - last) * (1.0 + (PI * share(step, total)).cos()) / 2.0,
            Self::Linear { first, last } => first + (last - first) * share(step, total),
            Self::Polynomial { first, last, power } => last + (first - last) * (1.0 - share(step, total)).powf(*power),
            Self::WarmupCosine { base, warmup } => {
                let rising = warmup.steps(total);
                if step <= rising {
                    return Ok(base * (step + 1) as f64 / (rising + 1) as f64);
                }
                let progress = (step - rising) as f64 / total.saturating_sub(rising).max(1) as f64;
                base * (1.0 + (PI * progress.min(1.0)).cos()) / 2.0
            }
            Self::Decay(decay) => decay.at(step, total),
            Self::CosineRestarts(restarts) => restarts.at(step, total),
            Self::OneCycle(cycle) => cycle.at(step, total),
            Self::WarmUp(warm_up) => return warm_up.at(step, total, Self::at),
            Self::Piecewise(pieces) => return pieces.at(step, total, Self::at),
            Self::Function(function) => return function.at(step, total),
        })
    }

    /// Takes functions that it lacks, since it comes from a state, from another schedule of the same form.
    pub(super) fn find_functions(&mut self, other: &Self) {
        if discriminant(&*self) != discriminant(other) {
            return;
        }
        if let (Self::Function(own), Self::Function(theirs)) = (&mut *self, other) {
            own.find(theirs);
            return;
        }
        let mut theirs = other.clone();
        let (own, theirs) = (self.parts(), theirs.parts());
        if own.len() == theirs.len() {
            own.iter_mut().zip(theirs).for_each(|(own, theirs)| own.find_functions(theirs));
        }
    }

    /// The functions in it.
    pub(super) fn functions(&mut self) -> Vec<&mut FunctionSchedule> {
        match self {
            Self::Function(function) => vec![function],
            other => other.parts().iter_mut().flat_map(Self::functions).collect(),
        }
    }

    fn parts(&mut self) -> &mut [Self] {
        match self {
            Self::WarmUp(warm_up) => warm_up.parts(),
            Self::Piecewise(pieces) => pieces.parts(),
            _ => &mut [],
        }
    }
}

/// How far a training has come, 0 to 1.
fn share(step: u64, total: u64) -> f64 {
    (step as f64 / total.max(1) as f64).min(1.0)
}

fn check_rate(op: &str, lr: f64) -> Result<f64> {
    if lr.is_finite() && lr >= 0.0 { Ok(lr) } else { Err(Error::argument(op, "lr", "a number of at least 0", lr)) }
}

#[cfg(test)]
mod tests;
