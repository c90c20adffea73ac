//! Sorting, and what is chosen by its place in the order.

use mlua::{Lua, Value};

use crate::{
    Result, Tensor,
    lua::{
        api::{Argument, Class, Count, Docs, Several, mismatch},
        object::named,
        position::{self, Dim},
    },
    options::options,
    tensor::Interpolation,
};

options! {
    /// Options of a tensor's `sort` and `argsort`.
    pub struct SortOptions {
        /// Whether the largest comes first.
        pub descending: bool = false;
    }

    /// Options of a tensor's `topk`.
    pub struct TopkOptions {
        /// Whether the largest elements are meant; else the smallest.
        pub largest: bool = true;
    }

    /// Options of a tensor's `quantile`.
    pub struct QuantileOptions {
        /// What a quantile between two values is.
        pub interpolation: Interpolation = Interpolation::Linear;
    }
}

named! {
    Interpolation;
}

/// Sorting, and the largest, smallest and k-th elements.
pub(super) fn order(class: &mut Class<Tensor>, docs: &mut Docs) {
    class
        .method(
            docs,
            "sort",
            "dim, options",
            "The elements along a dim (the last by default) in ascending order, and their positions from 1. Equals keep \
             their order, NaN is the largest. On the host.",
            |t: Tensor, dim: Option<Dim>, options: SortOptions| {
                both(t.sort(dim.unwrap_or(Dim::LAST).of("sort", t.rank())?, options.descending)?)
            },
        )
        .example(
            r"local values, positions = mb.tensor({ 3, 1, 2 }):sort(1, { descending = true })
print(positions)
--> tensor [3] int32 on cpu
--> [1, 3, 2]",
        );
    class
        .method(
            docs,
            "argsort",
            "dim, options",
            "The positions, from 1, that put the elements along a dim (the last by default) in order, as sort's.",
            |t: Tensor, dim: Option<Dim>, options: SortOptions| {
                position::to_lua(&t.argsort(dim.unwrap_or(Dim::LAST).of("argsort", t.rank())?, options.descending)?)
            },
        )
        .example(
            r"print(mb.tensor({ 3, 1, 2 }):argsort())
--> tensor [3] int32 on cpu
--> [2, 3, 1]",
        );
    class
        .method(
            docs,
            "topk",
            "k, dim, options",
            "The k largest elements along a dim (the last by default) in descending order, or the k smallest in ascending \
             order, and their positions from 1. On the host.",
            |t: Tensor, Count(k): Count, dim: Option<Dim>, options: TopkOptions| {
                let dim = dim.unwrap_or(Dim::LAST).of("topk", t.rank())?;
                both(if options.largest { t.topk(k, dim)? } else { t.smallest_k(k, dim)? })
            },
        )
        .example(
            r"local values, positions = mb.tensor({ 0.2, 0.7, 0.4 }):topk(2)
print(positions)
--> tensor [2] int32 on cpu
--> [2, 3]",
        );
    class
        .method(
            docs,
            "kthvalue",
            "k, dim, keep",
            "The k-th smallest element along a dim (the last by default), which keep leaves with size 1, and its position \
             from 1. On the host.",
            |t: Tensor, k: usize, dim: Option<Dim>, keep: Option<bool>| {
                both(t.kthvalue(k, dim.unwrap_or(Dim::LAST).of("kthvalue", t.rank())?, keep.unwrap_or(false))?)
            },
        )
        .example(
            r"local value, position = mb.tensor({ 3, 1, 2 }):kthvalue(2)
print(value:item(), position:item()) --> 2 3",
        );
}

/// The middle, and other shares.
pub(super) fn quantiles(class: &mut Class<Tensor>, docs: &mut Docs) {
    class
        .method(
            docs,
            "median",
            "dim, keep",
            "The middle element, of an even number the lower one, NaN where there is one. Of all elements it is alone, and \
             its gradient goes evenly to equals; along a dim, which keep leaves with size 1, its position from 1 comes \
             second. On the host.",
            |t: Tensor, dim: Option<Dim>, keep: Option<bool>| {
                let Some(dim) = dim else { return Ok(Several(vec![t.median_of_all(keep.unwrap_or(false))?])) };
                let (values, positions) = t.median(dim.of("median", t.rank())?, keep.unwrap_or(false))?;
                Ok(Several(vec![values, position::to_lua(&positions)?]))
            },
        )
        .example(r"print(mb.tensor({ 4, 1, 2, 9 }):median():item()) --> 2");
    class
        .method(
            docs,
            "quantile",
            "q, dim, keep, options",
            "Where a share q of the elements lies below, q from 0 to 1, as float: over all elements, or over one dim, which \
             keep leaves with size 1. A list of shares or a float tensor [k] gives [k, ...]. The gradient goes to the two \
             elements beside it. On the host.",
            |t: Tensor, q: Shares, dim: Option<Dim>, keep: Option<bool>, options: QuantileOptions| {
                let dim = dim.map(|dim| dim.of("quantile", t.rank())).transpose()?;
                let found = t.quantile(&q.values, dim, keep.unwrap_or(false), options.interpolation)?;
                if q.is_one { found.squeeze(Some(0)) } else { Ok(found) }
            },
        )
        .example(
            r"local x = mb.tensor { 1.0, 2.0, 3.0, 4.0 }
print(x:quantile(0.5):item()) --> 2.5
print(x:quantile({ 0.0, 0.5 }, 1, false, { interpolation = 'lower' }))
--> tensor [2] float32 on cpu
--> [1.0000, 2.0000]",
        );
}

fn both((values, positions): (Tensor, Tensor)) -> Result<(Tensor, Tensor)> {
    Ok((values, position::to_lua(&positions)?))
}

/// Shares of 0 to 1 as a script writes them: one, a list, or a tensor.
struct Shares {
    values: Vec<f64>,
    is_one: bool,
}

impl Argument for Shares {
    fn kind(docs: &mut Docs) -> String {
        format!("number|number[]|{}", <Tensor as Argument>::kind(docs))
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::Integer(_) | Value::Number(_) => {
                Ok(Self { values: vec![f64::from_value(value, lua, op, name)?], is_one: true })
            }
            Value::Table(_) => Ok(Self { values: Vec::from_value(value, lua, op, name)?, is_one: false }),
            Value::UserData(_) => {
                let given = Tensor::from_value(value, lua, op, name)?;
                if given.rank() > 1 {
                    let want = format!("{name} has at most 1 dim");
                    return Err(crate::Error::Shape { op: op.to_owned(), want, got: given.shape().to_vec() });
                }
                Ok(Self { values: given.doubles()?, is_one: given.rank() == 0 })
            }
            other => Err(mismatch(op, name, "a number, a list or a tensor", &other)),
        }
    }
}
