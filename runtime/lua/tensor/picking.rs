//! Elements by position.

use mlua::Value;

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Class, Docs},
        literal,
        position::{self, Dim},
    },
    position::{resolve, resolve_range},
};

/// Indexing, slices, selection.
pub(super) fn picking(class: &mut Class<Tensor>, docs: &mut Docs) {
    class
        .method(
            docs,
            "index",
            "dim, position",
            "The slice at one position of a dim, which goes away; t[i] is t:index(1, i).",
            |t: Tensor, dim: Dim, position: i64| slice_at("index", &t, position, dim.of("index", t.rank())?),
        )
        .example(
            r"print(mb.tensor({ { 1, 2 }, { 3, 4 } }):index(2, -1))
--> tensor [2] int32 on cpu
--> [2, 4]",
        );
    class
        .method(
            docs,
            "at",
            "position, dim",
            "The slice at one position of a dim (the first by default), which goes away.",
            |t: Tensor, at: i64, dim: Option<Dim>| self::at(&t, at, dim.map_or(Ok(0), |dim| dim.of("at", t.rank()))?),
        )
        .renamed("t:index(dim, position)");
    class
        .method(
            docs,
            "slice",
            "dim, first, last, step",
            "Positions first to last (both included; -1 is the last) of a dim, or only first, first + step, ….",
            |t: Tensor, dim: Dim, first: i64, last: Option<i64>, step: Option<usize>| {
                let dim = dim.of("slice", t.rank())?;
                let range = resolve_range("slice", "position", [first, last.unwrap_or(-1)], t.shape()[dim])?;
                t.slice_by(dim, range.start, range.end, step.unwrap_or(1))
            },
        )
        .example(
            r"local t = mb.tensor { 10, 20, 30, 40 }
print(t:slice(1, 2, -1))
--> tensor [3] int32 on cpu
--> [20, 30, 40]
print(t:slice(1, 1, -1, 2))
--> tensor [2] int32 on cpu
--> [10, 30]",
        );
    class
        .method(
            docs,
            "index_select",
            "dim, positions",
            "The slices at the given positions (a list or an int tensor [k]) of a dim.",
            |t: Tensor, dim: Dim, positions: Value| {
                let dim = dim.of("index_select", t.rank())?;
                t.index_select(dim, &literal::positions("index_select", positions, t.device())?)
            },
        )
        .example(
            r"print(mb.tensor({ 10, 20, 30 }):index_select(1, { 3, 1 }))
--> tensor [2] int32 on cpu
--> [30, 10]",
        );
    class
        .method(
            docs,
            "select",
            "dim, positions",
            "The slices at the given positions (a list or an int tensor [k]) of a dim.",
            |t: Tensor, dim: Dim, positions: Value| {
                let dim = dim.of("select", t.rank())?;
                t.select(dim, &literal::positions("select", positions, t.device())?)
            },
        )
        .renamed("t:index_select(dim, positions)");
    class
        .method(
            docs,
            "masked_select",
            "mask",
            "The elements where a bool mask is true, in one dim: [count]. Shapes broadcast. On the host.",
            |t: Tensor, mask: Tensor| t.masked_select(&mask),
        )
        .example(
            r"local t = mb.tensor { 3, -1, 4, -2 }
print(t:masked_select(t:gt(0)))
--> tensor [2] int32 on cpu
--> [3, 4]",
        );
    class
        .method(
            docs,
            "gather",
            "dim, positions",
            "out[i][j] = self[i][positions[i][j]] for dim 2, and so on. The shape is that of the positions.",
            |t: Tensor, dim: Dim, positions: Tensor| {
                t.gather(dim.of("gather", t.rank())?, &position::from_lua("gather", &positions)?)
            },
        )
        .example(
            r"local scores = mb.tensor { { 0.1, 0.9 }, { 0.8, 0.2 } }
local labels = mb.tensor { { 2 }, { 1 } }
print(scores:gather(2, labels))
--> tensor [2, 1] float32 on cpu
--> [[0.9000],
-->  [0.8000]]",
        );
    class
        .method(
            docs,
            "one_hot",
            "classes",
            "1 at each label (from 1), 0 elsewhere: ints [...] to floats [..., classes].",
            |t: Tensor, classes: usize| position::from_lua("one_hot", &t)?.one_hot(classes),
        )
        .example(
            r"print(mb.tensor({ 3, 1 }):one_hot(3))
--> tensor [2, 3] float32 on cpu
--> [[0.0000, 0.0000, 1.0000],
-->  [1.0000, 0.0000, 0.0000]]",
        );
}

/// The slice at one position of a dim, without the dim.
pub(super) fn at(t: &Tensor, position: i64, dim: usize) -> Result<Tensor> {
    slice_at("at", t, position, dim)
}

fn slice_at(op: &'static str, t: &Tensor, position: i64, dim: usize) -> Result<Tensor> {
    let Some(size) = t.shape().get(dim) else {
        return Err(Error::OutOfRange { op, what: "position", got: position, range: "a scalar has none".into() });
    };
    t.at(dim, resolve(op, "position", position, *size)?)
}
