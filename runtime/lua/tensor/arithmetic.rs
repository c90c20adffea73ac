//! Operators, and arithmetic as methods.

use mlua::{Lua, Value};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Argument, Class, Docs, mismatch},
        order::objects,
    },
    tensor::{DType, Kind},
};

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

pub(super) type Binary = fn(&Tensor, &Tensor) -> Result<Tensor>;
pub(super) type WithNumber = fn(&Tensor, f64) -> Result<Tensor>;

/// Both as what they are; a number by itself where there is a form for one.
pub(super) fn combine(left: Operand, right: Operand, tensors: Binary, number: Option<WithNumber>) -> Result<Tensor> {
    match (left, right, number) {
        (Operand::Tensor(left), Operand::Number(right), Some(number)) => number(&left, right),
        (left, right, _) => {
            let (left, right) = operands("arithmetic", left, right)?;
            tensors(&left, &right)
        }
    }
}

/// Both as tensors; a whole number beside an int tensor is one of ints.
pub(in crate::lua) fn operands(op: &'static str, left: Operand, right: Operand) -> Result<(Tensor, Tensor)> {
    let scalar = |value: f64, beside: &Tensor| {
        // As a scalar, which takes the format of what it stands beside.
        let is_int = beside.kind() != Kind::Float && value.fract() == 0.0;
        let dtype = match beside.dtype().computed() {
            DType::Bool if is_int => DType::Int32,
            own @ (DType::Int32 | DType::Int64) if is_int => own,
            DType::Float64 => DType::Float64,
            _ => DType::Float32,
        };
        if dtype == DType::Int32 && i32::try_from(value as i64).is_err() {
            return Err(Error::State { op, reason: format!("{value} does not fit int32; cast to float32 first") });
        }
        Tensor::full(value, &[], dtype, beside.device())
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

/// What operators do.
pub(super) fn operators(class: &mut Class<Tensor>, docs: &mut Docs) {
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
    let logic: [(&str, &str, Binary); 3] = [
        ("__band", "As logical_and.", Tensor::logical_and),
        ("__bor", "As logical_or.", Tensor::logical_or),
        ("__bxor", "As logical_xor.", Tensor::logical_xor),
    ];
    for (metamethod, doc, function) in logic {
        class.operator(docs, metamethod, doc, move |left: Tensor, right: Tensor| function(&left, &right));
    }
    class.operator(docs, "__bnot", "As logical_not.", |t: Tensor, _: Value| t.logical_not());
    class.operator(
        docs,
        "__tostring",
        "Shape, dtype, device and values, the middle of long dims left out.",
        |t: Tensor| Ok(t.to_string()),
    );
    class.operator(
        docs,
        "__eq",
        "An error between two tensors: Lua's == is one truth value.",
        |left: Value, right: Value| match [&left, &right]
            .map(|value| matches!(value, Value::UserData(data) if objects::is::<Tensor>(data)))
        {
            [true, true] => Err(one_truth_value("==", "eq", ", or rawequal(a, b) for whether they are one object")),
            _ => Ok(false),
        },
    );
    class.operator(docs, "__lt", "Always an error.", |_: Value, _: Value| -> Result<bool> {
        Err(one_truth_value("<", "lt", " (a:gt(b) for >), or compare a:item()"))
    });
    class.operator(docs, "__le", "Always an error.", |_: Value, _: Value| -> Result<bool> {
        Err(one_truth_value("<=", "le", " (a:ge(b) for >=), or compare a:item()"))
    });
    class.operator(docs, "__len", "The size of the first dim.", |t: Tensor, _: Value| {
        t.shape().first().copied().ok_or_else(|| Error::State { op: "len", reason: "a scalar has no length".into() })
    });
}

fn one_truth_value(operator: &'static str, method: &str, more: &str) -> Error {
    let reason = format!("Lua makes one truth value of it, and tensors have many; write a:{method}(b){more}");
    Error::State { op: operator, reason }
}

/// Arithmetic, comparison and logic as methods.
pub(super) fn methods(class: &mut Class<Tensor>, docs: &mut Docs) {
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
    declare("maximum", "The larger of two. Of a tie each gets half of the gradient.", Tensor::maximum, None);
    declare("minimum", "The smaller of two. Of a tie each gets half of the gradient.", Tensor::minimum, None);
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
    class
        .method(
            docs,
            "logical_xor",
            "other",
            "True where one of two bool tensors is and the other is not. Shapes broadcast.",
            |t: Tensor, other: Tensor| t.logical_xor(&other),
        )
        .example(
            r"print(mb.tensor({ true, true, false }):logical_xor(mb.tensor { true, false, false }))
--> tensor [3] bool on cpu
--> [false, true, false]",
        );
    class.method(docs, "logical_not", "", "Truth negated.", |t: Tensor| t.logical_not());
    class.method(
        docs,
        "masked_fill",
        "mask, value",
        "The value where the bool mask is true. No gradient there. Shapes broadcast.",
        |t: Tensor, mask: Tensor, value: f64| t.masked_fill(&mask, value),
    );
}
