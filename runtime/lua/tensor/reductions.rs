//! Reductions over dims, and the positions of extremes.

use crate::{
    Result, Tensor,
    lua::{
        api::{Class, Docs, Entry},
        position::{self, Dim, Dims},
    },
    tensor,
};

type Reduction = fn(&Tensor, tensor::Dims, bool) -> Result<Tensor>;

/// Reductions over all elements, one dim or several.
pub(super) fn reductions(class: &mut Class<Tensor>, docs: &mut Docs) {
    declare(
        class,
        docs,
        "sum",
        "Sum; of a bool tensor the count. One of ints that does not fit int32 is an error.",
        Tensor::sum,
    )
    .example(
        r"local x = mb.ones(2, 3, 4)
print(x:sum({ 1, 3 }))
--> tensor [3] float32 on cpu
--> [8.0000, 8.0000, 8.0000]",
    );
    declare(class, docs, "mean", "Mean, as float.", Tensor::mean).example(
        r"print(mb.tensor({ { 1, 2 }, { 3, 6 } }):mean(1))
--> tensor [2] float32 on cpu
--> [2.0000, 4.0000]",
    );
    declare(
        class,
        docs,
        "max",
        "The largest element. Its gradient goes to the first of equals along one dim, and evenly to the equals of \
             several or all. max_with_positions says where it is.",
        Tensor::max,
    )
    .example(
        r"print(mb.tensor({ { 3, 1 }, { 2, 5 } }):max(2))
--> tensor [2] int32 on cpu
--> [3, 5]",
    );
    declare(
        class,
        docs,
        "min",
        "The smallest element. Its gradient is as that of max. min_with_positions says where it is.",
        Tensor::min,
    )
    .example(r"print(mb.tensor({ { 3, 1 }, { 2, 5 } }):min():item()) --> 1");
    declare(class, docs, "amax", "The largest element. Its gradient goes evenly to equals.", Tensor::amax).example(
        r"local x = mb.tensor({ 2.0, 2.0 }):requires_grad()
print(mb.grad(x:amax(1), { x })[1])
--> tensor [2] float32 on cpu
--> [0.5000, 0.5000]",
    );
    declare(class, docs, "amin", "The smallest element. Its gradient goes evenly to equals.", Tensor::amin)
        .example(r"print(mb.tensor({ { 3, 1 }, { 2, 5 } }):amin({ 1, 2 }):item()) --> 1");
    class
        .method(
            docs,
            "aminmax",
            "dim, keep",
            &format!("The smallest element and the largest, as amin and amax. {OVER}"),
            |t: Tensor, dim: Option<Dims>, keep: Option<bool>| {
                t.aminmax(Dims::of(dim, "aminmax", t.rank())?, keep.unwrap_or(false))
            },
        )
        .example(
            r"local low, high = mb.tensor({ 3, 1, 2 }):aminmax()
print(low:item(), high:item()) --> 1 3",
        );
    spreads(class, docs);
    declare(class, docs, "norm", "Euclidean norm.", Tensor::norm).example(
        r"print(mb.tensor({ { 3.0, 4.0 }, { 0.0, 2.0 } }):norm(2))
--> tensor [2] float32 on cpu
--> [5.0000, 2.0000]",
    );
    declare(
        class,
        docs,
        "prod",
        "Product; of bools as int. One of ints that does not fit int32 is an error. Its gradient is right where elements \
         are 0. On the host.",
        Tensor::prod,
    )
    .example(r"print(mb.tensor({ 2, 3, 4 }):prod():item()) --> 24");
    declare(class, docs, "logsumexp", "ln Σ eˣ, without overflow, as float.", Tensor::logsumexp).example(
        r"print(mb.tensor({ 100.0, 100.0 }):logsumexp())
--> tensor [] float32 on cpu
--> 100.6931",
    );
    declare(class, docs, "any", "Whether any element is not 0, as bool; NaN is not 0.", Tensor::any)
        .example(r"print(mb.tensor({ false, true }):any():item()) --> true");
    declare(class, docs, "all", "Whether no element is 0, as bool.", Tensor::all).example(
        r"print(mb.tensor({ { 1, 0 }, { 2, 3 } }):all(2))
--> tensor [2] bool on cpu
--> [false, true]",
    );
    declare(class, docs, "count_nonzero", "How many elements are not 0, as int.", Tensor::count_nonzero)
        .example(r"print(mb.tensor({ 0.5, 0.0, -1.0 }):count_nonzero():item()) --> 2");
    declare(class, docs, "nansum", "Sum of what is not NaN.", Tensor::nansum)
        .example(r"print(mb.tensor({ 1.0, 0 / 0, 2.0 }):nansum():item()) --> 3.0");
    declare(class, docs, "nanmean", "Mean of what is not NaN, as float; NaN where all are.", Tensor::nanmean)
        .example(r"print(mb.tensor({ 1.0, 0 / 0, 2.0 }):nanmean():item()) --> 1.5");
}

