//! The layers of `mb.nn`.

use super::api::{Api, options};
use crate::{
    Error, Result,
    nn::{self, BatchNormOptions, Conv2dOptions, Init, Module, Parameter, Role},
    tensor::{Convolution, Window, size},
};

options! {
    /// Options of `mb.nn.linear`.
    LinearOptions("LinearOptions") {
        /// Whether a bias is added.
        bias: bool = true;
    }
    /// Options of `mb.nn.conv2d`.
    Conv2dTable("Conv2dOptions") {
        /// The side of the kernel.
        kernel: usize = 3;
        /// Pixels from one position to the next.
        stride: usize = 1;
        /// Zeros on every side.
        padding: i64 = 0;
        /// Groups of channels that do not see each other.
        groups: usize = 1;
        /// Whether a bias is added.
        bias: bool = true;
    }
    /// Options of `mb.nn.batch_norm`.
    BatchNormTable("BatchNormOptions") {
        /// Added to the variance.
        epsilon: f64 = 1e-5;
        /// The share of the new batch in the running statistics.
        momentum: f64 = 0.1;
        /// Whether the result is scaled.
        weight: bool = true;
        /// Whether the result is shifted.
        bias: bool = true;
    }
    /// A pooling window.
    PoolOptions("PoolOptions") {
        /// The side of the window.
        kernel: usize;
        /// Pixels from one window to the next: the kernel's by default.
        stride: Option<usize> = None;
        /// Pixels added on every side.
        padding: i64 = 0;
    }
    /// Options of `mb.nn.parameter`.
    ParameterOptions("ParameterOptions") {
        /// The first value; a normal distribution of this σ is drawn where std is given instead.
        value: f64 = 0.0;
        /// The standard deviation of the first values.
        std: Option<f64> = None;
    }
}

fn window(op: &'static str, options: PoolOptions) -> Result<Window> {
    let stride = options.stride.unwrap_or(options.kernel);
    Ok(Window { kernel: [options.kernel; 2], stride: [stride; 2], padding: [padding(op, options.padding)?; 2] })
}

fn padding(op: &'static str, padding: i64) -> Result<usize> {
    usize::try_from(padding).map_err(|_| Error::argument(op, "padding", "at least 0", padding))
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
        |inputs: usize, outputs: usize, options: Conv2dTable| {
            let convolution = Convolution {
                stride: [options.stride; 2],
                padding: [padding("conv2d", options.padding)?; 2],
                groups: options.groups,
            };
            nn::conv2d(
                inputs,
                outputs,
                Conv2dOptions { kernel: [options.kernel; 2], convolution, bias: options.bias, init: None },
            )
        },
    );
    api.function("nn.batch_norm", "channels, options", "Batch normalisation (Ioffe and Szegedy 2015) of [N, C] or [N, C, H, W]; the running variance is unbiased, as PyTorch's.", |channels: usize, options: BatchNormTable| {
        let BatchNormTable { epsilon, momentum, weight, bias } = options;
        let options = BatchNormOptions { epsilon, momentum, weight, bias };
        options.check()?;
        nn::batch_norm(channels, options).checked()
    });
    api.function("nn.relu", "", "max(x, 0).", || Ok(nn::relu()));
    api.function(
        "nn.max_pool2d",
        "options",
        "The largest value of each window of [N, C, H, W].",
        |options: PoolOptions| Ok(nn::max_pool2d(window("max_pool2d", options)?)),
    );
    api.function("nn.avg_pool2d", "options", "The mean of each window of [N, C, H, W].", |options: PoolOptions| {
        Ok(nn::avg_pool2d(window("avg_pool2d", options)?))
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
    api.function("nn.projector", "sizes", "SimCLR's projection head: linear, batch norm and ReLU between the sizes, the last without ReLU and without any bias.", |sizes: Vec<usize>| nn::projector(&sizes));
    api.function(
        "nn.parameter",
        "sizes, options",
        "A parameter for mb.nn.module.",
        |sizes: Vec<usize>, options: ParameterOptions| {
            if let Some(std) = options.std.filter(|std| !(std.is_finite() && *std >= 0.0)) {
                return Err(Error::argument("parameter", "std", "at least 0", std));
            }
            let init = options.std.map_or(Init::Constant(options.value), |std| Init::Normal { std });
            // How much room it takes is looked at where it is drawn.
            size::product("parameter", "the size", &sizes)?;
            Ok(Parameter::new(&sizes, init, Role::Weight))
        },
    );
}
