//! Momentum.

use serde::{Deserialize, Serialize};

use super::{GradientTransform, Slots, UpdateTarget, gradient_transform::Passing};
use crate::{Error, Result, Tensor};

/// v = μv + u; then v, or u + μv with Nesterov's. The first v is u itself.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// μ: the share of the last velocity that stays.
    pub decay: f64,
    /// Whether the update is taken ahead, along the velocity.
    #[serde(default)]
    pub nesterov: bool,
}

impl Trace {
    /// What it is called in a chain, and the velocity in what it keeps.
    pub const NAME: &str = "trace";
}

impl GradientTransform for Trace {
    fn init(&self, shape: &[usize]) -> Result<Slots> {
        Ok(Slots::default().zeros(Self::NAME, shape))
    }

    fn check(&self) -> Result<()> {
        if (0.0..1.0).contains(&self.decay) {
            return Ok(());
        }
        Err(Error::argument(Self::NAME, "decay", "at least 0 and below 1", self.decay))
    }

    fn update(&self, update: Tensor, kept: Slots, _target: &UpdateTarget) -> Result<Passing> {
        let velocity = match kept.get(Self::NAME) {
            Some(velocity) if self.decay != 0.0 => velocity.mul_scalar(self.decay)?.add(&update)?,
            _ => update.clone(),
        };
        let next = if self.nesterov { update.add(&velocity.mul_scalar(self.decay)?)? } else { velocity.clone() };
        Ok((next, kept.tensor(Self::NAME, velocity)))
    }
}