const OVER: &str = "Over all elements, or over one dim or a list of dims, which keep leaves with size 1.";

fn declare<'a>(
    class: &'a mut Class<Tensor>,
    docs: &mut Docs,
    name: &'static str,
    what: &str,
    reduce: Reduction,
) -> &'a mut Entry {
    let doc = format!("{what} {OVER}");
    class.method(docs, name, "dim, keep", &doc, move |t: Tensor, dim: Option<Dims>, keep: Option<bool>| {
        reduce(&t, Dims::of(dim, name, t.rank())?, keep.unwrap_or(false))
    })
}

/// Variance and standard deviation.
fn spreads(class: &mut Class<Tensor>, docs: &mut Docs) {
    type Spread = fn(&Tensor, tensor::Dims, bool, f64) -> Result<Tensor>;
    let mut declare = |name: &'static str, what: &str, spread: Spread| {
        let doc = format!(
            "{what} divided by n − correction: unbiased with 1, the default, biased with 0. No more elements than that are \
             an error. {OVER}"
        );
        class
            .method(
                docs,
                name,
                "dim, keep, correction",
                &doc,
                move |t: Tensor, dim: Option<Dims>, keep: Option<bool>, correction: Option<f64>| {
                    spread(&t, Dims::of(dim, name, t.rank())?, keep.unwrap_or(false), correction.unwrap_or(1.0))
                },
            )
            .example(format!("print(mb.tensor({{ 1.0, 3.0 }}):{name}(1, false, 0):item()) --> 1.0"));
    };
    declare("var", "Variance: squared distances from the mean,", Tensor::var);
    declare(
        "std",
        "Square root of the variance; its gradient is 0 where all are equal. Squared distances are",
        Tensor::std,
    );
}

/// Where extremes are.
pub(super) fn positions(class: &mut Class<Tensor>, docs: &mut Docs) {
    type Position = fn(&Tensor, usize, bool) -> Result<Tensor>;
    let mut declare = |name: &'static str, which: &str, found: &str, position: Position| {
        let doc = format!(
            "The position of the {which} element along a dim (the last by default, also where PyTorch's is that of all \
             elements), from 1; of equals the first."
        );
        class
            .method(docs, name, "dim", &doc, move |t: Tensor, dim: Option<Dim>| {
                position::to_lua(&position(&t, dim.unwrap_or(Dim::LAST).of(name, t.rank())?, false)?)
            })
            .example(format!("print(mb.tensor({{ 0.2, 0.7, 0.1 }}):{name}():item()) --> {found}"));
    };
    declare("argmax", "largest", "2", Tensor::argmax);
    declare("argmin", "smallest", "3", Tensor::argmin);
    type Both = fn(&Tensor, usize, bool) -> Result<(Tensor, Tensor)>;
    let mut declare = |name: &'static str, which: &str, found: &str, both: Both| {
        let doc = format!(
            "The {which} element along a dim (the last by default), which keep leaves with size 1, and its position from \
             1, of equals the first: PyTorch's {} with a dim.",
            &name[..3]
        );
        class
            .method(docs, name, "dim, keep", &doc, move |t: Tensor, dim: Option<Dim>, keep: Option<bool>| {
                let dim = dim.unwrap_or(Dim::LAST).of(name, t.rank())?;
                let (values, positions) = both(&t, dim, keep.unwrap_or(false))?;
                Ok((values, position::to_lua(&positions)?))
            })
            .example(format!(
                "local value, position = mb.tensor({{ 2, 7, 1 }}):{name}()\nprint(value:item(), position:item()) --> {found}"
            ));
    };
    declare("max_with_positions", "largest", "7 2", Tensor::max_with_positions);
    declare("min_with_positions", "smallest", "1 3", Tensor::min_with_positions);
}
