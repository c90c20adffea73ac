//! Operators, and arithmetic as methods.

use mlua::{Lua, Value};

use super::example::example;
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
    /// Of more digits than float64 has.
    Large(i64),
}

/// Up to here float64 has every int.
const EXACT: u64 = 1 << 53;

impl Argument for Operand {
    fn kind(_: &mut Docs) -> String {
        "moonburn.Tensor|number".into()
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::Integer(large) if large.unsigned_abs() > EXACT => Ok(Self::Large(large)),
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
        (Operand::Tensor(left), Operand::Large(right), Some(number)) if left.dtype() != DType::Int64 => {
            number(&left, right as f64)
        }
        (left, right, _) => {
            let (left, right) = operands("arithmetic", left, right)?;
            tensors(&left, &right)
        }
    }
}

/// Both as tensors; a whole number beside an int tensor is one of ints.
pub(in crate::lua) fn operands(op: &'static str, left: Operand, right: Operand) -> Result<(Tensor, Tensor)> {
    let scalar = |number: Operand, beside: &Tensor| {
        let value = match number {
            Operand::Tensor(tensor) => return Ok(tensor),
            Operand::Large(value) if beside.dtype() == DType::Int64 => {
                return Tensor::from_longs(vec![value], &[], DType::Int64, beside.device());
            }
            Operand::Large(value) => value as f64,
            Operand::Number(value) => value,
        };
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
        (Operand::Tensor(left), right) => {
            let right = scalar(right, &left)?;
            (left, right)
        }
        (left, Operand::Tensor(right)) => (scalar(left, &right)?, right),
        _ => return Err(Error::argument(op, "one operand", "a tensor", "two numbers")),
    })
}

