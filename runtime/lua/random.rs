//! Random tensors of more distributions, and tensors like others.

use mlua::Value;

use super::{
    api::{Api, Count, Rest},
    context::Context,
    drawing::source,
    literal,
    tensor::Operand,
};
use crate::{
    Result, Tensor,
    tensor::{Parameter, Source, TruncatedNormal},
};

impl From<Operand> for Parameter {
    fn from(operand: Operand) -> Self {
        match operand {
            Operand::Tensor(tensor) => Self::Tensor(tensor),
            Operand::Number(number) => Self::Number(number),
            Operand::Large(number) => Self::Number(number as f64),
        }
    }
}

/// Sizes; none where they are left out, and a parameter tells them.
fn sizes(op: &'static str, values: Vec<Value>) -> Result<Option<Vec<usize>>> {
    if values.is_empty() { Ok(None) } else { literal::shape(op, values).map(Some) }
}

/// What is said of every distribution with parameters.
const SIZES: &str = "Parameters are numbers or tensors that broadcast; sizes are numbers or one list, and where they are \
                     left out those of the parameters. Keyed as rand. No gradient.";

/// Declares the functions.
pub fn declare(api: &mut Api) {
    distributions(api);
    without_parameters(api);
    likenesses(api);
}

type OfOne = fn(&Parameter, Option<&[usize]>, &Source<'_>) -> Result<Tensor>;
type OfTwo = fn(&Parameter, &Parameter, Option<&[usize]>, &Source<'_>) -> Result<Tensor>;

fn distributions(api: &mut Api) {
    let mut of_one = |name: &'static str, parameter: &str, doc: &str, draw: OfOne, example: &str| {
        let doc = format!("{doc} {SIZES}");
        api.function(name, &format!("{parameter}, sizes"), &doc, move |cx: Context, p: Operand, rest: Rest<Value>| {
            draw(&p.into(), sizes(name, rest.0)?.as_deref(), &source(&cx, name))
        })
        .example(example);
    };
    of_one(
        "bernoulli",
        "p",
        "Floats that are 1 with the probability p, else 0.",
        Tensor::bernoulli,
        r"local drawn = mb.bernoulli(0.25, 1000):mean():item()
print(drawn > 0.15 and drawn < 0.35) --> true",
    );
    of_one(
        "exponential",
        "rate",
        "Exponential floats: their mean is 1 / rate.",
        Tensor::exponential,
        r"print(mb.exponential(2, 3, 4):numel()) --> 12",
    );
    of_one(
        "gamma",
        "shape",
        "Gamma floats of a shape over 0 and rate 1, by Marsaglia and Tsang: over 0, their mean is the shape.",
        Tensor::gamma,
        r"print(mb.gamma(mb.tensor { 0.5, 2.0 }):numel()) --> 2",
    );
    let mut of_two = |name: &'static str, parameters: &str, doc: &str, draw: OfTwo, example: &str| {
        let doc = format!("{doc} {SIZES}");
        api.function(
            name,
            &format!("{parameters}, sizes"),
            &doc,
            move |cx: Context, first: Operand, second: Operand, rest: Rest<Value>| {
                draw(&first.into(), &second.into(), sizes(name, rest.0)?.as_deref(), &source(&cx, name))
            },
        )
        .example(example);
    };
    of_two(
        "normal",
        "mean, std",
        "Normal floats of a mean and a standard deviation of at least 0.",
        Tensor::normal,
        r#"print(table.concat(mb.normal(0, mb.ones(3, 1), 3, 2).shape, " x ")) --> 3 x 2"#,
    );
    of_two(
        "uniform",
        "low, high",
        "Uniform floats from low to below high.",
        Tensor::uniform,
        r"print(mb.uniform(-1, 1, 100):abs():max():item() <= 1) --> true",
    );
    of_two(
        "beta",
        "a, b",
        "Beta floats of two shapes over 0, between 0 and 1: their mean is a / (a + b).",
        Tensor::beta,
        r"local weight = mb.beta(0.4, 0.4):item()
print(weight > 0 and weight < 1) --> true",
    );
}

