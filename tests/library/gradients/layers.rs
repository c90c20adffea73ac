//! The layers that a program names. Their parameters are operands of the program, so that gradients flow to them.

use std::collections::BTreeMap;

use moonburn::{
    Device, Result, Tensor,
    nn::{self, BatchNormOptions, Conv2dOptions, Module},
    options::Pair,
};

use super::{
    operations::{convolution, window},
    program::Step,
};

/// The output of a layer for the first operand, with the others as its parameters; none where it is no layer.
pub fn apply(step: Step<'_>, operands: &[Tensor]) -> Option<Result<Tensor>> {
    let layer = step.operation().strip_prefix("nn.")?;
    Some(layer_of(layer, step, operands).and_then(|module| {
        module.realise("layer", 0, &Device::cpu())?;
        let parameters: BTreeMap<String, Tensor> =
            step.names().map(str::to_owned).zip(operands[1..].iter().cloned()).collect();
        Ok(module.functional_call(&parameters, &operands[..1])?.remove(0))
    }))
}

fn layer_of(layer: &str, step: Step<'_>, operands: &[Tensor]) -> Result<Module> {
    let has = |name| step.names().any(|own| own == name);
    let shape = |operand: usize, dim: usize| operands[operand].shape()[dim];
    Ok(match layer {
        "linear" => nn::linear(shape(1, 1), shape(1, 0), has("bias")),
        "conv2d" => {
            let moves = convolution(step);
            let options = Conv2dOptions {
                kernel: Pair([shape(1, 2), shape(1, 3)]),
                stride: Pair(moves.stride),
                padding: Pair(moves.padding).into(),
                dilation: Pair(moves.dilation),
                groups: moves.groups,
                bias: has("bias"),
                ..Conv2dOptions::default()
            };
            nn::conv2d(shape(0, 1), shape(1, 0), options)?
        }
        "batch_norm" => {
            let options = BatchNormOptions { weight: has("weight"), bias: has("bias"), ..Default::default() };
            nn::batch_norm(shape(0, 1), options)
        }
        "relu" => nn::relu(),
        "max_pool2d" => nn::max_pool2d(window(step)),
        "avg_pool2d" => nn::avg_pool2d(window(step)),
        "global_avg_pool" => nn::global_avg_pool(),
        "flatten" => nn::flatten(),
        "identity" => nn::identity(),
        "projector" => nn::projector(&step.sizes("sizes"))?,
        _ => panic!("there is no layer {layer}"),
    })
}