/// What operators do.
pub(super) fn operators(class: &mut Class<Tensor>, docs: &mut Docs) {
    let shapes = "Shapes broadcast; int with float gives float.";
    let mut declare = |[metamethod, sign, is]: [&'static str; 3],
                       what: &str,
                       tensors: Binary,
                       number: Option<WithNumber>| {
        class
            .operator(docs, metamethod, &format!("{what} {shapes}"), move |left: Operand, right: Operand| {
                combine(left, right, tensors, number)
            })
            .example(format!("print(mb.tensor {{ 7.0, -7.0 }} {sign} 2)\n--> tensor [2] float32 on cpu\n--> [{is}]"));
    };
    declare(["__add", "+", "9.0000, -5.0000"], "Elementwise sum.", Tensor::add, Some(Tensor::add_scalar));
    declare(["__sub", "-", "5.0000, -9.0000"], "Elementwise difference.", Tensor::sub, Some(Tensor::sub_scalar));
    declare(["__mul", "*", "14.0000, -14.0000"], "Elementwise product.", Tensor::mul, Some(Tensor::mul_scalar));
    declare(
        ["__div", "/", "3.5000, -3.5000"],
        "Elementwise quotient, as float.",
        Tensor::div,
        Some(Tensor::div_scalar),
    );
    declare(["__idiv", "//", "3.0000, -4.0000"], "Quotient rounded down. No gradient.", Tensor::floor_div, None);
    declare(["__mod", "%", "1.0000, 1.0000"], "Remainder with the sign of the divisor.", Tensor::remainder, None);
    declare(["__pow", "^", "49.0000, 49.0000"], "Elementwise power, as float.", Tensor::pow, Some(Tensor::pow_scalar));
    class.operator(docs, "__unm", "Negation.", |t: Tensor, _: Value| t.neg()).example(
        r"print(-mb.tensor { 1, -2 })
--> tensor [2] int32 on cpu
--> [-1, 2]",
    );
    let logic: [([&str; 3], &str, Binary); 3] = [
        (["__band", "&", "true, false, false"], "As logical_and.", Tensor::logical_and),
        (["__bor", "|", "true, true, true"], "As logical_or.", Tensor::logical_or),
        (["__bxor", "~", "false, true, true"], "As logical_xor.", Tensor::logical_xor),
    ];
    for ([metamethod, sign, is], doc, function) in logic {
        class
            .operator(docs, metamethod, doc, move |left: Tensor, right: Tensor| function(&left, &right))
            .example(format!(
                "local x = mb.tensor {{ 0.5, -1.0, 2.0 }}\nprint(x:lt(1) {sign} x:gt(0))\n--> tensor [3] bool on cpu\n--> [{is}]"
            ));
    }
    class.operator(docs, "__bnot", "As logical_not.", |t: Tensor, _: Value| t.logical_not()).example(
        r"print(~mb.tensor { true, false })
--> tensor [2] bool on cpu
--> [false, true]",
    );
    class
        .operator(
            docs,
            "__tostring",
            "Shape, dtype, device and values, the middle of long dims left out.",
            |t: Tensor| Ok(t.to_string()),
        )
        .example(
            r#"local x = mb.range(1, 4):reshape(2, 2)
print("x is a " .. tostring(x))
--> x is a tensor [2, 2] int32 on cpu
--> [[1, 2],
-->  [3, 4]]"#,
        );
    class
        .operator(
            docs,
            "__eq",
            "An error between two tensors: Lua's == is one truth value.",
            |left: Value, right: Value| match [&left, &right]
                .map(|value| matches!(value, Value::UserData(data) if objects::is::<Tensor>(data)))
            {
                [true, true] => Err(one_truth_value("==", "eq", ", or rawequal(a, b) for whether they are one object")),
                _ => Ok(false),
            },
        )
        .example(
            r"local a, b = mb.tensor { 1, 2 }, mb.tensor { 1, 3 }
print(a:eq(b):any():item(), a:equal(b)) --> true false
local compares = pcall(function() return a == b end)
print(compares) --> false",
        );
    class
        .operator(docs, "__lt", "Always an error.", |_: Value, _: Value| -> Result<bool> {
            Err(one_truth_value("<", "lt", " (a:gt(b) for >), or compare a:item()"))
        })
        .example(
            r"local x = mb.tensor { 1, 5 }
print(x:lt(3))
--> tensor [2] bool on cpu
--> [true, false]
print(x:max():item() < 6) --> true",
        );
    class
        .operator(docs, "__le", "Always an error.", |_: Value, _: Value| -> Result<bool> {
            Err(one_truth_value("<=", "le", " (a:ge(b) for >=), or compare a:item()"))
        })
        .example(
            r"print(mb.tensor({ 1, 3, 5 }):le(3))
--> tensor [3] bool on cpu
--> [true, true, false]",
        );
    class
        .operator(docs, "__len", "The size of the first dim.", |t: Tensor, _: Value| {
            t.shape()
                .first()
                .copied()
                .ok_or_else(|| Error::State { op: "len", reason: "a scalar has no length".into() })
        })
        .example(
            r"local rows = mb.zeros(5, 3)
print(#rows, #rows[1]) --> 5 3",
        );
}

fn one_truth_value(operator: &'static str, method: &str, more: &str) -> Error {
    let reason = format!("Lua makes one truth value of it, and tensors have many; write a:{method}(b){more}");
    Error::State { op: operator, reason }
}

/// Arithmetic, comparison and logic as methods.
pub(super) fn methods(class: &mut Class<Tensor>, docs: &mut Docs) {
    let mut declare = |name: &str, what: &str, tensors: Binary, number: Option<WithNumber>, is: &str| {
        let doc = format!("{what} Shapes broadcast.");
        class
            .method(docs, name, "other", &doc, move |t: Tensor, other: Operand| {
                combine(Operand::Tensor(t), other, tensors, number)
            })
            .example(example(&format!("{name}(2)"), "1.0, 2.0, 3.0", is));
    };
    declare("add", "Elementwise sum.", Tensor::add, Some(Tensor::add_scalar), "3.0000, 4.0000, 5.0000");
    declare("sub", "Elementwise difference.", Tensor::sub, Some(Tensor::sub_scalar), "-1.0000, 0.0000, 1.0000");
    declare("mul", "Elementwise product.", Tensor::mul, Some(Tensor::mul_scalar), "2.0000, 4.0000, 6.0000");
    declare("div", "Elementwise quotient, as float.", Tensor::div, Some(Tensor::div_scalar), "0.5000, 1.0000, 1.5000");
    declare("pow", "Elementwise power, as float.", Tensor::pow, Some(Tensor::pow_scalar), "1.0000, 4.0000, 9.0000");
    declare(
        "maximum",
        "The larger of two. Of a tie each gets half of the gradient.",
        Tensor::maximum,
        None,
        "2.0000, 2.0000, 3.0000",
    );
    declare(
        "minimum",
        "The smaller of two. Of a tie each gets half of the gradient.",
        Tensor::minimum,
        None,
        "1.0000, 2.0000, 2.0000",
    );
    declare("eq", "True where the two are equal.", Tensor::eq, Some(Tensor::eq_scalar), "false, true, false");
    declare("ne", "True where the two differ.", Tensor::ne, Some(Tensor::ne_scalar), "true, false, true");
    declare("gt", "True where self is greater.", Tensor::gt, Some(Tensor::gt_scalar), "false, false, true");
    declare("ge", "True where self is not less.", Tensor::ge, Some(Tensor::ge_scalar), "false, true, true");
    declare("lt", "True where self is less.", Tensor::lt, Some(Tensor::lt_scalar), "true, false, false");
    declare("le", "True where self is not greater.", Tensor::le, Some(Tensor::le_scalar), "true, true, false");
    let mut of_truths =
        |name: &str, which: &str, function: Binary, is: &str| {
            let doc = format!("True where {which}. Shapes broadcast.");
            class
                .method(docs, name, "other", &doc, move |t: Tensor, other: Tensor| function(&t, &other))
                .example(example(&format!("{name}(mb.tensor {{ true, false, false }})"), "true, true, false", is));
        };
    of_truths("logical_and", "both bool tensors are", Tensor::logical_and, "true, false, false");
    of_truths("logical_or", "one of two bool tensors is", Tensor::logical_or, "true, true, false");
    of_truths(
        "logical_xor",
        "one of two bool tensors is and the other is not",
        Tensor::logical_xor,
        "false, true, false",
    );
    class.method(docs, "logical_not", "", "Truth negated.", |t: Tensor| t.logical_not()).example(example(
        "logical_not()",
        "true, false",
        "false, true",
    ));
    class
        .method(
            docs,
            "masked_fill",
            "mask, value",
            "The value where the bool mask is true. No gradient there. Shapes broadcast.",
            |t: Tensor, mask: Tensor, value: f64| t.masked_fill(&mask, value),
        )
        .example(
            r#"local later = mb.ones(2, 2, "bool"):triu(1)
print(mb.zeros(2, 2):masked_fill(later, -math.huge):softmax())
--> tensor [2, 2] float32 on cpu
--> [[1.0000, 0.0000],
-->  [0.5000, 0.5000]]"#,
        );
}
