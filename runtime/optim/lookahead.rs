//! Lookahead (Zhang et al., NeurIPS 2019): weights that follow those of another rule from time to time.

use serde::{Deserialize, Serialize};

use super::{GradientTransform, Slots, UpdateTarget, gradient_transform::Passing};
use crate::{
    Error, Result, Tensor,
    options::{Options, options},
};

options! {
    /// Options of `mb.optim.lookahead`.
    #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Lookahead {
        /// After so many steps the slow weights move, and the optimizer goes on from them.
        pub steps: u64 = 5;
        /// The share of the way to the fast weights that they move.
        pub alpha: f64 = 0.5, in 0.0..=1.0;
    }
}

const SLOW: &str = "slow";
const COUNT: &str = "count";

impl Lookahead {
    pub(super) const NAME: &str = "lookahead";
}

/// With p − u the fast weights of the t-th step and s the slow ones, p at first: s += α(p − u − s) and p = s where k
/// divides t; else p −= u.
impl GradientTransform for Lookahead {
    fn init(&self, shape: &[usize]) -> Result<Slots> {
        Ok(Slots::default().zeros(SLOW, shape).counter(COUNT, 0))
    }

    fn check(&self) -> Result<()> {
        if self.steps == 0 {
            return Err(Error::argument(Self::NAME, "steps", "at least 1", self.steps));
        }
        Options::check(self, Self::NAME)
    }

    fn update(&self, update: Tensor, kept: Slots, target: &UpdateTarget) -> Result<Passing> {
        let count = kept.count(COUNT) + 1;
        let slow = match kept.get(SLOW) {
            Some(slow) => slow.clone(),
            None => target.parameter.clone(),
        };
        let kept = kept.counter(COUNT, count);
        if !count.is_multiple_of(self.steps) {
            return Ok((update, kept.tensor(SLOW, slow)));
        }
        let fast = target.parameter.sub(&update)?;
        let slow = slow.add(&fast.sub(&slow)?.mul_scalar(self.alpha)?)?;
        Ok((target.parameter.sub(&slow)?, kept.tensor(SLOW, slow)))
    }
}
