//! Elements by position.

use mlua::Value;

use crate::{
    Result, Tensor,
    lua::{
        api::{Class, Docs},
        literal,
        position::{self, Dim},
    },
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
    class.method(
        docs,
        "slice",
        "dim, first, last",
        "Positions first to last (both included; -1 is the last) of a dim.",
        |t: Tensor, dim: Dim, first: i64, last: Option<i64>| {
            let dim = dim.of("slice", t.rank())?;
            let size = t.shape()[dim];
            let first = position::resolve("slice", "position", first, size)?;
            t.slice(dim, first, position::resolve("slice", "position", last.unwrap_or(-1), size)? + 1)
        },
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
    class.method(
        docs,
        "gather",
        "dim, positions",
        "out[i][j] = self[i][positions[i][j]] for dim 2, and so on. The shape is that of the positions.",
        |t: Tensor, dim: Dim, positions: Tensor| {
            t.gather(dim.of("gather", t.rank())?, &position::from_lua("gather", &positions)?)
        },
    );
    class.method(
        docs,
        "one_hot",
        "classes",
        "1 at each label (from 1), 0 elsewhere: ints [...] to floats [..., classes].",
        |t: Tensor, classes: usize| position::from_lua("one_hot", &t)?.one_hot(classes),
    );
}

/// The slice at one position of a dim, without the dim.
pub(super) fn at(t: &Tensor, position: i64, dim: usize) -> Result<Tensor> {
    let position = position::resolve("at", "position", position, t.shape().get(dim).copied().unwrap_or(0))?;
    t.slice(dim, position, position + 1)?.squeeze(Some(dim))
}
