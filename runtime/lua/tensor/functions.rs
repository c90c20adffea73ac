//! Functions of one variable.

use crate::{
    Result, Tensor,
    lua::{
        api::{Class, Docs},
        position::Dim,
    },
};

/// Elementwise functions, and those along a dim.
pub(super) fn functions(class: &mut Class<Tensor>, docs: &mut Docs) {
    let mut declare = |name, doc: &str, function: fn(&Tensor) -> Result<Tensor>| {
        class.method(docs, name, "", doc, move |t: Tensor| function(&t));
    };
    declare("neg", "Negation.", Tensor::neg);
    declare("abs", "Absolute value.", Tensor::abs);
    declare("exp", "eˣ.", Tensor::exp);
    declare("log", "Natural logarithm.", Tensor::log);
    declare("log1p", "ln(1 + x), exact near 0.", Tensor::log1p);
    declare("sqrt", "Square root.", Tensor::sqrt);
    declare("sin", "Sine.", Tensor::sin);
    declare("cos", "Cosine.", Tensor::cos);
    declare("tanh", "Hyperbolic tangent.", Tensor::tanh);
    declare("erf", "Error function.", Tensor::erf);
    declare("sigmoid", "1 / (1 + e⁻ˣ).", Tensor::sigmoid);
    declare("relu", "max(x, 0).", Tensor::relu);
    declare("gelu", "x · Φ(x), exact.", Tensor::gelu);
    declare("floor", "Rounded down. The gradient is 0.", Tensor::floor);
    declare("ceil", "Rounded up. The gradient is 0.", Tensor::ceil);
    declare("round", "Rounded to the nearest integer, halves to the even one. The gradient is 0.", Tensor::round);
    declare("sign", "-1, 0 or 1. The gradient is 0.", Tensor::sign);
    let mut along = |name, doc: &str, function: fn(&Tensor, usize) -> Result<Tensor>| {
        class.method(docs, name, "dim", doc, move |t: Tensor, dim: Option<Dim>| {
            function(&t, dim.unwrap_or(Dim::LAST).of(name, t.rank())?)
        });
    };
    along("softmax", "Softmax along a dim, the last by default.", Tensor::softmax);
    along("log_softmax", "ln softmax along a dim, the last by default.", Tensor::log_softmax);
    along("normalize", "x / max(‖x‖₂, 1e-12) along a dim, the last by default.", Tensor::normalize);
}
