//! The layers of `mb.nn`.

use super::api::Api;
use crate::{
    nn::{self, BatchNormOptions, Conv2dOptions, Module, Parameter, ParameterOptions, PoolOptions, Role},
    options::options,
    tensor::size,
};

options! {
    /// Options of `mb.nn.linear`.
    pub struct LinearOptions {
        /// Whether a bias is added.
        pub bias: bool = true;
    }
}

/// Declares the layers.
pub fn declare(api: &mut Api) {
    api.function(
        "nn.linear",
        "inputs, outputs, options",
        "x Wᵀ + b: [..., inputs] to [..., outputs].",
        |inputs: usize, outputs: usize, options: LinearOptions| nn::linear(inputs, outputs, options.bias).checked(),
    );
    api.function(
        "nn.conv2d",
        "inputs, outputs, options",
        "Convolution of [N, inputs, H, W] to [N, outputs, H', W'].",
        |inputs: usize, outputs: usize, options: Conv2dOptions| nn::conv2d(inputs, outputs, options),
    );
    api.function(
        "nn.batch_norm",
        "channels, options",
        "Batch normalisation (Ioffe and Szegedy 2015) of [N, C] or [N, C, H, W]; the running variance is unbiased, as \
         PyTorch's.",
        |channels: usize, options: BatchNormOptions| nn::batch_norm(channels, options).checked(),
    );
    api.function("nn.relu", "", "max(x, 0).", || Ok(nn::relu()));
    api.function(
        "nn.max_pool2d",
        "options",
        "The largest value of each window of [N, C, H, W].",
        |options: PoolOptions| options.window("max_pool2d").map(nn::max_pool2d),
    );
    api.function("nn.avg_pool2d", "options", "The mean of each window of [N, C, H, W].", |options: PoolOptions| {
        options.window("avg_pool2d").map(nn::avg_pool2d)
    });
    api.function("nn.global_avg_pool", "", "The mean of each channel: [N, C, H, W] to [N, C].", || {
        Ok(nn::global_avg_pool())
    });
    api.function("nn.flatten", "", "[N, ...] to [N, the rest].", || Ok(nn::flatten()));
    api.function("nn.identity", "", "The input.", || Ok(nn::identity()));
    api.function(
        "nn.sequential",
        "modules",
        "Modules one after another; their parameters are named 0.…, 1.…, as in PyTorch.",
        |modules: Vec<Module>| nn::sequential(modules).checked(),
    )
    .example(
        r#"local model = mb.nn.sequential { mb.nn.linear(4, 8), mb.nn.relu(), mb.nn.linear(8, 2) }
model:realise("model")
local logits = model(mb.ones(5, 4))
print(table.concat(logits.shape, " x ")) --> 5 x 2"#,
    );
    api.function(
        "nn.projector",
        "sizes",
        "SimCLR's projection head: linear, batch norm and ReLU between each two sizes; the last has no ReLU and no \
         bias at all.",
        |sizes: Vec<usize>| nn::projector(&sizes),
    );
    api.function(
        "nn.parameter",
        "sizes, options",
        "A parameter for mb.nn.module.",
        |sizes: Vec<usize>, options: ParameterOptions| {
            // How much room it takes is looked at where it is drawn.
            size::product("parameter", "the size", &sizes)?;
            Ok(Parameter::new(&sizes, options.into(), Role::Weight))
        },
    );
}
