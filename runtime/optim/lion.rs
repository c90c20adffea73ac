//! Lion (Chen et al.: "Symbolic Discovery of Optimization Algorithms", NeurIPS 2023).

use serde::{Deserialize, Serialize};

use super::{AddDecayedWeights, Betas, Link, Mask, ScaleByLearningRate, ScaleByLion};
use crate::options::options;

options! {
    /// The hyperparameters of Lion.
    #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Lion {
        /// The share of the running mean beside the gradient in a step, and that which stays of it.
        pub betas: Betas = Betas([0.9, 0.99]), in 0.0..1.0;
        /// The share of a parameter, times lr, that a step takes from it.
        pub weight_decay: f64 = 0.0, in 0.0..;
        /// Whether biases, norm parameters, and all others of at most one dim are decayed, too.
        pub include_bias_and_norm: bool = true;
    }
}

impl Lion {
    /// With λ the weight decay: p −= lr·(sign(β₁m + (1 − β₁)g) + λp).
    pub(super) fn links(&self) -> Vec<Link> {
        let mask = Mask::including_bias_and_norm(self.include_bias_and_norm);
        vec![
            ScaleByLion { betas: self.betas }.into(),
            AddDecayedWeights { weight_decay: self.weight_decay, mask }.into(),
            ScaleByLearningRate {}.into(),
        ]
    }
}
