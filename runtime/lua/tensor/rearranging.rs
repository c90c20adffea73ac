//! Elements in other places: dims moved, turned and repeated; around a tensor; windows; diagonals.

use mlua::{Lua, Value};

use super::layout::infer;
use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Argument, Class, Count, Docs, Rest},
        literal,
        object::named,
        one_or_more::OneOrMore,
        position::Dim,
    },
    tensor::{PadMode, PadOptions},
};

named! {
    PadMode;
}

/// How often elements come: all of them alike, or each by its own count.
enum Counts {
    All(usize),
    Each(Tensor),
}

impl Argument for Counts {
    fn kind(_: &mut Docs) -> String {
        "integer|moonburn.Tensor".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::UserData(_) => Tensor::from_value(value, lua, op, name).map(Self::Each),
            value => Count::from_value(value, lua, op, name).map(|Count(count)| Self::All(count)),
        }
    }
}

/// Dims moved, turned and repeated.
pub(super) fn rearranging(class: &mut Class<Tensor>, docs: &mut Docs) {
    class
        .method(
            docs,
            "movedim",
            "from, to",
            "A dim, or each of a list, at another place; all others stay in their order.",
            |t: Tensor, from: OneOrMore<Dim>, to: OneOrMore<Dim>| {
                t.movedim(&from.of("movedim", t.rank())?, &to.of("movedim", t.rank())?)
            },
        )
        .example(r#"print(table.concat(mb.zeros(2, 3, 4):movedim(1, -1).shape, " x ")) --> 3 x 4 x 2"#);
    class
        .method(
            docs,
            "unflatten",
            "dim, sizes",
            "A dim as several of these sizes, whose product is its own; one size may be -1 and is then worked out.",
            |t: Tensor, dim: Dim, sizes: Vec<i64>| {
                let dim = dim.of("unflatten", t.rank())?;
                t.unflatten(dim, &infer("unflatten", &t.shape()[dim..=dim], &sizes)?)
            },
        )
        .example(r#"print(table.concat(mb.zeros(6, 5):unflatten(1, { 2, 3 }).shape, " x ")) --> 2 x 3 x 5"#);
    class
        .method(
            docs,
            "rot90",
            "count, dims",
            "Turned by quarter turns (1 by default) in the plane of two dims ({ 1, 2 } by default), from the first to the \
             second.",
            |t: Tensor, count: Option<i64>, dims: Option<Vec<Dim>>| {
                let dims = dims.map_or(Ok(vec![0, 1]), |dims| OneOrMore::More(dims).of("rot90", t.rank()))?;
                let count_of_dims = dims.len();
                let dims = dims.try_into().map_err(|_| Error::argument("rot90", "dims", "two dims", count_of_dims))?;
                t.rot90(count.unwrap_or(1), dims)
            },
        )
        .example(
            r"print(mb.tensor({ { 1, 2 }, { 3, 4 } }):rot90())
--> tensor [2, 2] int32 on cpu
--> [[2, 4],
-->  [1, 3]]",
        );
    class
        .method(
            docs,
            "tile",
            "counts",
            "The whole tensor so many times along each dim; more counts than dims add dims in front. Takes numbers or one \
             list. PyTorch's repeat.",
            |t: Tensor, counts: Rest<Value>| t.tile(&literal::shape("tile", counts.0)?),
        )
        .example(
            r"print(mb.tensor({ 1, 2 }):tile(2, 2))
--> tensor [2, 4] int32 on cpu
--> [[1, 2, 1, 2],
-->  [1, 2, 1, 2]]",
        );
    class
        .method(
            docs,
            "repeat_interleave",
            "count, dim",
            "Each slice of a dim several times, one behind the other: as often as a number says, or as an int tensor says \
             for each. Each element in one dim where no dim is given.",
            |t: Tensor, count: Counts, dim: Option<Dim>| {
                let dim = dim.map(|dim| dim.of("repeat_interleave", t.rank())).transpose()?;
                match count {
                    Counts::All(count) => t.repeat_interleave(count, dim),
                    Counts::Each(counts) => t.repeat_interleave_by(&counts, dim),
                }
            },
        )
        .example(
            r"local t = mb.tensor { 7, 8 }
print(t:repeat_interleave(2))
--> tensor [4] int32 on cpu
--> [7, 7, 8, 8]
print(t:repeat_interleave(mb.tensor { 1, 2 }))
--> tensor [3] int32 on cpu
--> [7, 8, 8]",
        );
    class
        .method(
            docs,
            "roll",
            "shift, dim",
            "The elements moved along a dim, or by a list of shifts along each of a list of dims; what leaves at the end \
             comes in at the start. Of all elements in row-major order where no dim is given.",
            |t: Tensor, shift: OneOrMore<i64>, dim: Option<OneOrMore<Dim>>| match (shift, dim) {
                (shift, Some(dims)) => t.roll(&shift.all(), &dims.of("roll", t.rank())?),
                (OneOrMore::One(shift), None) => t.roll_all(shift),
                (OneOrMore::More(_), None) => Err(Error::argument("roll", "dim", "a list of dims, one for each shift", "nothing")),
            },
        )
        .example(
            r"print(mb.range(1, 5):roll(2))
--> tensor [5] int32 on cpu
--> [4, 5, 1, 2, 3]",
        );
}

/// Around a tensor, windows and diagonals.
pub(super) fn around(class: &mut Class<Tensor>, docs: &mut Docs) {
    class
        .method(
            docs,
            "pad",
            "widths, options",
            "More elements before and after those of the last dims: { left, right, top, bottom, … }, those of the last dim \
             first. A negative width takes some away.",
            |t: Tensor, widths: Vec<i64>, options: PadOptions| {
                let (pairs, rest) = widths.as_chunks::<2>();
                if !rest.is_empty() {
                    return Err(Error::argument("pad", "widths", "two for each dim", format!("{} numbers", widths.len())));
                }
                t.pad(pairs, options.mode, options.value)
            },
        )
        .example(
            r#"local t = mb.tensor { 1, 2, 3 }
print(t:pad { 1, 2 })
--> tensor [6] int32 on cpu
--> [0, 1, 2, 3, 0, 0]
print(t:pad({ 2, 0 }, { mode = "reflect" }))
--> tensor [5] int32 on cpu
--> [3, 2, 1, 2, 3]"#,
        );
    class
        .method(
            docs,
            "unfold",
            "dim, size, step",
            "Windows of a dim, one for each position that it then has; their elements are the new last dim.",
            |t: Tensor, dim: Dim, size: usize, step: usize| t.unfold(dim.of("unfold", t.rank())?, size, step),
        )
        .example(
            r"print(mb.range(1, 7):unfold(1, 3, 2))
--> tensor [3, 3] int32 on cpu
--> [[1, 2, 3],
-->  [3, 4, 5],
-->  [5, 6, 7]]",
        );
    class
        .method(
            docs,
            "diagonal",
            "offset, first, second",
            "The diagonal of the matrices in two dims (1 and 2 by default) as the last dim; an offset over 0 is above the \
             main one.",
            |t: Tensor, offset: Option<i64>, first: Option<Dim>, second: Option<Dim>| {
                let first = first.map_or(Ok(0), |dim| dim.of("diagonal", t.rank()))?;
                t.diagonal(offset.unwrap_or(0), [first, second.map_or(Ok(1), |dim| dim.of("diagonal", t.rank()))?])
            },
        )
        .example(
            r"print(mb.range(1, 9):reshape(3, 3):diagonal(1))
--> tensor [2] int32 on cpu
--> [2, 6]",
        );
    let mut declare = |name, doc: &str, example: &str, function: fn(&Tensor, i64) -> Result<Tensor>| {
        class
            .method(docs, name, "offset", doc, move |t: Tensor, offset: Option<i64>| function(&t, offset.unwrap_or(0)))
            .example(example);
    };
    declare(
        "diag",
        "A vector [n] as the diagonal of a matrix, 0 elsewhere, or the diagonal of a matrix as a vector; an offset over 0 is \
         above the main one.",
        r"print(mb.tensor({ 1, 2 }):diag())
--> tensor [2, 2] int32 on cpu
--> [[1, 0],
-->  [0, 2]]",
        Tensor::diag,
    );
    declare(
        "diag_embed",
        "Matrices [..., n, n] with the last dim [..., n] on the diagonal, 0 elsewhere; an offset over 0 is above the main one.",
        r"print(mb.tensor({ 1, 2 }):diag_embed(1))
--> tensor [3, 3] int32 on cpu
--> [[0, 1, 0],
-->  [0, 0, 2],
-->  [0, 0, 0]]",
        Tensor::diag_embed,
    );
    declare(
        "tril",
        "The lower triangles of the matrices in the last two dims, with so many diagonals above the main one; 0 elsewhere.",
        r"print(mb.range(1, 4):reshape(2, 2):tril())
--> tensor [2, 2] int32 on cpu
--> [[1, 0],
-->  [3, 4]]",
        Tensor::tril,
    );
    declare(
        "triu",
        "The upper triangles of the matrices in the last two dims, without so many diagonals from the main one on; 0 \
         elsewhere.",
        r"print(mb.range(1, 4):reshape(2, 2):triu(1))
--> tensor [2, 2] int32 on cpu
--> [[0, 2],
-->  [0, 0]]",
        Tensor::triu,
    );
}
