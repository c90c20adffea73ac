//! Products of vectors and of matrices, and the trace.

use crate::{
    Result, Tensor,
    lua::{
        api::{Class, Docs},
        position::Dim,
    },
};

/// Products.
pub(super) fn products(class: &mut Class<Tensor>, docs: &mut Docs) {
    type Product = fn(&Tensor, &Tensor) -> Result<Tensor>;
    let mut declare = |name, doc: &str, product: Product, example| {
        class.method(docs, name, "other", doc, move |t: Tensor, other: Tensor| product(&t, &other)).example(example);
    };
    declare(
        "matmul",
        "The matrix product [..., n, k] · [..., k, m] → [..., n, m]. Leading dims broadcast. A vector on the left stands \
         for a row, one on the right for a column, and the result has no dim for it.",
        Tensor::matmul,
        r"local a = mb.tensor { { 1.0, 2.0 }, { 3.0, 4.0 } }
print(a:matmul(mb.tensor { 1.0, 10.0 }))
--> tensor [2] float32 on cpu
--> [21.0000, 43.0000]",
    );
    declare(
        "dot",
        "The sum of the products of two vectors [n].",
        Tensor::dot,
        r"print(mb.tensor({ 1.0, 2.0 }):dot(mb.tensor { 3.0, 4.0 }):item()) --> 11.0",
    );
    declare(
        "outer",
        "The products of all pairs of two vectors: [n] and [m] to [n, m].",
        Tensor::outer,
        r"print(mb.tensor({ 1, 2 }):outer(mb.tensor { 3, 4, 5 }))
--> tensor [2, 3] int32 on cpu
--> [[3, 4, 5],
-->  [6, 8, 10]]",
    );
    declare(
        "mm",
        "The product of two matrices, [n, k] and [k, m]: [n, m]. As matmul, of nothing else.",
        Tensor::mm,
        r"print(mb.ones(2, 3):mm(mb.ones(3, 1)):sum():item()) --> 6.0",
    );
    declare(
        "bmm",
        "The products of as many matrices, [b, n, k] and [b, k, m]: [b, n, m]. As matmul, of nothing else.",
        Tensor::bmm,
        r"print(mb.ones(5, 2, 3):bmm(mb.ones(5, 3, 1)):sum():item()) --> 30.0",
    );
    class
        .method(
            docs,
            "mv",
            "vector",
            "The product of a matrix [n, m] and a vector [m]: [n].",
            |t: Tensor, v: Tensor| t.mv(&v),
        )
        .example(r"print(mb.ones(2, 3):mv(mb.ones(3)):sum():item()) --> 6.0");
    class
        .method(docs, "trace", "", "The sum of the diagonal of a matrix [n, m].", |t: Tensor| t.trace())
        .example(r"print(mb.eye(3):trace():item()) --> 3.0");
    class
        .method(
            docs,
            "cosine_similarity",
            "other, dim",
            "a · b / (max(‖a‖, 1e-8) max(‖b‖, 1e-8)) along a dim, the last by default, which goes away. Shapes broadcast.",
            |t: Tensor, other: Tensor, dim: Option<Dim>| {
                let rank = t.rank().max(other.rank());
                t.cosine_similarity(&other, dim.unwrap_or(Dim::LAST).of("cosine_similarity", rank)?)
            },
        )
        .example(
            r"local a, b = mb.tensor { { 1.0, 0.0 }, { 0.0, 2.0 } }, mb.tensor { 3.0, 4.0 }
print(a:cosine_similarity(b))
--> tensor [2] float32 on cpu
--> [0.6000, 0.8000]",
        );
}
