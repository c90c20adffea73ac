//! LAMB (You et al.: "Large Batch Optimization for Deep Learning: Training BERT in 76 Minutes", ICLR 2020).

use serde::{Deserialize, Serialize};

use super::{AddDecayedWeights, Betas, Link, Mask, ScaleByAdam, ScaleByLearningRate, ScaleByTrustRatio};
use crate::options::options;

options! {
    /// The hyperparameters of LAMB.
    #[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Lamb {
        /// The shares of the gradient's running mean, and of that of its squares, that stay from step to step.
        pub betas: Betas = Betas([0.9, 0.999]), in 0.0..1.0;
        /// What is added to the root of the mean of squares.
        pub eps: f64 = 1e-6, in 0.0..;
        /// The share of a parameter that is added to Adam's step.
        pub weight_decay: f64 = 0.01, in 0.0..;
        /// Whether parameters that are left alone by default are decayed and adapted, too: biases, norm parameters, and
        /// all others of at most one dim.
        pub include_bias_and_norm: bool = false;
    }
}

impl Lamb {
    /// With a Adam's step and λ the weight decay: u = a + λp; if both norms are over 0: u *= ‖p‖/‖u‖; p −= lr·u. The
    /// norms are not clipped: φ of the paper is the identity.
    pub(super) fn links(&self) -> Vec<Link> {
        let mask = Mask::including_bias_and_norm(self.include_bias_and_norm);
        vec![
            ScaleByAdam { betas: self.betas, eps: self.eps }.into(),
            AddDecayedWeights { weight_decay: self.weight_decay, mask }.into(),
            ScaleByTrustRatio { trust_coefficient: 1.0, mask }.into(),
            ScaleByLearningRate {}.into(),
        ]
    }
}
