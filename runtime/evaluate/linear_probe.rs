//! How the layer of a linear probe is trained. Sees no features and no labels.

use crate::options::{options, over};

pub(super) const OP: &str = "linear";

/// Nothing breaks an evaluation off, so it must end by itself.
const MOST_EPOCHS: usize = 100_000;

options! {
    /// How the layer of a linear probe is trained.
    #[derive(Clone, Debug, PartialEq)]
    pub struct LinearProbe as "LinearProbeOptions" {
        /// Passes over the training images.
        pub epochs: usize = 100, in 1..=MOST_EPOCHS;
        /// Images of a step. A last batch that would be shorter is left out; more than there are images means all of
        /// them.
        pub batch: usize = 256, in 1..;
        /// The learning rate of the first step; step t of T has lr · (1 − t / T).
        pub lr: f64 = 0.1, in over(0.0);
        /// Momentum of the steps.
        pub momentum: f64 = 0.9, in 0.0..1.0;
        /// Of weight and bias, as `torch.optim.SGD`'s.
        pub weight_decay: f64 = 1e-4, in 0.0..;
        /// Whether features are L2-normalised first.
        pub normalize: bool = false;
        /// Keys the order of the images.
        pub seed: u64 = 0;
    }
}
