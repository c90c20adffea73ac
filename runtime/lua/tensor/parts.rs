//! A tensor in parts, or so often.

use crate::{
    Tensor,
    lua::{
        api::{Class, Count, Docs},
        one_or_more::OneOrMore,
        position::Dim,
    },
    position::resolve,
};

/// Parts along a dim, each a list of tensors.
pub(super) fn parts(class: &mut Class<Tensor>, docs: &mut Docs) {
    class
        .method(
            docs,
            "chunk",
            "count, dim",
            "A list of at most so many parts along a dim (the first by default), of one size but for the last.",
            |t: Tensor, count: usize, dim: Option<Dim>| {
                t.chunk(count, dim.map_or(Ok(0), |dim| dim.of("chunk", t.rank()))?)
            },
        )
        .example(
            r"local a, b = table.unpack(mb.range(1, 5):chunk(2))
print(b)
--> tensor [2] int32 on cpu
--> [4, 5]",
        );
    class
        .method(
            docs,
            "split",
            "size, dim",
            "A list of parts along a dim (the first by default): of one size but for the last, or of the sizes of a list.",
            |t: Tensor, size: OneOrMore<Count>, dim: Option<Dim>| {
                let dim = dim.map_or(Ok(0), |dim| dim.of("split", t.rank()))?;
                match size {
                    OneOrMore::One(Count(size)) => t.split(size, dim),
                    OneOrMore::More(sizes) => t.split_into(&Count::all(sizes), dim),
                }
            },
        )
        .example(
            r"print(#mb.range(1, 7):split(2)) --> 4
print(mb.range(1, 7):split({ 5, 2 })[2])
--> tensor [2] int32 on cpu
--> [6, 7]",
        );
    class
        .method(
            docs,
            "unbind",
            "dim",
            "A list of the slices at each position of a dim (the first by default), which goes away.",
            |t: Tensor, dim: Option<Dim>| t.unbind(dim.map_or(Ok(0), |dim| dim.of("unbind", t.rank()))?),
        )
        .example(
            r"local columns = mb.tensor({ { 1, 2 }, { 3, 4 } }):unbind(2)
print(columns[1])
--> tensor [2] int32 on cpu
--> [1, 3]",
        );
    class
        .method(
            docs,
            "narrow",
            "dim, first, length",
            "So many positions of a dim from one on (-1 is the last).",
            |t: Tensor, dim: Dim, first: i64, Count(length): Count| {
                let dim = dim.of("narrow", t.rank())?;
                t.narrow(dim, resolve("narrow", "position", first, t.shape()[dim])?, length)
            },
        )
        .example(
            r"print(mb.range(1, 9):narrow(1, 3, 2))
--> tensor [2] int32 on cpu
--> [3, 4]",
        );
}
