//! Free functions that make and combine tensors.

use mlua::{Function, MultiValue, Value};

use super::{
    api::{Api, Count, Interpreter, Rest},
    context::Context,
    drawing::source,
    literal,
    object::named,
    order::objects,
    position::{self, Dim},
    tensor::{Operand, operands},
};
use crate::{
    Device, Error, Result, Tensor,
    rng::{DrawKey, Stream},
    tensor::{self, DType, Precision, Source},
};

named! {
    Precision;
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "tensor",
        "values, dtype",
        "A tensor of a number, a boolean or nested lists. Without a dtype numbers are int32 where all are integers, else \
         float32; an empty list is float32 of shape [0].",
        |cx: Context, values: Value, dtype: Option<DType>| literal::tensor("tensor", values, dtype, &cx.device),
    )
    .example(
        r"local t = mb.tensor { { 1, 2 }, { 3, 4 } }
print(t.dtype, t.rank) --> int32 2
print(mb.tensor { 1, 2.5 })
--> tensor [2] float32 on cpu
--> [1.0000, 2.5000]",
    );
    let mut filled = |name: &'static str, what: &str, value: f64, example: &str| {
        let doc =
            format!("{what}. Takes numbers or one list, and behind them a dtype, float32 by default. A size may be 0.");
        api.function(name, "sizes", &doc, move |lua: Interpreter, cx: Context, sizes: Rest<Value>| {
            let (sizes, dtype) = literal::sizes_with_dtype(name, sizes.0, &lua.0)?;
            Tensor::filled(name, value, &sizes, dtype.unwrap_or_default(), &cx.device)
        })
        .example(example);
    };
    filled(
        "zeros",
        "Zeros",
        0.0,
        r#"print(mb.zeros(2, 3):numel()) --> 6
local queue = mb.zeros(0, 128)
print(queue.shape[1], mb.zeros({ 2 }, "int64").dtype) --> 0 int64"#,
    );
    filled("ones", "Ones", 1.0, r#"print(mb.ones(2, "bool"):sum():item()) --> 2"#);
    api.function(
        "full",
        "sizes, value, dtype",
        "One value everywhere, as float32 by default.",
        |cx: Context, sizes: Vec<Count>, value: f64, dtype: Option<DType>| {
            Tensor::full(value, &Count::all(sizes), dtype.unwrap_or_default(), &cx.device)
        },
    )
    .example(
        r"print(mb.full({ 2, 2 }, 0.5))
--> tensor [2, 2] float32 on cpu
--> [[0.5000, 0.5000],
-->  [0.5000, 0.5000]]",
    );
    api.function(
        "arange",
        "first, last, step",
        "The integers first, first + step, … up to and with last.",
        |cx: Context, first: i32, last: i32, step: Option<i32>| {
            Tensor::arange(first, last, step.unwrap_or(1), &cx.device)
        },
    )
    .renamed("mb.range(first, last, step)");
    api.function(
        "range",
        "first, last, step",
        "The integers first, first + step, … up to and with last, as a for loop counts: none where last is before first.",
        |cx: Context, first: i32, last: i32, step: Option<i32>| {
            Tensor::range(first, last, step.unwrap_or(1), &cx.device)
        },
    )
    .example(
        r"print(mb.range(1, 9, 2))
--> tensor [5] int32 on cpu
--> [1, 3, 5, 7, 9]",
    );
    api.function(
        "linspace",
        "first, last, count",
        "So many floats in even steps from first to last, both included.",
        |cx: Context, first: f64, last: f64, count: Count| Tensor::linspace(first, last, count.0, &cx.device),
    )
    .example(
        r"print(mb.linspace(0, 1, 5))
--> tensor [5] float32 on cpu
--> [0.0000, 0.2500, 0.5000, 0.7500, 1.0000]",
    );
    api.function(
        "logspace",
        "first, last, count, base",
        "The base, 10 by default, to the power of each of linspace(first, last, count).",
        |cx: Context, first: f64, last: f64, count: Count, base: Option<f64>| {
            Tensor::logspace(first, last, count.0, base.unwrap_or(10.0), &cx.device)
        },
    )
    .example(
        r"print(mb.logspace(-1, 2, 4))
--> tensor [4] float32 on cpu
--> [0.1000, 1.0000, 10.0000, 100.0000]",
    );
    type Drawn = fn(&[usize], Stream, DrawKey, &Device) -> Result<Tensor>;
    let mut drawn = |name: &'static str, what: &str, draw: Drawn, example: &str| {
        let doc = format!("{what}, keyed by the seed, the step and how many random tensors the step has made.");
        api.function(name, "sizes", &doc, move |cx: Context, sizes: Rest<Value>| {
            let sizes = literal::shape(name, sizes.0)?;
            let Source { stream, key, device } = source(&cx, name);
            draw(&sizes, stream, key, device)
        })
        .example(example);
    };
    drawn(
        "randn",
        "Standard normal floats",
        Tensor::randn,
        r"local x = mb.randn(1000)
print(x:mean():abs():item() < 0.1, x:std():item() < 1.1) --> true true",
    );
    drawn(
        "rand",
        "Uniform floats in [0, 1)",
        Tensor::rand,
        r"local x = mb.rand(1000)
print(x:min():item() >= 0, x:max():item() < 1) --> true true",
    );
    api.function(
        "randperm",
        "count",
        "The positions 1 to count in random order: int [count]. Keyed as rand.",
        |cx: Context, Count(count): Count| {
            let DrawKey { step, call } = cx.next_draw("random tensor");
            let stream = Stream::new(cx.seed, &format!("randperm.{call}"));
            position::to_lua(&Tensor::permutation(count, stream, step, &cx.device)?)
        },
    )
    .example(
        r"local order = mb.randperm(10)
print(order:sum():item()) --> 55",
    );
    api.function(
        "cat",
        "tensors, dim",
        "Tensors joined along a dim that exists, the first by default.",
        |tensors: Vec<Tensor>, dim: Option<Dim>| {
            let rank = tensors.first().map_or(0, Tensor::rank);
            if rank == 0 {
                return Tensor::cat(&tensors, 0);
            }
            Tensor::cat(&tensors, dim.map_or(Ok(0), |dim| dim.of("cat", rank))?)
        },
    )
    .example(
        r#"local joined = mb.cat({ mb.zeros(2, 3), mb.ones(2, 1) }, -1)
print(table.concat(joined.shape, " x ")) --> 2 x 4"#,
    );
    api.function(
        "stack",
        "tensors, dim",
        "Tensors of one shape joined along a new dim, the first by default.",
        |tensors: Vec<Tensor>, dim: Option<Dim>| {
            let rank = tensors.first().map_or(0, Tensor::rank);
            Tensor::stack(&tensors, dim.map_or(Ok(0), |dim| dim.of_new("stack", rank))?)
        },
    )
    .example(
        r"print(mb.stack { mb.tensor { 1, 2 }, mb.tensor { 3, 4 } })
--> tensor [2, 2] int32 on cpu
--> [[1, 2],
-->  [3, 4]]",
    );
    api.function(
        "where",
        "condition, yes, no",
        "Elements of yes where the bool condition is true, of no elsewhere; one of them may be a number. Shapes \
         broadcast.",
        |condition: Tensor, yes: Operand, no: Operand| {
            let (yes, no) = operands("where", yes, no)?;
            Tensor::select_where(&condition, &yes, &no)
        },
    )
    .example(
        r"local x = mb.tensor { -1.0, 2.0 }
print(mb.where(x:lt(0), 0, x))
--> tensor [2] float32 on cpu
--> [0.0000, 2.0000]",
    );
    api.function("eye", "size", "The identity matrix: float [size, size].", |cx: Context, size: Count| {
        Tensor::eye(size.0, &cx.device)
    })
    .example(
        r"print(mb.eye(2))
--> tensor [2, 2] float32 on cpu
--> [[1.0000, 0.0000],
-->  [0.0000, 1.0000]]",
    );
    api.function("is_tensor", "value", "Whether a value is a tensor.", |value: Value| {
        Ok(matches!(&value, Value::UserData(data) if objects::is::<Tensor>(data)))
    })
    .example(r"print(mb.is_tensor(mb.ones(2)), mb.is_tensor({ 1, 1 })) --> true false");
    api.function(
        "autocast",
        "precision, body",
        "Calls a function in which convolutions and matrix products, those of modules included, take their operands \
         in float16 or bfloat16, or in float32 again, and returns what it returns. Everything else is float32: \
         parameters, biases, norms, losses, distances, solves, and every tensor that is returned. Gradients flow \
         through the casts, wherever they are computed. Loss scaling is session:update's, and only under the option \
         precision = \"float16\". GPUs have float16 at most. On the CPU it is rounded to the precision and computed in \
              float32: for checking numerics, not faster.",
        |cx: Context, precision: Precision, body: Function| -> Result<MultiValue> {
            precision.check(&cx.device)?;
            tensor::autocast(precision, || body.call::<MultiValue>(())).map_err(Error::callback)
        },
    )
    .example(
        r#"local x = mb.full({ 1, 1 }, 1.001)
local function square() return x:matmul(x):item() end
print(mb.autocast("bfloat16", square), mb.autocast("float32", square) > 1) --> 1.0 true"#,
    );
}
