//! RMSprop (Hinton: "Neural Networks for Machine Learning", lecture 6e, 2012), as PyTorch's.

use serde::{Deserialize, Serialize};

use super::{AddDecayedWeights, Link, Mask, ScaleByLearningRate, ScaleByRms, Trace};
use crate::options::options;

options! {
    /// The hyperparameters of RMSprop.
    #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default)]
    pub struct RmsProp as "RMSprop" {
        /// The share of the mean of squares that stays from step to step.
        pub alpha: f64 = 0.99, in 0.0..1.0;
        /// What is added to the root of the mean of squares.
        pub eps: f64 = 1e-8, in 0.0..;
        /// The share of the last velocity that stays.
        pub momentum: f64 = 0.0, in 0.0..1.0;
        /// Whether gradients are divided by their standard deviation, and not by the root of the mean of squares.
        pub centered: bool = false;
        /// The share of each parameter that is added to its gradient.
        pub weight_decay: f64 = 0.0, in 0.0..;
        /// Whether biases, norm parameters, and all others of at most one dim are decayed, too.
        pub include_bias_and_norm: bool = true;
    }
}

impl RmsProp {
    /// With λ the weight decay and μ the momentum: g += λp; v = μv + g / (√(mean of g²) + ε); p −= lr·v.
    pub(super) fn links(&self) -> Vec<Link> {
        let mask = Mask::including_bias_and_norm(self.include_bias_and_norm);
        let mut links = vec![
            AddDecayedWeights { weight_decay: self.weight_decay, mask }.into(),
            ScaleByRms { decay: self.alpha, eps: self.eps, centered: self.centered }.into(),
        ];
        if self.momentum != 0.0 {
            links.push(Trace { decay: self.momentum, nesterov: false }.into());
        }
        links.push(ScaleByLearningRate {}.into());
        links
    }
}
