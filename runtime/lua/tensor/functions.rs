//! Functions of one variable, and reductions.

use crate::{
    Result, Tensor,
    lua::{
        api::{Class, Docs},
        position::{self, Dim},
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

/// Reductions over all elements or over one dim.
pub(super) fn reductions(class: &mut Class<Tensor>, docs: &mut Docs) {
    type Reduction = fn(&Tensor, Option<usize>, bool) -> Result<Tensor>;
    let mut declare = |name: &'static str, what: &str, reduce: Reduction| {
        let doc = format!("{what} Over all elements, or over one dim, which keep leaves with size 1.");
        class.method(docs, name, "dim, keep", &doc, move |t: Tensor, dim: Option<Dim>, keep: Option<bool>| {
            let dim = dim.map(|dim| dim.of(name, t.rank())).transpose()?;
            reduce(&t, dim, keep.unwrap_or(false))
        });
    };
    declare("sum", "Sum; of a bool tensor the count. One of ints that does not fit int32 is an error.", Tensor::sum);
    declare("mean", "Mean, as float.", Tensor::mean);
    declare(
        "max",
        "The largest element. Its gradient goes to the first of equals along a dim, and evenly to the equals of all.",
        Tensor::max,
    );
    declare("min", "The smallest element. Its gradient is as that of max.", Tensor::min);
    declare("var", "Unbiased variance.", |t, dim, keep| t.var(dim, keep, false));
    declare("std", "Square root of the unbiased variance. Its gradient is 0 where all are equal.", |t, dim, keep| {
        t.std(dim, keep, false)
    });
    declare("norm", "Euclidean norm.", Tensor::norm);
    class
        .method(
            docs,
            "argmax",
            "dim",
            "The position of the largest element along a dim (the last by default), from 1; of equals the first.",
            |t: Tensor, dim: Option<Dim>| {
                position::to_lua(&t.argmax(dim.unwrap_or(Dim::LAST).of("argmax", t.rank())?, false)?)
            },
        )
        .example(r"print(mb.tensor({ 0.2, 0.7, 0.1 }):argmax():item()) --> 2");
    class.method(
        docs,
        "argmin",
        "dim",
        "The position of the smallest element along a dim (the last by default), from 1; of equals the first.",
        |t: Tensor, dim: Option<Dim>| {
            position::to_lua(&t.argmin(dim.unwrap_or(Dim::LAST).of("argmin", t.rank())?, false)?)
        },
    );
    class
        .method(
            docs,
            "topk",
            "k, dim",
            "The k largest elements along a dim (the last by default) in descending order, and their positions from 1.",
            |t: Tensor, k: usize, dim: Option<Dim>| {
                let (values, positions) = t.topk(k, dim.unwrap_or(Dim::LAST).of("topk", t.rank())?)?;
                Ok((values, position::to_lua(&positions)?))
            },
        )
        .example(
            r"local values, positions = mb.tensor({ 0.2, 0.7, 0.4 }):topk(2)
print(positions)
--> tensor [2] int32 on cpu
--> [2, 3]",
        );
}
