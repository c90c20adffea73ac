//! The layers of `mb.nn`.

mod activating;
mod attending;
mod convolving;
mod dropping;
mod embedding;
mod normalising;
mod recurrent;
mod resizing;

use super::api::Api;
use crate::{
    nn::{self, BatchNormOptions, Module, PoolOptions},
    options::options,
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
    activating::declare(api);
    attending::declare(api);
    dropping::declare(api);
    embedding::declare(api);
    normalising::declare(api);
    recurrent::declare(api);
    resizing::declare(api);
    api.function(
        "nn.linear",
        "inputs, outputs, options",
        "x Wᵀ + b: [..., inputs] to [..., outputs].",
        |inputs: usize, outputs: usize, options: LinearOptions| nn::linear(inputs, outputs, options.bias).checked(),
    )
    .example(
        r#"local layer = mb.nn.linear(3, 2):realise("layer")
local x = mb.ones(5, 3)
print(layer(x):allclose(x:matmul(layer.weight:t()) + layer.bias)) --> true"#,
    );
    convolving::declare(api);
    api.function(
        "nn.batch_norm",
        "channels, options",
        "Batch normalisation (Ioffe and Szegedy 2015) of [N, C], [N, C, L] or [N, C, H, W]; the running variance is \
         unbiased, as PyTorch's.",
        |channels: usize, options: BatchNormOptions| nn::batch_norm(channels, options).checked(),
    )
    .example(
        r#"local norm = mb.nn.batch_norm(1):realise("norm")
print(norm(mb.tensor { { 1.0 }, { 3.0 } }))
--> tensor [2, 1] float32 on cpu, requires grad
--> [[-1.0000],
-->  [1.0000]]"#,
    );
    api.function("nn.relu", "", "max(x, 0).", || Ok(nn::relu())).example(
        r"print(mb.nn.relu()(mb.tensor { -1.0, 2.0 }))
--> tensor [2] float32 on cpu
--> [0.0000, 2.0000]",
    );
    api.function(
        "nn.max_pool2d",
        "options",
        "The largest value of each window of [N, C, H, W].",
        |options: PoolOptions| options.window("max_pool2d").map(nn::max_pool2d),
    )
    .example(
        r#"local image = mb.range(1, 4):cast("float32"):reshape(1, 1, 2, 2)
print(mb.nn.max_pool2d({ kernel = 2 })(image):item()) --> 4.0"#,
    );
    api.function(
        "nn.max_pool1d",
        "options",
        "The largest value of each window of [N, C, L]; the gradient goes to the first of equals.",
        nn::max_pool1d,
    )
    .example(
        r#"local sequence = mb.tensor { { { 1.0, 3.0, 5.0, 7.0 } } }
print(mb.nn.max_pool1d({ kernel = 2 })(sequence)[1][1])
--> tensor [2] float32 on cpu
--> [3.0000, 7.0000]"#,
    );
    api.function(
        "nn.avg_pool1d",
        "options",
        "The mean of each window of [N, C, L], padded zeros included.",
        nn::avg_pool1d,
    )
    .example(
        r#"local sequence = mb.tensor { { { 1.0, 3.0, 5.0, 7.0 } } }
print(mb.nn.avg_pool1d({ kernel = 2 })(sequence)[1][1])
--> tensor [2] float32 on cpu
--> [2.0000, 6.0000]"#,
    );
    api.function("nn.avg_pool2d", "options", "The mean of each window of [N, C, H, W].", |options: PoolOptions| {
        options.window("avg_pool2d").map(nn::avg_pool2d)
    })
    .example(
        r#"local image = mb.range(1, 4):cast("float32"):reshape(1, 1, 2, 2)
print(mb.nn.avg_pool2d({ kernel = 2 })(image):item()) --> 2.5"#,
    );
    api.function("nn.global_avg_pool", "", "The mean of each channel: [N, C, H, W] to [N, C].", || {
        Ok(nn::global_avg_pool())
    })
    .example(
        r#"local image = mb.range(1, 8):cast("float32"):reshape(1, 2, 2, 2)
print(mb.nn.global_avg_pool()(image))
--> tensor [1, 2] float32 on cpu
--> [[2.5000, 6.5000]]"#,
    );
    api.function("nn.flatten", "", "[N, ...] to [N, the rest].", || Ok(nn::flatten()))
        .example(r#"print(table.concat(mb.nn.flatten()(mb.zeros(8, 3, 4, 4)).shape, " x ")) --> 8 x 48"#);
    api.function("nn.identity", "", "The input.", || Ok(nn::identity())).example(
        r#"local encoder = mb.model.resnet18 { stem = "cifar", width = 4 }
for _, head in ipairs { mb.nn.identity(), mb.nn.linear(32, 2) } do
  local model = mb.nn.sequential { encoder, head }:realise("model")
  print(model(mb.rand(4, 3, 8, 8)).shape[2])
end
--> 32
--> 2"#,
    );
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
    )
    .example(
        r#"local head = mb.nn.projector { 32, 64, 16 }
print(head:realise("head")(mb.rand(8, 32)).shape[2]) --> 16"#,
    );
}
