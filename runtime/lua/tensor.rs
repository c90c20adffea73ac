//! The class Tensor.

use mlua::{Lua, Value};

use super::{
    api::{Api, Argument, Class, Docs, Lua1, Rest, mismatch},
    literal,
    object::object,
    position::{self, Dim},
};
use crate::{
    Error, Result, Tensor,
    tensor::{Elements, Kind},
};

object!(Tensor, "Tensor", "a tensor");

#[expect(clippy::large_enum_variant, reason = "it lives for one call, where a box would cost an allocation")]
/// What stands beside a tensor in arithmetic: another one, or a number.
pub enum Operand {
    Tensor(Tensor),
    Number(f64),
}

impl Argument for Operand {
    fn kind(_: &mut Docs) -> String {
        "moonburn.Tensor|number".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::Integer(_) | Value::Number(_) => f64::from_value(value, lua, op, name).map(Self::Number),
            Value::UserData(_) => Tensor::from_value(value, lua, op, name).map(Self::Tensor),
            other => Err(mismatch(op, name, "a tensor or a number", &other)),
        }
    }
}

type Binary = fn(&Tensor, &Tensor) -> Result<Tensor>;
type WithNumber = fn(&Tensor, f64) -> Result<Tensor>;

fn combine(left: Operand, right: Operand, tensors: Binary, number: Option<WithNumber>) -> Result<Tensor> {
    match (left, right, number) {
        (Operand::Tensor(left), Operand::Number(right), Some(number)) => number(&left, right),
        (left, right, _) => {
            let (left, right) = operands("arithmetic", left, right)?;
            tensors(&left, &right)
        }
    }
}

/// Both as tensors; a whole number beside an int tensor is one of ints.
pub(super) fn operands(op: &'static str, left: Operand, right: Operand) -> Result<(Tensor, Tensor)> {
    let scalar = |value: f64, beside: &Tensor| {
        let kind = if beside.kind() != Kind::Float && value.fract() == 0.0 { Kind::Int } else { Kind::Float };
        Tensor::full(value, &[], kind, beside.device())
    };
    Ok(match (left, right) {
        (Operand::Tensor(left), Operand::Tensor(right)) => (left, right),
        (Operand::Tensor(left), Operand::Number(right)) => {
            let right = scalar(right, &left)?;
            (left, right)
        }
        (Operand::Number(left), Operand::Tensor(right)) => (scalar(left, &right)?, right),
        (Operand::Number(_), Operand::Number(_)) => {
            return Err(Error::argument(op, "one operand", "a tensor", "two numbers"));
        }
    })
}

/// Declares the class.
pub fn declare(api: &mut Api) {
    api.class::<Tensor>(
        "Tensor",
        "An immutable n-dimensional array of float32, int32 or bool, of 0 to 6 dims, on the session's device. \
         Dims and positions count from 1; -1 is the last dim.",
        |class, docs| {
            operators(class, docs);
            arithmetic(class, docs);
            functions(class, docs);
            reductions(class, docs);
            layout(class, docs);
            picking(class, docs);
            values(class, docs);
            class.index(|t: &Tensor, position| at(t, position, 0));
            class.fields(
                vec![
                    ("shape", "integer[]", "The size of every dim."),
                    ("rank", "integer", "The number of dims."),
                    ("dtype", "string", "float32, int32 or bool."),
                    ("device", "string", "Where the elements live."),
                    ("[integer]", "moonburn.Tensor", "The slice at a position of the first dim, as at."),
                ],
                std::rc::Rc::new(|lua, object, name| {
                    let tensor = object.borrow::<Tensor>()?;
                    Ok(Some(match name {
                        "shape" => Value::Table(lua.create_sequence_from(tensor.shape().iter().copied())?),
                        "rank" => Value::Integer(tensor.rank() as i64),
                        "dtype" => Value::String(lua.create_string(tensor.kind().name())?),
                        "device" => Value::String(lua.create_string(tensor.device().name())?),
                        _ => return Ok(None),
                    }))
                }),
            );
        },
    );
}

