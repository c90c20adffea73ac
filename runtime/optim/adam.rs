//! Adam (Kingma, Ba: "Adam: A Method for Stochastic Optimization", 2015) and AdamW (Loshchilov, Hutter: "Decoupled Weight
//! Decay Regularization", 2019), as PyTorch's.

use serde::{Deserialize, Serialize};

use super::{AddDecayedWeights, Betas, Link, Mask, ScaleByAdam, ScaleByLearningRate};
use crate::options::options;

options! {
    /// The hyperparameters of Adam.
    #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    pub struct Adam {
        /// The shares of the gradient's running mean, and of that of its squares, that stay from step to step.
        pub betas: Betas = Betas([0.9, 0.999]), in 0.0..1.0;
        /// What is added to the root of the mean of squares.
        pub eps: f64 = 1e-8, in 0.0..;
        /// The share of each parameter that is added to its gradient.
        pub weight_decay: f64 = 0.0, in 0.0..;
        /// Whether biases, norm parameters, and all others of at most one dim are decayed, too.
        pub include_bias_and_norm: bool = true;
    }
    /// The hyperparameters of AdamW.
    #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
    pub struct AdamW {
        /// The shares of the gradient's running mean, and of that of its squares, that stay from step to step.
        pub betas: Betas = Betas([0.9, 0.999]), in 0.0..1.0;
        /// What is added to the root of the mean of squares.
        pub eps: f64 = 1e-8, in 0.0..;
        /// The share of a parameter, times lr, that a step takes from it.
        pub weight_decay: f64 = 0.01, in 0.0..;
        /// Whether biases, norm parameters, and all others of at most one dim are decayed, too.
        pub include_bias_and_norm: bool = true;
    }
}

impl Adam {
    /// With λ the weight decay: g += λp; then Adam's step of it, times lr.
    pub(super) fn links(&self) -> Vec<Link> {
        vec![
            AddDecayedWeights {
                weight_decay: self.weight_decay,
                mask: Mask::including_bias_and_norm(self.include_bias_and_norm),
            }
            .into(),
            ScaleByAdam { betas: self.betas, eps: self.eps }.into(),
            ScaleByLearningRate {}.into(),
        ]
    }
}

impl AdamW {
    /// With λ the weight decay: Adam's step, and λp, both times lr.
    pub(super) fn links(&self) -> Vec<Link> {
        vec![
            ScaleByAdam { betas: self.betas, eps: self.eps }.into(),
            AddDecayedWeights {
                weight_decay: self.weight_decay,
                mask: Mask::including_bias_and_norm(self.include_bias_and_norm),
            }
            .into(),
            ScaleByLearningRate {}.into(),
        ]
    }
}
