//! Adagrad (Duchi, Hazan, Singer: "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization", 2011), as
//! PyTorch's.

use serde::{Deserialize, Serialize};

use super::{AddDecayedWeights, Link, Mask, ScaleByLearningRate, ScaleByRss};
use crate::options::options;

options! {
    /// The hyperparameters of Adagrad.
    #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    pub struct Adagrad {
        /// How fast steps become shorter besides: by 1 / (1 + (t − 1) · lr_decay) at a parameter's step t.
        pub lr_decay: f64 = 0.0, in 0.0..;
        /// What the sum of squares begins with.
        pub initial_accumulator_value: f64 = 0.0, in 0.0..;
        /// What is added to the root of the sum of squares.
        pub eps: f64 = 1e-10, in 0.0..;
        /// The share of each parameter that is added to its gradient.
        pub weight_decay: f64 = 0.0, in 0.0..;
        /// Whether biases, norm parameters, and all others of at most one dim are decayed, too.
        pub include_bias_and_norm: bool = true;
    }
}

impl Adagrad {
    /// With λ the weight decay: g += λp; s += g²; p −= lr·g / (√s + ε).
    pub(super) fn links(&self) -> Vec<Link> {
        let Self { lr_decay, initial_accumulator_value, eps, weight_decay, include_bias_and_norm } = *self;
        vec![
            AddDecayedWeights { weight_decay, mask: Mask::including_bias_and_norm(include_bias_and_norm) }.into(),
            ScaleByRss { initial_accumulator_value, lr_decay, eps }.into(),
            ScaleByLearningRate {}.into(),
        ]
    }
}