fn operators(class: &mut Class<Tensor>, docs: &mut Docs) {
    let shapes = "Shapes broadcast; int with float gives float.";
    let mut declare = |metamethod, what: &str, tensors: Binary, number: Option<WithNumber>| {
        class.operator(docs, metamethod, &format!("{what} {shapes}"), move |left: Operand, right: Operand| {
            combine(left, right, tensors, number)
        });
    };
    declare("__add", "Elementwise sum.", Tensor::add, Some(Tensor::add_scalar));
    declare("__sub", "Elementwise difference.", Tensor::sub, Some(Tensor::sub_scalar));
    declare("__mul", "Elementwise product.", Tensor::mul, Some(Tensor::mul_scalar));
    declare("__div", "Elementwise quotient, as float.", Tensor::div, Some(Tensor::div_scalar));
    declare("__idiv", "Quotient rounded down. No gradient.", Tensor::floor_div, None);
    declare("__mod", "Remainder with the sign of the divisor.", Tensor::remainder, None);
    declare("__pow", "Elementwise power, as float.", Tensor::pow, Some(Tensor::pow_scalar));
    class.operator(docs, "__unm", "Negation.", |t: Tensor, _: Value| t.neg());
    class.operator(
        docs,
        "__tostring",
        "Shape, dtype, device and values, the middle of long dims left out.",
        |t: Tensor| Ok(t.to_string()),
    );
    class.operator(docs, "__newindex", "Always an error.", |_: Tensor, _: Value, _: Value| -> Result<()> {
        Err(Error::State {
            op: "assignment",
            reason: "a tensor never changes; build a new one (mb.where, mb.cat)".into(),
        })
    });
    class.operator(docs, "__len", "The size of the first dim.", |t: Tensor, _: Value| {
        t.shape().first().copied().ok_or_else(|| Error::State { op: "len", reason: "a scalar has no length".into() })
    });
}

fn arithmetic(class: &mut Class<Tensor>, docs: &mut Docs) {
    let mut declare = |name, what: &str, tensors: Binary, number: Option<WithNumber>| {
        let doc = format!("{what} Shapes broadcast.");
        class.method(docs, name, "other", &doc, move |t: Tensor, other: Operand| {
            combine(Operand::Tensor(t), other, tensors, number)
        });
    };
    declare("add", "Elementwise sum.", Tensor::add, Some(Tensor::add_scalar));
    declare("sub", "Elementwise difference.", Tensor::sub, Some(Tensor::sub_scalar));
    declare("mul", "Elementwise product.", Tensor::mul, Some(Tensor::mul_scalar));
    declare("div", "Elementwise quotient, as float.", Tensor::div, Some(Tensor::div_scalar));
    declare("pow", "Elementwise power, as float.", Tensor::pow, Some(Tensor::pow_scalar));
    declare("maximum", "The larger of two. A tie sends the gradient to other.", Tensor::maximum, None);
    declare("minimum", "The smaller of two. A tie sends the gradient to other.", Tensor::minimum, None);
    declare("eq", "True where the two are equal.", Tensor::eq, Some(Tensor::eq_scalar));
    declare("ne", "True where the two differ.", Tensor::ne, Some(Tensor::ne_scalar));
    declare("gt", "True where self is greater.", Tensor::gt, Some(Tensor::gt_scalar));
    declare("ge", "True where self is not less.", Tensor::ge, Some(Tensor::ge_scalar));
    declare("lt", "True where self is less.", Tensor::lt, Some(Tensor::lt_scalar));
    declare("le", "True where self is not greater.", Tensor::le, Some(Tensor::le_scalar));
    class.method(
        docs,
        "logical_and",
        "other",
        "True where both bool tensors are. Shapes broadcast.",
        |t: Tensor, other: Tensor| t.logical_and(&other),
    );
    class.method(
        docs,
        "logical_or",
        "other",
        "True where one of two bool tensors is. Shapes broadcast.",
        |t: Tensor, other: Tensor| t.logical_or(&other),
    );
    class.method(docs, "logical_not", "", "Truth negated.", |t: Tensor| t.logical_not());
    class.method(
        docs,
        "matmul",
        "other",
        "The matrix product [..., n, k] · [..., k, m] → [..., n, m]. Leading dims broadcast.",
        |t: Tensor, other: Tensor| t.matmul(&other),
    );
    class.method(
        docs,
        "clamp",
        "min, max",
        "Values below min become min, values above max become max. No gradient there.",
        |t: Tensor, min: f64, max: f64| t.clamp(min, max),
    );
    class.method(
        docs,
        "masked_fill",
        "mask, value",
        "The value where the bool mask is true. No gradient there. Shapes broadcast.",
        |t: Tensor, mask: Tensor, value: f64| t.masked_fill(&mask, value),
    );
}

