//! Running sums, products and extremes along a dim, and differences.

use crate::{
    Result, Tensor,
    lua::{
        api::{Class, Count, Docs},
        position::{self, Dim},
    },
};

/// What runs along a dim.
pub(super) fn cumulative(class: &mut Class<Tensor>, docs: &mut Docs) {
    type Along = fn(&Tensor, usize) -> Result<Tensor>;
    let mut declare = |name: &'static str, what: &str, example: &str, along: Along| {
        let doc = format!("{what} up to each one along a dim (the last by default). On the host.");
        class
            .method(docs, name, "dim", &doc, move |t: Tensor, dim: Option<Dim>| {
                along(&t, dim.unwrap_or(Dim::LAST).of(name, t.rank())?)
            })
            .example(example);
    };
    declare(
        "cumsum",
        "The sum of the elements (of ints an error where it does not fit int32)",
        r"print(mb.tensor({ { 1, 2 }, { 3, 4 } }):cumsum(1))
--> tensor [2, 2] int32 on cpu
--> [[1, 2],
-->  [4, 6]]",
        Tensor::cumsum,
    );
    declare(
        "cumprod",
        "The product of the elements (of ints an error where it does not fit int32)",
        r"print(mb.tensor({ 1.0, 2.0, 3.0 }):cumprod())
--> tensor [3] float32 on cpu
--> [1.0000, 2.0000, 6.0000]",
        Tensor::cumprod,
    );
    declare(
        "logcumsumexp",
        "ln Σ eˣ of the elements, as float,",
        r"print(mb.tensor({ 0.0, 0.0 }):logcumsumexp())
--> tensor [2] float32 on cpu
--> [0.0000, 0.6931]",
        Tensor::logcumsumexp,
    );
    type Extreme = fn(&Tensor, usize) -> Result<(Tensor, Tensor)>;
    let mut declare = |name: &'static str, which: &str, found: &str, extreme: Extreme| {
        let doc = format!(
            "The {which} of the elements up to each one along a dim (the last by default), and its position from 1, of \
             equals the last. On the host."
        );
        class
            .method(docs, name, "dim", &doc, move |t: Tensor, dim: Option<Dim>| {
                let (values, positions) = extreme(&t, dim.unwrap_or(Dim::LAST).of(name, t.rank())?)?;
                Ok((values, position::to_lua(&positions)?))
            })
            .example(format!(
                "local values, positions = mb.tensor({{ 2, 1, 3 }}):{name}()\nprint(values)\n--> tensor [3] int32 on cpu\n--> {found}"
            ));
    };
    declare("cummax", "largest", "[2, 2, 3]", Tensor::cummax);
    declare("cummin", "smallest", "[2, 1, 1]", Tensor::cummin);
    class
        .method(
            docs,
            "diff",
            "n, dim",
            "Differences of neighbours along a dim (the last by default), taken n times (once by default): the dim becomes \
             n shorter. Of bools, whether they differ.",
            |t: Tensor, n: Option<Count>, dim: Option<Dim>| {
                t.diff(n.map_or(1, |n| n.0), dim.unwrap_or(Dim::LAST).of("diff", t.rank())?)
            },
        )
        .example(
            r"print(mb.tensor({ 1, 4, 9, 16 }):diff())
--> tensor [3] int32 on cpu
--> [3, 5, 7]",
        );
}
