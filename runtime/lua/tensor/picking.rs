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
    class.method(
        docs,
        "at",
        "position, dim",
        "The slice at one position of a dim (the first by default), which goes away; t[i] is t:at(i).",
        |t: Tensor, at: i64, dim: Option<Dim>| self::at(&t, at, dim.map_or(Ok(0), |dim| dim.of("at", t.rank()))?),
    );
    class
        .method(
            docs,
            "slice",
            "dim, first, last",
            "Positions first to last (both included; -1 is the last) of a dim.",
            |t: Tensor, dim: Dim, first: i64, last: Option<i64>| {
                let dim = dim.of("slice", t.rank())?;
                let range = resolve_range("slice", "position", [first, last.unwrap_or(-1)], t.shape()[dim])?;
                t.slice(dim, range.start, range.end)
            },
        )
        .example(
            r"local t = mb.tensor { 10, 20, 30, 40 }
print(t:slice(1, 2, -1))
--> tensor [3] int32 on cpu
--> [20, 30, 40]",
        );
    class.method(
        docs,
        "select",
        "dim, positions",
        "The slices at the given positions (a list or an int tensor [k]) of a dim.",
        |t: Tensor, dim: Dim, positions: Value| {
            let dim = dim.of("select", t.rank())?;
            t.select(dim, &literal::positions("select", positions, t.device())?)
        },
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
    let Some(size) = t.shape().get(dim) else {
        return Err(Error::OutOfRange { op: "at", what: "position", got: position, range: "a scalar has none".into() });
    };
    t.at(dim, resolve("at", "position", position, *size)?)
}