fn functions(class: &mut Class<Tensor>, docs: &mut Docs) {
    let mut declare = |name, doc: &str, function: fn(&Tensor) -> Result<Tensor>| {
        class.method(docs, name, "", doc, move |t: Tensor| function(&t));
    };
    declare("neg", "Negation.", Tensor::neg);
    declare("abs", "Absolute value.", Tensor::abs);
    declare("exp", "eˣ.", Tensor::exp);
    declare("log", "Natural logarithm.", Tensor::log);
    declare("log1p", "ln(1 + x), exact near 0.", Tensor::log1p);
    declare("sqrt", "Square root.", Tensor::sqrt);
    declare("sin", "Sine.", Tensor::sin);
    declare("cos", "Cosine.", Tensor::cos);
    declare("tanh", "Hyperbolic tangent.", Tensor::tanh);
    declare("erf", "Error function.", Tensor::erf);
    declare("sigmoid", "1 / (1 + e⁻ˣ).", Tensor::sigmoid);
    declare("relu", "max(x, 0).", Tensor::relu);
    declare("gelu", "x · Φ(x), exact.", Tensor::gelu);
    declare("floor", "Rounded down. The gradient is 0.", Tensor::floor);
    declare("ceil", "Rounded up. The gradient is 0.", Tensor::ceil);
    declare("round", "Rounded to the nearest integer, halves to the even one. The gradient is 0.", Tensor::round);
    declare("sign", "-1, 0 or 1. The gradient is 0.", Tensor::sign);
    let mut along = |name, doc: &str, function: fn(&Tensor, usize) -> Result<Tensor>| {
        class.method(docs, name, "dim", doc, move |t: Tensor, dim: Option<Dim>| {
            function(&t, dim.unwrap_or(Dim::LAST).of(name, t.rank())?)
        });
    };
    along("softmax", "Softmax along a dim, the last by default.", Tensor::softmax);
    along("log_softmax", "ln softmax along a dim, the last by default.", Tensor::log_softmax);
    along("normalize", "x / max(‖x‖₂, 1e-12) along a dim, the last by default.", Tensor::normalize);
}

fn reductions(class: &mut Class<Tensor>, docs: &mut Docs) {
    type Reduction = fn(&Tensor, Option<usize>, bool) -> Result<Tensor>;
    let mut declare = |name: &'static str, what: &str, reduce: Reduction| {
        let doc = format!("{what} Over all elements, or over one dim, which keep leaves with size 1.");
        class.method(docs, name, "dim, keep", &doc, move |t: Tensor, dim: Option<Dim>, keep: Option<bool>| {
            let dim = dim.map(|dim| dim.of(name, t.rank())).transpose()?;
            reduce(&t, dim, keep.unwrap_or(false))
        });
    };
    declare("sum", "Sum; of a bool tensor the count.", Tensor::sum);
    declare("mean", "Mean, as float.", Tensor::mean);
    declare("max", "The largest element.", Tensor::max);
    declare("min", "The smallest element.", Tensor::min);
    declare("var", "Unbiased variance.", |t, dim, keep| t.var(dim, keep, false));
    declare("std", "Square root of the unbiased variance.", |t, dim, keep| t.std(dim, keep, false));
    declare("norm", "Euclidean norm.", Tensor::norm);
    class.method(
        docs,
        "argmax",
        "dim",
        "The position of the largest element along a dim (the last by default), from 1; of equals the first.",
        |t: Tensor, dim: Option<Dim>| {
            position::to_lua(&t.argmax(dim.unwrap_or(Dim::LAST).of("argmax", t.rank())?, false)?)
        },
    );
    class.method(
        docs,
        "argmin",
        "dim",
        "The position of the smallest element along a dim (the last by default), from 1; of equals the first.",
        |t: Tensor, dim: Option<Dim>| {
            position::to_lua(&t.argmin(dim.unwrap_or(Dim::LAST).of("argmin", t.rank())?, false)?)
        },
    );
    class.method(
        docs,
        "topk",
        "k, dim",
        "The k largest elements along a dim (the last by default) in descending order, and their positions from 1.",
        |t: Tensor, k: usize, dim: Option<Dim>| {
            let (values, positions) = t.topk(k, dim.unwrap_or(Dim::LAST).of("topk", t.rank())?)?;
            Ok((values, position::to_lua(&positions)?))
        },
    );
}

fn layout(class: &mut Class<Tensor>, docs: &mut Docs) {
    class.method(
        docs,
        "reshape",
        "sizes",
        "The same elements under other dims; one size may be -1 and is then worked out. Takes numbers or one list.",
        |t: Tensor, sizes: Rest<Value>| {
            let sizes = literal::sizes("reshape", sizes.0)?;
            t.reshape(&infer(&t, &sizes)?)
        },
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
            t.permute(
                &dims
                    .iter()
                    .map(|dim| position::resolve("permute", "dim", *dim, t.rank()))
                    .collect::<Result<Vec<_>>>()?,
            )
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
            let second = second.map_or(Ok(t.rank() - 1), |dim| dim.of("transpose", t.rank()))?;
            t.transpose(first.map_or(Ok(t.rank() - 2), |dim| dim.of("transpose", t.rank()))?, second)
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
        t.unsqueeze(dim.of("unsqueeze", t.rank() + 1)?)
    });
    class.method(docs, "flip", "dim", "The elements along a dim in reverse.", |t: Tensor, dim: Dim| {
        t.flip(dim.of("flip", t.rank())?)
    });
}

