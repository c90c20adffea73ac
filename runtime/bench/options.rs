//! What is timed, and how often. It times nothing.

use crate::{
    options::{choices, options},
    tensor::Precision,
};

choices! {
    /// What can be timed.
    pub enum Part of "bench" "part" {
        /// Forward pass, NT-Xent, backward pass and SGD on views that are on the device.
        #[default]
        Step = "step",
        /// The SimCLR augmentation alone, from bytes to views on the device.
        Augment = "augment",
        /// Both, as a training runs them.
        Pipeline = "pipeline",
        /// Every operation of a step by itself, forward and backward, against the device's peak and memory bandwidth; then
        /// their sum, and what is left of the step.
        Layers = "layers",
    }
}

choices! {
    /// The encoder that is trained.
    pub enum Encoder of "bench" "model" {
        /// ResNet-18, with the CIFAR stem for views under 64 pixels.
        #[default]
        ResNet18 = "resnet18",
        /// ResNet-50, likewise.
        ResNet50 = "resnet50",
    }
}

impl Encoder {
    /// Output channels of a block per channel inside it.
    pub(super) fn expansion(self) -> usize {
        match self {
            Self::ResNet18 => 1,
            Self::ResNet50 => 4,
        }
    }
}

options! {
    /// What is timed, and how often.
    #[derive(Clone, Debug)]
    pub struct BenchOptions {
        /// The parts, in order.
        pub parts: Vec<Part> = vec![Part::Step, Part::Augment, Part::Pipeline];
        /// The encoder.
        pub encoder: Encoder = Encoder::ResNet18;
        /// Channels of its first stage.
        pub width: usize = 64, in 1..=65_536;
        /// Images of a batch, of which two views each are made.
        pub batch: usize = 64, in 1..=1_000_000;
        /// The side of a view.
        pub size: usize = 32, in 1..=4096, unit "pixels";
        /// Timed repetitions.
        pub steps: usize = 10, in 1..=1_000_000;
        /// Repetitions before them, in which kernels are compiled.
        pub warmup: usize = 3, in 0..=1_000_000;
        /// What the model computes convolutions and matrix products in.
        pub precision: Precision = Precision::Float32;
    }
}

impl BenchOptions {
    pub(super) fn views(&self) -> usize {
        2 * self.batch
    }
}
