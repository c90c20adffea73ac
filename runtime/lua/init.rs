//! `mb.nn.init`: what parameters begin with.

use super::{
    api::Api,
    object::{named, object},
};
use crate::{
    nn::{FanMode, Init, Nonlinearity, UniformInitOptions},
    tensor::TruncatedNormal,
};

object!(Init, "Init", "a beginning of parameters (mb.nn.init.…)");

named! {
    FanMode;
    Nonlinearity;
}

/// Declares the class and the functions.
pub fn declare(api: &mut Api) {
    api.class::<Init>("Init", "What parameters begin with: a distribution, or one value.", |class, docs| {
        class.example(
            r#"local layer = mb.nn.linear(3, 2):init(mb.nn.init.xavier_uniform(), { roles = { "weight" } })
layer:init(mb.nn.init.zeros(), { roles = { "bias" } }):realise("layer")
print(layer.bias:abs():sum():item(), layer.weight:abs():max():item() <= (6 / (3 + 2)) ^ 0.5) --> 0.0 true"#,
        );
        class
            .operator(docs, "__tostring", "What it is.", |init: Init| Ok(init.to_string()))
            .example(r"print(mb.nn.init.orthogonal { gain = 2 }) --> orthogonal 2");
    });
    by_shape(api);
    plain(api);
}

fn by_shape(api: &mut Api) {
    api.function(
        "nn.init.kaiming_normal",
        "options",
        "Normal around 0 with the deviation gain / √fan (He et al. 2015), so that what sums of so many terms go through \
         keeps its variance. Wants [outputs, inputs, …].",
        Init::kaiming_normal_by_shape,
    )
    .example(
        r#"local init = mb.nn.init.kaiming_normal { mode = "fan_out", nonlinearity = "relu" }
local layer = mb.nn.linear(400, 200, { bias = false }):init(init):realise("layer")
print(math.abs(layer.weight:std():item() - (2 / 200) ^ 0.5) < 0.002) --> true"#,
    );
    api.function(
        "nn.init.kaiming_uniform",
        "options",
        "Uniform around 0 with the deviation of kaiming_normal: within ±√3 · gain / √fan.",
        Init::kaiming_uniform_by_shape,
    )
    .example(
        r#"local layer = mb.nn.linear(6, 200, { bias = false }):init(mb.nn.init.kaiming_uniform()):realise("layer")
print(layer.weight:abs():max():item() <= 1) --> true"#,
    );
    api.function(
        "nn.init.xavier_normal",
        "options",
        "Normal around 0 with the deviation gain · √(2 / (fan_in + fan_out)) (Glorot and Bengio 2010). Wants [outputs, \
         inputs, …].",
        Init::xavier_normal,
    )
    .example(
        r#"local layer = mb.nn.linear(300, 100, { bias = false }):init(mb.nn.init.xavier_normal()):realise("layer")
print(math.abs(layer.weight:std():item() - (2 / 400) ^ 0.5) < 0.002) --> true"#,
    );
    api.function(
        "nn.init.xavier_uniform",
        "options",
        "Uniform around 0 with the deviation of xavier_normal: within ±gain · √(6 / (fan_in + fan_out)).",
        Init::xavier_uniform,
    )
    .example(
        r#"local layer = mb.nn.linear(4, 2, { bias = false }):init(mb.nn.init.xavier_uniform()):realise("layer")
print(layer.weight:abs():max():item() <= 1) --> true"#,
    );
    api.function(
        "nn.init.orthogonal",
        "options",
        "Orthonormal rows, or columns where these are fewer, times a gain (Saxe et al. 2014). Dims behind the first count as \
         columns.",
        Init::orthogonal,
    )
    .example(
        r#"local layer = mb.nn.linear(5, 3, { bias = false }):init(mb.nn.init.orthogonal()):realise("layer")
print(layer.weight:matmul(layer.weight:t()):allclose(mb.eye(3), { atol = 1e-5 })) --> true"#,
    );
}

fn plain(api: &mut Api) {
    api.function(
        "nn.init.truncated_normal",
        "options",
        "A normal distribution that is cut at min and max, as mb.truncated_normal.",
        |options: TruncatedNormal| Init::truncated_normal(options),
    )
    .example(
        r#"local init = mb.nn.init.truncated_normal { std = 0.02, min = -0.04, max = 0.04 }
local layer = mb.nn.linear(50, 20):init(init):realise("layer")
print(layer.weight:abs():max():item() <= 0.04) --> true"#,
    );
    api.function("nn.init.normal", "options", "A normal distribution.", Init::normal).example(
        r#"local layer = mb.nn.linear(200, 100):init(mb.nn.init.normal { mean = 1, std = 0.1 }):realise("layer")
print(math.abs(layer.weight:mean():item() - 1) < 0.01) --> true"#,
    );
    api.function(
        "nn.init.uniform",
        "options",
        "A uniform distribution from low to below high.",
        |options: UniformInitOptions| Init::uniform(options),
    )
    .example(
        r#"local layer = mb.nn.linear(20, 10):init(mb.nn.init.uniform { low = 1, high = 2 }):realise("layer")
print(layer.weight:min():item() >= 1, layer.weight:max():item() < 2) --> true true"#,
    );
    api.function("nn.init.constant", "value", "One value everywhere.", Init::constant).example(
        r#"local layer = mb.nn.linear(2, 1):init(mb.nn.init.constant(0.5)):realise("layer")
print(layer(mb.ones(1, 2)):item()) --> 1.5"#,
    );
    api.function("nn.init.zeros", "", "Zeros.", || Ok(Init::Constant(0.0))).example(
        r#"local layer = mb.nn.linear(2, 1):init(mb.nn.init.zeros()):realise("layer")
print(layer(mb.ones(1, 2)):item()) --> 0.0"#,
    );
    api.function("nn.init.ones", "", "Ones.", || Ok(Init::Constant(1.0))).example(
        r#"local layer = mb.nn.linear(2, 1):init(mb.nn.init.ones(), { parameters = { "bias" } }):realise("layer")
print(layer.bias:item()) --> 1.0"#,
    );
}