/// Works out a size of -1.
fn infer(tensor: &Tensor, sizes: &[i64]) -> Result<Vec<usize>> {
    let known =
        sizes.iter().filter(|size| **size != -1).try_fold(1i64, |all, size| all.checked_mul(*size)).unwrap_or(0);
    let wrong = || Error::Shape {
        op: "reshape".into(),
        want: format!("cannot become {sizes:?}"),
        got: tensor.shape().to_vec(),
    };
    let open = sizes.iter().filter(|size| **size == -1).count();
    if open > 1 || known < 1 || sizes.iter().any(|size| *size < -1) || (open == 1 && tensor.len() as i64 % known != 0) {
        return Err(wrong());
    }
    Ok(sizes.iter().map(|size| if *size == -1 { tensor.len() / known as usize } else { *size as usize }).collect())
}

fn picking(class: &mut Class<Tensor>, docs: &mut Docs) {
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
            let positions = match positions {
                Value::Table(_) => literal::tensor("select", positions, t.device())?,
                Value::UserData(ref data) if data.is::<Tensor>() => data
                    .borrow::<Tensor>()
                    .map(|t| t.clone())
                    .map_err(|_| mismatch("select", "positions", "a tensor", &positions))?,
                other => return Err(mismatch("select", "positions", "a list or an int tensor", &other)),
            };
            t.select(dim.of("select", t.rank())?, &position::from_lua("select", &positions)?)
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

fn at(t: &Tensor, position: i64, dim: usize) -> Result<Tensor> {
    let position = position::resolve("at", "position", position, t.shape().get(dim).copied().unwrap_or(0))?;
    t.slice(dim, position, position + 1)?.squeeze(Some(dim))
}

fn values(class: &mut Class<Tensor>, docs: &mut Docs) {
    class.method(docs, "item", "", "The value of a tensor with one element, as a number or a boolean.", |t: Tensor| {
        let value = t.item()?;
        Ok(match t.kind() {
            Kind::Float => Value::Number(value),
            Kind::Int => Value::Integer(value as i64),
            Kind::Bool => Value::Boolean(value != 0.0),
        })
    });
    class.method(
        docs,
        "to_table",
        "",
        "The elements as nested lists; a scalar as a number.",
        |lua: Lua1, t: Tensor| {
            let failed = |error: mlua::Error| Error::State { op: "to_table", reason: error.to_string() };
            nested(&lua.0, &t.elements()?, t.shape(), 0).map_err(failed)
        },
    );
    class.method(
        docs,
        "cast",
        "dtype",
        "The same values as float32, int32 or bool. To int truncates; only float keeps the gradient.",
        |t: Tensor, dtype: Kind| t.cast(dtype),
    );
    class.method(docs, "detach", "", "The same values as a constant.", |t: Tensor| Ok(t.detach()));
    class.method(
        docs,
        "requires_grad",
        "",
        "The same values as a leaf, with respect to which mb.grad differentiates.",
        |t: Tensor| t.requires_grad(),
    );
    class.method(docs, "numel", "", "The number of elements.", |t: Tensor| Ok(t.len()));
}

fn nested(lua: &Lua, elements: &Elements, shape: &[usize], offset: usize) -> mlua::Result<Value> {
    let Some((size, rest)) = shape.split_first() else {
        return Ok(match elements {
            Elements::Float(values) => Value::Number(f64::from(values[offset])),
            Elements::Int(values) => Value::Integer(i64::from(values[offset])),
            Elements::Bool(values) => Value::Boolean(values[offset]),
        });
    };
    let table = lua.create_table_with_capacity(*size, 0)?;
    let stride: usize = rest.iter().product();
    for i in 0..*size {
        table.raw_push(nested(lua, elements, rest, offset + i * stride)?)?;
    }
    Ok(Value::Table(table))
}

impl Argument for Kind {
    fn kind(_: &mut Docs) -> String {
        "\"float32\"|\"int32\"|\"bool\"".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let text = String::from_value(value, lua, op, name)?;
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| Error::unknown(op, "dtype", text, Self::ALL.map(Self::name)))
    }
}
