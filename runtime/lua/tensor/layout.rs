//! The same elements under other dims.

use mlua::{Lua, MultiValue, Value};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Class, Docs, Rest, Returned, alone},
        literal,
        one_or_more::OneOrMore,
        position::Dim,
    },
    position::resolve,
};

/// Shape operations.
pub(super) fn layout(class: &mut Class<Tensor>, docs: &mut Docs) {
    class
        .method(
            docs,
            "reshape",
            "sizes",
            "The same elements under other dims; one size may be -1 and is then worked out. Takes numbers or one list.",
            |t: Tensor, sizes: Rest<Value>| {
                let sizes = literal::sizes("reshape", sizes.0)?;
                t.reshape(&infer("reshape", t.shape(), &sizes)?)
            },
        )
        .example(
            r"local t = mb.range(1, 6):reshape(2, -1)
print(t)
--> tensor [2, 3] int32 on cpu
--> [[1, 2, 3],
-->  [4, 5, 6]]",
        );
    class
        .method(
            docs,
            "view",
            "sizes",
            "As reshape. Nothing is written into either, so nobody sees whether elements are shared.",
            |t: Tensor, sizes: Rest<Value>| {
                let sizes = literal::sizes("view", sizes.0)?;
                t.reshape(&infer("view", t.shape(), &sizes)?)
            },
        )
        .example(r#"print(table.concat(mb.zeros(4, 6):view(-1, 3).shape, " x ")) --> 8 x 3"#);
    class
        .method(docs, "view_as", "other", "Under the dims of another tensor.", |t: Tensor, other: Tensor| {
            t.reshape(other.shape())
        })
        .example(r#"print(table.concat(mb.zeros(6):view_as(mb.ones(2, 3)).shape, " x ")) --> 2 x 3"#);
    class
        .method(
            docs,
            "size",
            "dim",
            "The size of a dim, or a list of all sizes, as t.shape.",
            |t: Tensor, dim: Option<Dim>| {
                Ok(match dim {
                    Some(dim) => Sizes::One(t.shape()[dim.of("size", t.rank())?]),
                    None => Sizes::All(t.shape().to_vec()),
                })
            },
        )
        .example(r"print(mb.zeros(2, 3):size(-1)) --> 3");
    class
        .method(docs, "dim", "", "The number of dims, as t.rank.", |t: Tensor| Ok(t.rank()))
        .example(r"print(mb.zeros(2, 3):dim()) --> 2");
    class
        .method(docs, "expand_as", "other", "Expanded to the shape of another tensor.", |t: Tensor, other: Tensor| {
            t.expand(other.shape())
        })
        .example(r#"print(table.concat(mb.ones(3, 1):expand_as(mb.zeros(2, 3, 4)).shape, " x ")) --> 2 x 3 x 4"#);
    class
        .method(
            docs,
            "broadcast_to",
            "sizes",
            "As expand. Takes numbers or one list.",
            |t: Tensor, sizes: Rest<Value>| expand("broadcast_to", &t, sizes.0),
        )
        .example(r"print(mb.ones(3):broadcast_to(2, 3):sum():item()) --> 6.0");
    class
        .method(docs, "t", "", "A matrix transposed; a vector or a scalar is itself.", |t: Tensor| match t.rank() {
            0 | 1 => Ok(t),
            2 => t.transpose(0, 1),
            _ => Err(Error::Shape {
                op: "t".into(),
                want: "wants at most 2 dims; write t:transpose()".into(),
                got: t.shape().to_vec(),
            }),
        })
        .example(r#"print(table.concat(mb.zeros(2, 3):t().shape, " x ")) --> 3 x 2"#);
    class
        .method(
            docs,
            "expand",
            "sizes",
            "Dims of 1 stretched to larger ones; -1 leaves a dim as it is. Takes numbers or one list.",
            |t: Tensor, sizes: Rest<Value>| expand("expand", &t, sizes.0),
        )
        .example(
            r"print(mb.tensor({ { 1 }, { 2 } }):expand(2, 3))
--> tensor [2, 3] int32 on cpu
--> [[1, 1, 1],
-->  [2, 2, 2]]",
        );
    class
        .method(
            docs,
            "permute",
            "dims",
            "Dims in another order. Takes numbers or one list.",
            |t: Tensor, dims: Rest<Value>| {
                let dims = literal::sizes("permute", dims.0)?;
                t.permute(
                    &dims.iter().map(|dim| resolve("permute", "dim", *dim, t.rank())).collect::<Result<Vec<_>>>()?,
                )
            },
        )
        .example(
            r#"local channels_last = mb.zeros(8, 32, 48, 3)
print(table.concat(channels_last:permute(1, 4, 2, 3).shape, " x ")) --> 8 x 3 x 32 x 48"#,
        );
    class
        .method(
            docs,
            "transpose",
            "first, second",
            "Two dims swapped, the last two by default.",
            |t: Tensor, first: Option<Dim>, second: Option<Dim>| {
                if t.rank() < 2 {
                    return Err(Error::Shape {
                        op: "transpose".into(),
                        want: "wants at least 2 dims".into(),
                        got: t.shape().to_vec(),
                    });
                }
                let second = second.unwrap_or(Dim::LAST).of("transpose", t.rank())?;
                t.transpose(first.unwrap_or(Dim::LAST_BUT_ONE).of("transpose", t.rank())?, second)
            },
        )
        .example(
            r"print(mb.tensor({ { 1, 2, 3 }, { 4, 5, 6 } }):transpose())
--> tensor [3, 2] int32 on cpu
--> [[1, 4],
-->  [2, 5],
-->  [3, 6]]",
        );
    class
        .method(
            docs,
            "flatten",
            "first, last",
            "Dims first to last merged into one; all of them by default.",
            |t: Tensor, first: Option<Dim>, last: Option<Dim>| {
                if t.rank() == 0 {
                    return t.reshape(&[1]);
                }
                let first = first.map_or(Ok(0), |dim| dim.of("flatten", t.rank()))?;
                t.flatten(first, last.unwrap_or(Dim::LAST).of("flatten", t.rank())?)
            },
        )
        .example(
            r#"local images = mb.zeros(8, 3, 4, 4)
print(table.concat(images:flatten(2).shape, " x ")) --> 8 x 48
print(mb.tensor({ { 1, 2 }, { 3, 4 } }):flatten())
--> tensor [4] int32 on cpu
--> [1, 2, 3, 4]"#,
        );
    class
        .method(
            docs,
            "squeeze",
            "dim",
            "Without a dim of size 1, or without all of them.",
            |t: Tensor, dim: Option<Dim>| t.squeeze(dim.map(|dim| dim.of("squeeze", t.rank())).transpose()?),
        )
        .example(
            r"print(mb.tensor({ { 7 }, { 8 } }):squeeze(2))
--> tensor [2] int32 on cpu
--> [7, 8]",
        );
    class
        .method(docs, "unsqueeze", "dim", "With a new dim of size 1 at this position.", |t: Tensor, dim: Dim| {
            t.unsqueeze(dim.of_new("unsqueeze", t.rank())?)
        })
        .example(
            r"local x = mb.tensor { 1, 4 }
print(x:unsqueeze(2) - x:unsqueeze(1))
--> tensor [2, 2] int32 on cpu
--> [[0, -3],
-->  [3, 0]]",
        );
    class
        .method(
            docs,
            "flip",
            "dim",
            "The elements along a dim, or along each of a list, in reverse.",
            |t: Tensor, dim: OneOrMore<Dim>| t.flip_all(&dim.of("flip", t.rank())?),
        )
        .example(
            r"print(mb.tensor({ { 1, 2 }, { 3, 4 } }):flip { 1, 2 })
--> tensor [2, 2] int32 on cpu
--> [[4, 3],
-->  [2, 1]]",
        );
}

/// A size, or a list of them.
enum Sizes {
    One(usize),
    All(Vec<usize>),
}

impl Returned for Sizes {
    const SINGLE: bool = true;

    fn kind() -> String {
        // An editor knows no better of what `t:size()` and `t:size(1)` give.
        "any".into()
    }

    fn into_values(self, lua: &Lua) -> mlua::Result<MultiValue> {
        alone(self.into_value(lua))
    }

    fn into_value(self, lua: &Lua) -> mlua::Result<Value> {
        match self {
            Self::One(size) => size.into_value(lua),
            Self::All(sizes) => sizes.into_value(lua),
        }
    }
}

/// A tensor stretched to sizes, of which -1 is the one that it has, as in PyTorch.
fn expand(op: &'static str, t: &Tensor, sizes: Vec<Value>) -> Result<Tensor> {
    let sizes = literal::sizes(op, sizes)?;
    // Dims are added in front.
    let added = sizes.len().saturating_sub(t.rank());
    let to = sizes.iter().enumerate().map(|(i, size)| match i.checked_sub(added) {
        Some(own) if *size == -1 => Ok(t.shape().get(own).copied().unwrap_or(1)),
        None if *size == -1 => {
            Err(Error::argument(op, "sizes", "at least 0 for a dim that is added in front", format!("{sizes:?}")))
        }
        _ => usize::try_from(*size).map_err(|_| Error::argument(op, "sizes", "-1 or at least 0", size)),
    });
    t.expand(&to.collect::<Result<Vec<_>>>()?)
}

/// Sizes for the elements of a shape, of which one may be -1 and is worked out.
pub(super) fn infer(op: &str, shape: &[usize], sizes: &[i64]) -> Result<Vec<usize>> {
    let len: usize = shape.iter().product();
    let known =
        sizes.iter().filter(|size| **size != -1).try_fold(1i64, |all, size| all.checked_mul(*size)).unwrap_or(-1);
    let wrong = || Error::Shape { op: op.into(), want: format!("cannot become {sizes:?}"), got: shape.to_vec() };
    let open = sizes.iter().filter(|size| **size == -1).count();
    if open > 1
        || known < 0
        || (open == 1 && known == 0)
        || sizes.iter().any(|size| *size < -1)
        || (open == 1 && len as i64 % known != 0)
    {
        return Err(wrong());
    }
    Ok(sizes.iter().map(|size| if *size == -1 { len / known as usize } else { *size as usize }).collect())
}
