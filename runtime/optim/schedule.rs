//! The learning rate, or any other number, as a function of the step.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A learning rate for every step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Schedule {
    /// The same at every step.
    Constant(f64),
    /// Rises over W steps, then falls along a cosine to 0: base(t + 1)/(W + 1) up to and with t = W, then
    /// base(1 + cos(π(t − W)/(T − W)))/2 (SimCLR; SGDR, Loshchilov and Hutter, ICLR 2017).
    WarmupCosine { base: f64, warmup: Warmup },
    /// Half a cosine between two values: last + (first − last)(1 + cos(πt/T))/2. From m₀ to 1 it is BYOL's momentum
    /// (Grill et al., NeurIPS 2020), from 1 to 0 an annealed weight.
    Cosine { first: f64, last: f64 },
    /// A straight line between two values.
    Linear { first: f64, last: f64 },
}

/// How long the learning rate rises.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warmup {
    /// A share of all steps, 0 to 1, rounded to whole steps.
    Fraction(f64),
    /// So many steps.
    Steps(u64),
}

impl Schedule {
    /// One learning rate throughout.
    ///
    /// # Errors
    /// It is negative or not finite.
    pub fn constant(lr: f64) -> Result<Self> {
        Ok(Self::Constant(check_rate("constant", lr)?))
    }

    /// Warm-up, then cosine. A warm-up below 1 is a share of all steps, else a whole number of steps.
    ///
    /// # Errors
    /// A base that is negative or not finite; a warm-up that is negative or has a fraction over 1.
    pub fn warmup_cosine(base: f64, warmup: f64) -> Result<Self> {
        let base = check_rate("warmup_cosine", base)?;
        let warmup = match warmup {
            share if (0.0..1.0).contains(&share) => Warmup::Fraction(share),
            steps if steps >= 1.0 && steps.fract() == 0.0 && steps < 1e15 => Warmup::Steps(steps as u64),
            other => {
                return Err(Error::argument(
                    "warmup_cosine",
                    "warmup",
                    "a share from 0 to 1 or a whole number of steps",
                    other,
                ));
            }
        };
        Ok(Self::WarmupCosine { base, warmup })
    }

    /// Half a cosine from one value to another, which it reaches at the end.
    ///
    /// # Errors
    /// A value that is not finite.
    pub fn cosine(first: f64, last: f64) -> Result<Self> {
        check_finite("cosine", first, last)?;
        Ok(Self::Cosine { first, last })
    }

    /// A straight line from one value to another, which it reaches at the end.
    ///
    /// # Errors
    /// A value that is not finite.
    pub fn linear(first: f64, last: f64) -> Result<Self> {
        check_finite("linear", first, last)?;
        Ok(Self::Linear { first, last })
    }

    /// The value at a step, counted from 0, of `total`. From `total` on it stays as it is there.
    pub fn at(&self, step: u64, total: u64) -> f64 {
        match *self {
            Self::Constant(lr) => lr,
            Self::Cosine { first, last } => last + (first - last) * (1.0 + (PI * share(step, total)).cos()) / 2.0,
            Self::Linear { first, last } => first + (last - first) * share(step, total),
            Self::WarmupCosine { base, warmup } => {
                let rising = match warmup {
                    Warmup::Fraction(share) => (share * total as f64).round() as u64,
                    Warmup::Steps(steps) => steps,
                };
                if step <= rising {
                    return base * (step + 1) as f64 / (rising + 1) as f64;
                }
                let progress = (step - rising) as f64 / total.saturating_sub(rising).max(1) as f64;
                base * (1.0 + (PI * progress.min(1.0)).cos()) / 2.0
            }
        }
    }
}

/// How far a training has come, 0 to 1.
fn share(step: u64, total: u64) -> f64 {
    (step as f64 / total.max(1) as f64).min(1.0)
}

fn check_finite(op: &str, first: f64, last: f64) -> Result<()> {
    for (name, value) in [("first", first), ("last", last)] {
        if !value.is_finite() {
            return Err(Error::argument(op, name, "finite", value));
        }
    }
    Ok(())
}

fn check_rate(op: &str, lr: f64) -> Result<f64> {
    if lr.is_finite() && lr >= 0.0 { Ok(lr) } else { Err(Error::argument(op, "lr", "a number of at least 0", lr)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::fixture::fixture;

    #[test]
    fn warm_up_and_cosine_follow_the_formula() {
        for case in fixture("/optimizers/warmup_cosine").as_array().unwrap() {
            let warmup = Warmup::Steps(case["warmup"].as_u64().unwrap());
            let schedule = Schedule::WarmupCosine { base: case["base"].as_f64().unwrap(), warmup };
            for (step, lr) in case["lr"].as_array().unwrap().iter().enumerate() {
                assert!(
                    (schedule.at(step as u64, case["total"].as_u64().unwrap()) - lr.as_f64().unwrap()).abs() < 1e-12
                );
            }
        }
    }

    #[test]
    fn a_cosine_from_m_to_1_is_byols_momentum() {
        let schedule = Schedule::cosine(0.99, 1.0).unwrap();
        for step in 0..=20 {
            let want = 1.0 - (1.0 - 0.99) * ((PI * step as f64 / 20.0).cos() + 1.0) / 2.0;
            assert!((schedule.at(step, 20) - want).abs() < 1e-12);
        }
        assert_eq!((Schedule::linear(3.0, -1.0).unwrap().at(5, 10), schedule.at(99, 20)), (1.0, 1.0));
        assert!(Schedule::cosine(f64::NAN, 1.0).is_err() && Schedule::linear(0.0, f64::INFINITY).is_err());
    }

    #[test]
    fn a_share_of_the_steps_is_whole_steps() {
        let share = Schedule::warmup_cosine(1.0, 0.01).unwrap();
        let steps = Schedule::warmup_cosine(1.0, 20.0).unwrap();
        assert!((0..2000).all(|step| share.at(step, 2000) == steps.at(step, 2000)));
        assert_eq!((share.at(2000, 2000), share.at(9999, 2000)), (0.0, 0.0));
        assert!(Schedule::warmup_cosine(1.0, 1.5).is_err() && Schedule::warmup_cosine(f64::NAN, 0.0).is_err());
    }
}
