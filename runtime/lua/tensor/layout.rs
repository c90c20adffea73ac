//! The same elements under other dims.

use mlua::Value;

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Class, Docs, Rest},
        literal,
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
                t.reshape(&infer(&t, &sizes)?)
            },
        )
        .example(
            r"local t = mb.arange(1, 6):reshape(2, -1)
print(t)
--> tensor [2, 3] int32 on cpu
--> [[1, 2, 3],
-->  [4, 5, 6]]",
        );
    class.method(
        docs,
        "expand",
        "sizes",
        "Dims of 1 stretched to larger ones. Takes numbers or one list.",
        |t: Tensor, sizes: Rest<Value>| t.expand(&literal::shape("expand", sizes.0)?),
    );
    class.method(
        docs,
        "permute",
        "dims",
        "Dims in another order. Takes numbers or one list.",
        |t: Tensor, dims: Rest<Value>| {
            let dims = literal::sizes("permute", dims.0)?;
            t.permute(&dims.iter().map(|dim| resolve("permute", "dim", *dim, t.rank())).collect::<Result<Vec<_>>>()?)
        },
    );
    class.method(
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
    );
    class.method(
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
    );
    class.method(
        docs,
        "squeeze",
        "dim",
        "Without a dim of size 1, or without all of them.",
        |t: Tensor, dim: Option<Dim>| t.squeeze(dim.map(|dim| dim.of("squeeze", t.rank())).transpose()?),
    );
    class.method(docs, "unsqueeze", "dim", "With a new dim of size 1 at this position.", |t: Tensor, dim: Dim| {
        t.unsqueeze(dim.of_new("unsqueeze", t.rank())?)
    });
    class.method(docs, "flip", "dim", "The elements along a dim in reverse.", |t: Tensor, dim: Dim| {
        t.flip(dim.of("flip", t.rank())?)
    });
}

/// Works out a size of -1.
fn infer(tensor: &Tensor, sizes: &[i64]) -> Result<Vec<usize>> {
    let known =
        sizes.iter().filter(|size| **size != -1).try_fold(1i64, |all, size| all.checked_mul(*size)).unwrap_or(-1);
    let wrong = || Error::Shape {
        op: "reshape".into(),
        want: format!("cannot become {sizes:?}"),
        got: tensor.shape().to_vec(),
    };
    let open = sizes.iter().filter(|size| **size == -1).count();
    if open > 1
        || known < 0
        || (open == 1 && known == 0)
        || sizes.iter().any(|size| *size < -1)
        || (open == 1 && tensor.len() as i64 % known != 0)
    {
        return Err(wrong());
    }
    Ok(sizes.iter().map(|size| if *size == -1 { tensor.len() / known as usize } else { *size as usize }).collect())
}
