//! Activation functions.

use super::example::example;
use crate::{
    Result, Tensor,
    lua::api::{Class, Docs},
};

type Function = fn(&Tensor) -> Result<Tensor>;

/// Name, sentence, function, and what it is of −1, 0 and 1.
const FUNCTIONS: [(&str, &str, Function, &str); 7] = [
    ("silu", "x · σ(x), also called swish.", Tensor::silu, "-0.2689, 0.0000, 0.7311"),
    ("mish", "x · tanh(ln(1 + eˣ)).", Tensor::mish, "-0.3034, 0.0000, 0.8651"),
    ("selu", "1.0507 · elu(x, 1.67326), which keeps mean 0 and variance 1.", Tensor::selu, "-1.1113, 0.0000, 1.0507"),
    ("relu6", "min(max(x, 0), 6). Of an int tensor an int tensor.", Tensor::relu6, "0.0000, 0.0000, 1.0000"),
    ("hardswish", "x · relu6(x + 3) / 6.", Tensor::hardswish, "-0.3333, 0.0000, 0.6667"),
    ("softsign", "x / (1 + |x|).", Tensor::softsign, "-0.5000, 0.0000, 0.5000"),
    ("logsigmoid", "ln(1 / (1 + e⁻ˣ)), without overflow.", Tensor::logsigmoid, "-1.3133, -0.6931, -0.3133"),
];

/// What the examples are of.
const OF: &str = "-1.0, 0.0, 1.0";

pub(super) fn activations(class: &mut Class<Tensor>, docs: &mut Docs) {
    for (name, doc, function, is) in FUNCTIONS {
        class.method(docs, name, "", doc, move |t: Tensor| function(&t)).example(example(&format!("{name}()"), OF, is));
    }
    class
        .method(
            docs,
            "softplus",
            "beta, threshold",
            "ln(1 + e^(beta · x)) / beta without overflow, and x where beta · x is over the threshold; 1 and 20 by default.",
            |t: Tensor, beta: Option<f64>, threshold: Option<f64>| {
                t.softplus(beta.unwrap_or(1.0), threshold.unwrap_or(20.0))
            },
        )
        .example(example("softplus()", OF, "0.3133, 0.6931, 1.3133"));
    class
        .method(
            docs,
            "elu",
            "alpha",
            "x where that is over 0, else alpha · (eˣ − 1); alpha is 1 by default.",
            |t: Tensor, alpha: Option<f64>| t.elu(alpha.unwrap_or(1.0)),
        )
        .example(example("elu()", OF, "-0.6321, 0.0000, 1.0000"));
    class
        .method(
            docs,
            "leaky_relu",
            "negative_slope",
            "x where that is over 0, else negative_slope · x; the slope is 0.01 by default.",
            |t: Tensor, slope: Option<f64>| t.leaky_relu(slope.unwrap_or(0.01)),
        )
        .example(example("leaky_relu(0.1)", OF, "-0.1000, 0.0000, 1.0000"));
    class
        .method(
            docs,
            "hardtanh",
            "min, max",
            "Values below min become min, values above max become max; -1 and 1 by default. No gradient there, nor on the \
             bounds. Of an int tensor an int tensor.",
            |t: Tensor, min: Option<f64>, max: Option<f64>| t.hardtanh(min.unwrap_or(-1.0), max.unwrap_or(1.0)),
        )
        .example(example("hardtanh()", "-2.0, 0.5, 2.0", "-1.0000, 0.5000, 1.0000"));
}
