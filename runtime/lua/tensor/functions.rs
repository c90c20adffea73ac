//! Functions of one variable.

use super::example::example;
use crate::{
    Result, Tensor,
    lua::{
        api::{Class, Docs},
        position::Dim,
    },
};

/// Elementwise functions, and those along a dim.
pub(super) fn functions(class: &mut Class<Tensor>, docs: &mut Docs) {
    let mut declare = |name: &str, doc: &str, function: fn(&Tensor) -> Result<Tensor>, [of, is]: [&str; 2]| {
        class.method(docs, name, "", doc, move |t: Tensor| function(&t)).example(example(&format!("{name}()"), of, is));
    };
    declare("neg", "Negation.", Tensor::neg, ["1.5, -2.0", "-1.5000, 2.0000"]);
    declare("abs", "Absolute value.", Tensor::abs, ["1.5, -2.0", "1.5000, 2.0000"]);
    declare("exp", "eˣ.", Tensor::exp, ["0.0, 1.0", "1.0000, 2.7183"]);
    declare("log", "Natural logarithm.", Tensor::log, ["1.0, 10.0", "0.0000, 2.3026"]);
    declare("log1p", "ln(1 + x), exact near 0.", Tensor::log1p, ["0.0, 9.0", "0.0000, 2.3026"]);
    declare("sqrt", "Square root.", Tensor::sqrt, ["4.0, 2.0", "2.0000, 1.4142"]);
    declare("sin", "Sine.", Tensor::sin, ["0.0, 1.0", "0.0000, 0.8415"]);
    declare("cos", "Cosine.", Tensor::cos, ["0.0, 1.0", "1.0000, 0.5403"]);
    declare("tanh", "Hyperbolic tangent.", Tensor::tanh, ["0.0, 1.0", "0.0000, 0.7616"]);
    declare("erf", "Error function.", Tensor::erf, ["0.0, 1.0", "0.0000, 0.8427"]);
    declare("sigmoid", "1 / (1 + e⁻ˣ).", Tensor::sigmoid, ["0.0, 2.0", "0.5000, 0.8808"]);
    declare("relu", "max(x, 0).", Tensor::relu, ["-1.0, 2.0", "0.0000, 2.0000"]);
    declare("gelu", "x · Φ(x), exact.", Tensor::gelu, ["-1.0, 1.0", "-0.1587, 0.8413"]);
    declare("floor", "Rounded down. The gradient is 0.", Tensor::floor, ["-1.5, 2.7", "-2.0000, 2.0000"]);
    declare("ceil", "Rounded up. The gradient is 0.", Tensor::ceil, ["-1.5, 2.3", "-1.0000, 3.0000"]);
    declare(
        "round",
        "Rounded to the nearest integer, halves to the even one. The gradient is 0.",
        Tensor::round,
        ["0.5, 1.5, 2.7", "0.0000, 2.0000, 3.0000"],
    );
    declare("sign", "-1, 0 or 1. The gradient is 0.", Tensor::sign, ["-3.0, 0.0, 2.0", "-1.0000, 0.0000, 1.0000"]);
    let mut along = |name, doc: &str, function: fn(&Tensor, usize) -> Result<Tensor>, [of, is]: [&str; 2]| {
        class
            .method(docs, name, "dim", doc, move |t: Tensor, dim: Option<Dim>| {
                function(&t, dim.unwrap_or(Dim::LAST).of(name, t.rank())?)
            })
            .example(example(&format!("{name}()"), of, is));
    };
    along(
        "softmax",
        "Softmax along a dim, the last by default.",
        Tensor::softmax,
        ["0.0, math.log(3)", "0.2500, 0.7500"],
    );
    along(
        "log_softmax",
        "ln softmax along a dim, the last by default.",
        Tensor::log_softmax,
        ["0.0, math.log(3)", "-1.3863, -0.2877"],
    );
    along(
        "normalize",
        "x / max(‖x‖₂, 1e-12) along a dim, the last by default.",
        Tensor::normalize,
        ["3.0, 4.0", "0.6000, 0.8000"],
    );
}
