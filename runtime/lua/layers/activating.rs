//! Activations as layers.

use crate::{
    lua::{api::Api, object::named, position::Dim},
    nn::{
        self, EluOptions, Function, GeluForm, GeluOptions, HardtanhOptions, LeakyReluOptions, ShrinkOptions,
        SoftplusOptions,
    },
};

named! {
    GeluForm;
}

/// Those without options: name, sentence, function, and what it is of −1, 0 and 1.
const PLAIN: [(&str, &str, Function, &str); 11] = [
    ("silu", "x · σ(x), also called swish.", Function::Silu, "-0.2689, 0.0000, 0.7311"),
    ("mish", "x · tanh(ln(1 + eˣ)) (Misra 2020).", Function::Mish, "-0.3034, 0.0000, 0.8651"),
    (
        "selu",
        "1.0507 · elu(x, 1.67326), which keeps mean 0 and variance 1 (Klambauer et al. 2017).",
        Function::Selu,
        "-1.1113, 0.0000, 1.0507",
    ),
    ("relu6", "min(max(x, 0), 6).", Function::Relu6, "0.0000, 0.0000, 1.0000"),
    ("sigmoid", "1 / (1 + e⁻ˣ).", Function::Sigmoid, "0.2689, 0.5000, 0.7311"),
    ("logsigmoid", "ln(1 / (1 + e⁻ˣ)), without overflow.", Function::Logsigmoid, "-1.3133, -0.6931, -0.3133"),
    ("tanh", "tanh x.", Function::Tanh, "-0.7616, 0.0000, 0.7616"),
    ("tanhshrink", "x - tanh x.", Function::Tanhshrink, "-0.2384, 0.0000, 0.2384"),
    ("softsign", "x / (1 + |x|).", Function::Softsign, "-0.5000, 0.0000, 0.5000"),
    ("hardswish", "x · relu6(x + 3) / 6 (Howard et al. 2019).", Function::Hardswish, "-0.3333, 0.0000, 0.6667"),
    ("hardsigmoid", "relu6(x + 3) / 6.", Function::Hardsigmoid, "0.3333, 0.5000, 0.6667"),
];

pub(super) fn declare(api: &mut Api) {
    let example = |call: &str, is: &str| {
        format!("print(mb.nn.{call}(mb.tensor {{ -1.0, 0.0, 1.0 }}))\n--> tensor [3] float32 on cpu\n--> [{is}]")
    };
    for (name, doc, function, is) in PLAIN {
        api.function(&format!("nn.{name}"), "", doc, move || nn::function(function))
            .example(example(&format!("{name}()"), is));
    }
    api.function(
        "nn.gelu",
        "options",
        "x · Φ(x) (Hendrycks and Gimpel 2016), exact or by tanh.",
        |options: GeluOptions| nn::function(Function::Gelu(options)),
    )
    .example(example("gelu()", "-0.1587, 0.0000, 0.8413"));
    api.function(
        "nn.leaky_relu",
        "options",
        "x where that is over 0, else negative_slope · x.",
        |options: LeakyReluOptions| nn::function(Function::LeakyRelu(options)),
    )
    .example(example("leaky_relu { negative_slope = 0.1 }", "-0.1000, 0.0000, 1.0000"));
    api.function(
        "nn.elu",
        "options",
        "x where that is over 0, else alpha · (eˣ - 1) (Clevert et al. 2016).",
        |options: EluOptions| nn::function(Function::Elu(options)),
    )
    .example(example("elu()", "-0.6321, 0.0000, 1.0000"));
    api.function(
        "nn.celu",
        "options",
        "x where that is over 0, else alpha · (e^(x / alpha) - 1) (Barron 2017).",
        |options: EluOptions| nn::function(Function::Celu(options)),
    )
    .example(example("celu { alpha = 2 }", "-0.7869, 0.0000, 1.0000"));
    api.function(
        "nn.softplus",
        "options",
        "ln(1 + e^(beta · x)) / beta without overflow, and x where beta · x is over the threshold.",
        |options: SoftplusOptions| nn::function(Function::Softplus(options)),
    )
    .example(example("softplus()", "0.3133, 0.6931, 1.3133"));
    api.function(
        "nn.hardtanh",
        "options",
        "Values below min become min, values above max become max, without a gradient there and on the bounds.",
        |options: HardtanhOptions| nn::function(Function::Hardtanh(options)),
    )
    .example(example("hardtanh { min = -0.5, max = 0.5 }", "-0.5000, 0.0000, 0.5000"));
    shrinking(api, &example);
    along_a_dim(api);
    api.function(
        "nn.prelu",
        "options",
        "x where that is over 0, else weight · x, whose weight is learnt: one for all, or one for each channel of [N, \
         channels, ...] (He et al. 2015).",
        nn::prelu,
    )
    .example(
        r#"local layer = mb.nn.prelu():realise("layer")
print(layer(mb.tensor { -1.0, 0.0, 1.0 }))
--> tensor [3] float32 on cpu, requires grad
--> [-0.2500, 0.0000, 1.0000]"#,
    );
}

fn shrinking(api: &mut Api, example: &impl Fn(&str, &str) -> String) {
    api.function("nn.hardshrink", "options", "x where |x| is over lambda, else 0.", |options: ShrinkOptions| {
        nn::function(Function::Hardshrink(options))
    })
    .example(example("hardshrink()", "-1.0000, 0.0000, 1.0000"));
    api.function(
        "nn.softshrink",
        "options",
        "x moved towards 0 by lambda, and 0 where |x| is at most lambda.",
        |options: ShrinkOptions| nn::function(Function::Softshrink(options)),
    )
    .example(example("softshrink()", "-0.5000, 0.0000, 0.5000"));
}

fn along_a_dim(api: &mut Api) {
    api.function(
        "nn.softmax",
        "dim",
        "exp(x) / Σ exp(x) along a dim, the last by default, without overflow.",
        |dim: Option<Dim>| nn::function(Function::Softmax(dim.unwrap_or(Dim::LAST).number())),
    )
    .example(
        r"print(mb.nn.softmax(2)(mb.zeros(1, 4)))
--> tensor [1, 4] float32 on cpu
--> [[0.2500, 0.2500, 0.2500, 0.2500]]",
    );
    api.function(
        "nn.log_softmax",
        "dim",
        "ln softmax(x) along a dim, the last by default, without overflow.",
        |dim: Option<Dim>| nn::function(Function::LogSoftmax(dim.unwrap_or(Dim::LAST).number())),
    )
    .example(
        r"print(mb.nn.log_softmax(2)(mb.zeros(1, 4)))
--> tensor [1, 4] float32 on cpu
--> [[-1.3863, -1.3863, -1.3863, -1.3863]]",
    );
    api.function(
        "nn.glu",
        "dim",
        "a · σ(b) of the first half a and the second half b along a dim, the last by default (Dauphin et al. 2017).",
        |dim: Option<Dim>| nn::function(Function::Glu(dim.unwrap_or(Dim::LAST).number())),
    )
    .example(
        r"print(mb.nn.glu()(mb.tensor { 4.0, 0.0 }))
--> tensor [1] float32 on cpu
--> [2.0000]",
    );
}
