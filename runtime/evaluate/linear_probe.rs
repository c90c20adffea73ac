//! How the layer of a linear probe is trained. Sees no features and no labels.

use crate::{Error, Result};

pub(super) const OP: &str = "linear";

/// How the layer is trained.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearProbe {
    /// Passes over the training rows.
    pub epochs: usize,
    /// Rows of a step. A last batch that would be shorter is left out; more than there are rows means all of them.
    pub batch: usize,
    /// The learning rate of the first step; step t of T has lr·(1 − t/T).
    pub lr: f64,
    /// From 0 to below 1.
    pub momentum: f64,
    /// Of weight and bias, as `torch.optim.SGD`'s.
    pub weight_decay: f64,
    /// Whether rows are L2-normalised first.
    pub normalize: bool,
    /// Keys the order of the rows.
    pub seed: u64,
}

impl Default for LinearProbe {
    fn default() -> Self {
        Self { epochs: 100, batch: 256, lr: 0.1, momentum: 0.9, weight_decay: 1e-4, normalize: false, seed: 0 }
    }
}

/// Nothing breaks an evaluation off, so it must end by itself.
const MOST_EPOCHS: usize = 100_000;

impl LinearProbe {
    pub(super) fn check(&self) -> Result<()> {
        for (name, size) in [("epochs", self.epochs), ("batch", self.batch)] {
            if size == 0 {
                return Err(Error::argument(OP, name, "at least 1", size));
            }
        }
        if self.epochs > MOST_EPOCHS {
            return Err(Error::argument(OP, "epochs", format!("at most {MOST_EPOCHS}"), self.epochs));
        }
        let not_negative = |value: f64| value.is_finite() && value >= 0.0;
        let numbers = [
            ("lr", self.lr, not_negative(self.lr) && self.lr > 0.0, "a number over 0"),
            ("momentum", self.momentum, (0.0..1.0).contains(&self.momentum), "from 0 to below 1"),
            ("weight_decay", self.weight_decay, not_negative(self.weight_decay), "0 or a number over it"),
        ];
        match numbers.into_iter().find(|(_, _, sound, _)| !sound) {
            Some((name, value, _, want)) => Err(Error::argument(OP, name, want, value)),
            None => Ok(()),
        }
    }
}