fn without_parameters(api: &mut Api) {
    api.function(
        "gumbel",
        "sizes",
        "Standard Gumbel floats: (logits + mb.gumbel(logits.shape)):argmax() is a draw by softmax. Takes numbers or one \
         list. Keyed as rand.",
        |cx: Context, sizes: Rest<Value>| Tensor::gumbel(&literal::shape("gumbel", sizes.0)?, &source(&cx, "gumbel")),
    )
    .example(
        r"local logits = mb.tensor { 0.0, 50.0, 0.0 }
print((logits + mb.gumbel(logits.shape)):argmax():item()) --> 2",
    );
    api.function(
        "randint",
        "first, last, sizes",
        "Ints from first to last, BOTH INCLUDED as by math.random; PyTorch's leaves the last out. Sizes are numbers or \
         one list. Keyed as rand.",
        |cx: Context, first: i64, last: i64, sizes: Rest<Value>| {
            Tensor::randint(first, last, &literal::shape("randint", sizes.0)?, &source(&cx, "randint"))
        },
    )
    .example(
        r"local rolled = mb.randint(1, 6, 1000)
print(rolled:min():item(), rolled:max():item()) --> 1 6",
    );
    api.function(
        "dirichlet",
        "concentration, sizes",
        "Dirichlet rows [sizes…, …, k] for a concentration over 0, [..., k]: the last dim sums to 1. Sizes are numbers or \
         one list, or left out. Keyed as rand.",
        |cx: Context, concentration: Tensor, sizes: Rest<Value>| {
            let sizes = literal::shape("dirichlet", sizes.0)?;
            Tensor::dirichlet(&concentration, &sizes, &source(&cx, "dirichlet"))
        },
    )
    .example(
        r#"local rows = mb.dirichlet(mb.ones(3), 2)
print(table.concat(rows.shape, " x ")) --> 2 x 3"#,
    );
    api.function(
        "truncated_normal",
        "sizes, options",
        "Normal floats of options.mean and options.std between options.min and options.max, as if all others had been \
         drawn anew. Sizes are a list. Keyed as rand.",
        |cx: Context, sizes: Vec<Count>, options: TruncatedNormal| {
            Tensor::truncated_normal(&Count::all(sizes), options, &source(&cx, "truncated_normal"))
        },
    )
    .example(
        r"local drawn = mb.truncated_normal({ 100 }, { std = 0.02, min = -0.04, max = 0.04 })
print(drawn:max():item() <= 0.04) --> true",
    );
}

fn likenesses(api: &mut Api) {
    let mut filled = |name: &str, what: &str, value: f64, is: &str| {
        let doc = format!("{what} in a tensor's shape and dtype.");
        api.function(name, "tensor", &doc, move |t: Tensor| t.full_like(value)).example(format!(
            "print(mb.{name}(mb.tensor {{ 2.5, 3.5 }}))\n--> tensor [2] float32 on cpu\n--> [{is}, {is}]"
        ));
    };
    filled("zeros_like", "Zeros", 0.0, "0.0000");
    filled("ones_like", "Ones", 1.0, "1.0000");
    api.function("full_like", "tensor, value", "One value in a tensor's shape and dtype.", |t: Tensor, value: f64| {
        t.full_like(value)
    })
    .example(
        r"print(mb.full_like(mb.tensor { 1, 2 }, 7))
--> tensor [2] int32 on cpu
--> [7, 7]",
    );
    type Drawn = fn(&[usize], &Source<'_>) -> Result<Tensor>;
    let mut drawn = |name: &str, like: &'static str, what: &str, draw: Drawn| {
        let doc = format!("{what} in a tensor's shape, as {like} draws them.");
        api.function(name, "tensor", &doc, move |cx: Context, t: Tensor| draw(t.shape(), &source(&cx, like)))
            .example(format!("print(mb.{name}(mb.zeros(2, 3)):numel()) --> 6"));
    };
    drawn("rand_like", "rand", "Uniform floats in [0, 1)", |sizes, source| {
        Tensor::rand(sizes, source.stream, source.key, source.device)
    });
    drawn("randn_like", "randn", "Standard normal floats", |sizes, source| {
        Tensor::randn(sizes, source.stream, source.key, source.device)
    });
}
