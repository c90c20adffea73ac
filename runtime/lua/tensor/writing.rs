//! Other elements at positions, as another tensor with gradients; `t[i] = v` is in `indexing.rs`.

use mlua::Value;

use super::arithmetic::{Operand, operands};
use crate::{
    Result, Tensor,
    lua::{
        api::{Class, Docs},
        literal,
        object::named,
        position::{self, Dim},
    },
    tensor::{IndexPutOptions, Kind, Reduce, ScatterOptions},
};

named! {
    Reduce;
}

/// Writing where gather reads.
pub(super) fn scattering(class: &mut Class<Tensor>, docs: &mut Docs) {
    class
        .method(
            docs,
            "scatter",
            "dim, positions, source",
            "A tensor with out[i][positions[i][j]] = source[i][j] for dim 2, and so on: values of a tensor that is as large \
             as the positions, or a number. Of positions that repeat the last one is written, and has the gradient. On the \
             host.",
            |t: Tensor, dim: Dim, positions: Tensor, source: Operand| {
                let (t, source) = operands("scatter", Operand::Tensor(t), source)?;
                t.scatter(dim.of("scatter", t.rank())?, &position::from_lua("scatter", &positions)?, &source)
            },
        )
        .example(
            r"print(mb.zeros(2, 3):scatter(2, mb.tensor { { 3 }, { 1 } }, 1))
--> tensor [2, 3] float32 on cpu
--> [[0.0000, 0.0000, 1.0000],
-->  [1.0000, 0.0000, 0.0000]]",
        );
    class
        .method(
            docs,
            "scatter_add",
            "dim, positions, source",
            "As scatter, with the values added to the tensor's own. Positions that repeat add up.",
            |t: Tensor, dim: Dim, positions: Tensor, source: Tensor| {
                let positions = position::from_lua("scatter_add", &positions)?;
                t.scatter_add(dim.of("scatter_add", t.rank())?, &positions, &source)
            },
        )
        .example(
            r"local bins, weights = mb.tensor { 2, 1, 2 }, mb.tensor { 0.5, 1.0, 2.0 }
print(mb.zeros(3):scatter_add(1, bins, weights))
--> tensor [3] float32 on cpu
--> [1.0000, 2.5000, 0.0000]",
        );
    class
        .method(
            docs,
            "scatter_reduce",
            "dim, positions, source, reduction, options",
            "As scatter_add, with the \"sum\", the \"mean\", the largest (\"amax\") or the smallest (\"amin\") of the values at a \
             position, the tensor's own among them. The gradient of an extreme is shared out evenly among equals. On the \
             host.",
            |t: Tensor, dim: Dim, positions: Tensor, source: Tensor, reduction: Reduce, options: ScatterOptions| {
                let positions = position::from_lua("scatter_reduce", &positions)?;
                t.scatter_reduce(dim.of("scatter_reduce", t.rank())?, &positions, &source, reduction, options)
            },
        )
        .example(
            r#"local bins, values = mb.tensor { 2, 1, 2 }, mb.tensor { 0.5, 1.0, 2.0 }
print(mb.zeros(3):scatter_reduce(1, bins, values, "mean", { include_self = false }))
--> tensor [3] float32 on cpu
--> [1.0000, 1.2500, 0.0000]"#,
        );
}

/// Writing slices, and where a mask is true.
pub(super) fn writing(class: &mut Class<Tensor>, docs: &mut Docs) {
    type Write = fn(&Tensor, usize, &Tensor, &Tensor) -> Result<Tensor>;
    let mut declare = |name: &'static str, doc: &str, example: &str, write: Write| {
        class
            .method(docs, name, "dim, positions, source", doc, move |t: Tensor, dim: Dim, at: Value, source: Tensor| {
                write(&t, dim.of(name, t.rank())?, &literal::positions(name, at, t.device())?, &source)
            })
            .example(example);
    };
    declare(
        "index_add",
        "The slices of the source added to the tensor's own at the given positions (a list or an int tensor [k]) of a dim. \
         Positions that repeat add up.",
        r"print(mb.zeros(3):index_add(1, { 1, 3, 1 }, mb.tensor { 1.0, 2.0, 4.0 }))
--> tensor [3] float32 on cpu
--> [5.0000, 0.0000, 2.0000]",
        Tensor::index_add,
    );
    declare(
        "index_copy",
        "The slices of the source in the place of the tensor's own at the given positions (a list or an int tensor [k]) of a \
         dim. Of positions that repeat the last one is written, and has the gradient. On the host.",
        r"print(mb.zeros(3):index_copy(1, { 1, 3, 1 }, mb.tensor { 1.0, 2.0, 4.0 }))
--> tensor [3] float32 on cpu
--> [4.0000, 0.0000, 2.0000]",
        Tensor::index_copy,
    );
    class
        .method(
            docs,
            "index_fill",
            "dim, positions, value",
            "One value at the given positions (a list or an int tensor [k]) of a dim.",
            |t: Tensor, dim: Dim, positions: Value, value: f64| {
                let dim = dim.of("index_fill", t.rank())?;
                t.index_fill(dim, &literal::positions("index_fill", positions, t.device())?, value)
            },
        )
        .example(
            r"print(mb.ones(2, 3):index_fill(2, { 1, 3 }, -1))
--> tensor [2, 3] float32 on cpu
--> [[-1.0000, 1.0000, -1.0000],
-->  [-1.0000, 1.0000, -1.0000]]",
        );
    class
        .method(
            docs,
            "index_put",
            "positions, values, options",
            "Values at the positions of a list, an int tensor for each of the first dims: out[rows[i]][columns[i]] = \
             values[i]. The positions broadcast, and the values to them; a bool mask stands for as many dims as it has. Of \
             positions that repeat the last one is written, and has the gradient; with accumulate they add up. On the host.",
            |t: Tensor, positions: Vec<Tensor>, values: Operand, options: IndexPutOptions| {
                let (t, values) = operands("index_put", Operand::Tensor(t), values)?;
                let positions = positions.iter().map(|own| match own.kind() {
                    Kind::Bool => Ok(Some(own.clone())),
                    _ => position::from_lua("index_put", own).map(Some),
                });
                t.index_put(&positions.collect::<Result<Vec<_>>>()?, &values, options.accumulate)
            },
        )
        .example(
            r"local rows, columns = mb.tensor { 1, 2 }, mb.tensor { 3, 1 }
print(mb.zeros(2, 3):index_put({ rows, columns }, mb.tensor { 5.0, 7.0 }))
--> tensor [2, 3] float32 on cpu
--> [[0.0000, 0.0000, 5.0000],
-->  [7.0000, 0.0000, 0.0000]]",
        );
    class
        .method(
            docs,
            "masked_scatter",
            "mask, source",
            "The elements of the source, in row-major order, where a bool mask is true, the tensor's own elsewhere. The \
             tensor and the mask broadcast. On the host.",
            |t: Tensor, mask: Tensor, source: Tensor| t.masked_scatter(&mask, &source),
        )
        .example(
            r"local t = mb.tensor { 3, -1, 4, -2 }
print(t:masked_scatter(t:lt(0), mb.tensor { 10, 20, 30 }))
--> tensor [4] int32 on cpu
--> [3, 10, 4, 20]",
        );
}
