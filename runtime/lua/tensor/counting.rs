//! Counting and finding elements.

use super::Operand;
use crate::{
    Tensor,
    lua::{
        api::{Api, Class, Docs, Several},
        position,
    },
    options::options,
    tensor::{DType, Kind},
};

options! {
    /// Options of a tensor's `unique`.
    pub struct UniqueOptions {
        /// Whether the position of each element among the values is returned as well.
        pub inverse: bool = false;
        /// Whether it is returned how often each value occurs.
        pub counts: bool = false;
    }

    /// Options of `mb.searchsorted`.
    pub struct SearchOptions {
        /// Whether a value belongs behind its equals; else before them.
        pub right: bool = false;
    }
}

/// Counting, and which values there are.
pub(super) fn counting(class: &mut Class<Tensor>, docs: &mut Docs) {
    class
        .method(
            docs,
            "nonzero",
            "",
            "The positions, from 1, of all elements that are not 0, in row-major order: int [count, rank]. On the host.",
            |t: Tensor| position::to_lua(&t.nonzero()?),
        )
        .example(
            r"print(mb.tensor({ { 0, 5 }, { 7, 0 } }):nonzero())
--> tensor [2, 2] int32 on cpu
--> [[1, 2],
-->  [2, 1]]",
        );
    class
        .method(
            docs,
            "unique",
            "options",
            "The different elements in ascending order: [k]. Options add the position of each element among them, from 1, \
             in the tensor's shape, and then how often each occurs: int [k]. Each NaN is different. Without a gradient. On \
             the host.",
            |t: Tensor, options: UniqueOptions| {
                let found = t.unique()?;
                let inverse = options.inverse.then(|| position::to_lua(&found.inverse)).transpose()?;
                let counts = options.counts.then_some(found.counts);
                Ok(Several([Some(found.values), inverse, counts].into_iter().flatten().collect()))
            },
        )
        .example(
            r"local values, counts = mb.tensor({ 3, 1, 3 }):unique { counts = true }
print(counts)
--> tensor [2] int32 on cpu
--> [1, 2]",
        );
    class
        .method(
            docs,
            "bincount",
            "classes, weights",
            "How often each label of 1 to classes occurs: ints of any shape to int [classes]. Unlike PyTorch's it counts \
             from 1, and knows how many classes there are: another label, 0 as well, is an error. Weights of the labels' \
             shape are added up instead, as float, without a gradient. On the host.",
            |t: Tensor, classes: usize, weights: Option<Tensor>| {
                position::from_lua("bincount", &t)?.bincount(classes, weights.as_ref())
            },
        )
        .example(
            r"print(mb.tensor({ 1, 3, 3 }):bincount(4))
--> tensor [4] int32 on cpu
--> [1, 0, 2, 0]",
        );
    class
        .method(
            docs,
            "histc",
            "bins, min, max",
            "How many elements lie in each of so many bins of one width from min to max, both included: float [bins]. By \
             default, and for 0 and 0, the range is that of the elements. What lies outside, and NaN, is not counted. On \
             the host.",
            |t: Tensor, bins: usize, min: Option<f64>, max: Option<f64>| {
                let is_given = min.is_some() || max.is_some();
                t.histc(bins, is_given.then(|| [min.unwrap_or(0.0), max.unwrap_or(0.0)]))
            },
        )
        .example(
            r"print(mb.tensor({ 0.0, 0.2, 0.9, 1.0 }):histc(2, 0, 1))
--> tensor [2] float32 on cpu
--> [2.0000, 2.0000]",
        );
}

/// Finding places among sorted values.
pub(super) fn searching(api: &mut Api) {
    api.function(
        "searchsorted",
        "sorted, values, options",
        "The position, from 1 to n + 1, before which each value would be inserted into sorted ones: those are [n], or \
         [..., n] for values [..., m], in ascending order along the last dim. Positions have the shape of the values, of \
         which there may be one as a number. On the host.",
        |sorted: Tensor, values: Operand, options: SearchOptions| {
            let values = match values {
                Operand::Tensor(values) => values,
                Operand::Number(value) => Tensor::full(value, &[], Kind::Float, sorted.device())?,
                Operand::Large(value) => Tensor::from_longs(vec![value], &[], DType::Int64, sorted.device())?,
            };
            position::to_lua(&sorted.searchsorted(&values, options.right)?)
        },
    )
    .example(
        r"local edges = mb.tensor { 10, 20, 30 }
print(mb.searchsorted(edges, mb.tensor { 5, 20, 35 }))
--> tensor [3] int32 on cpu
--> [1, 2, 4]",
    );
}
