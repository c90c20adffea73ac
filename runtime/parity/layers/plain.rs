//! A layer that takes one tensor and draws nothing.

use crate::{
    Result,
    nn::Module,
    parity::{
        Case, Group,
        derivative::{differentiate_layer, realised},
        noise::noise,
    },
};

/// The shape of some images.
pub(super) const IMAGES: [usize; 4] = [3, 6, 13, 11];

/// The layer's output, gradients and buffers.
pub(super) fn layer(
    name: &str,
    tolerance: f64,
    input: &'static [usize],
    make: impl Fn() -> Result<Module> + 'static,
) -> Case {
    Case::new(Group::Layer, name, tolerance, move |device| {
        differentiate_layer(&realised(make()?, device)?, &noise("input", input, device)?)
    })
}
