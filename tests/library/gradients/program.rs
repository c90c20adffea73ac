//! Programs of tensor operations as data, as `tests/reference/programs.py` writes them.

use moonburn::{
    Device, Result, Tensor,
    tensor::{Dims, Kind},
};
use serde_json::Value;

use super::operations;

/// A program with what PyTorch computes of it.
#[derive(Clone, Copy)]
pub struct Case<'a>(pub &'a Value);

/// An operation, the numbers of the values that it takes, and its parameters.
#[derive(Clone, Copy)]
pub struct Step<'a>(&'a Value);

impl<'a> Case<'a> {
    pub fn steps(self) -> impl Iterator<Item = Step<'a>> {
        list(&self.0["steps"]).iter().map(Step)
    }

    /// The inputs, those of float as leaves.
    pub fn inputs(self) -> Result<Vec<Tensor>> {
        list(&self.0["inputs"]).iter().map(input).collect()
    }

    /// Everything that it computes, inputs first.
    pub fn run(self, mut values: Vec<Tensor>) -> Result<Vec<Tensor>> {
        for step in self.steps() {
            let operands: Vec<Tensor> = step.operands().map(|position| values[position].clone()).collect();
            values.push(operations::apply(step, &operands)?);
        }
        Ok(values)
    }

    pub fn shape(self) -> Vec<usize> {
        sizes(&self.0["shape"])
    }

    /// Numbers under a name, such as the value.
    pub fn numbers(self, name: &str) -> Vec<f64> {
        numbers(&self.0[name])
    }

    /// Numbers for each tensor under a name; none where it has no such field.
    pub fn tensors(self, name: &str) -> Option<Vec<Vec<f64>>> {
        Some(self.0.get(name)?.as_array().expect("a list").iter().map(numbers).collect())
    }

    /// How far PyTorch's float32 is off, for each tensor of an order.
    pub fn off(self, order: &str) -> Vec<f64> {
        numbers(&self.0["off"][order])
    }

    /// Factors that are stored: of the output, or of a first gradient.
    pub fn factors(values: &[f64], shape: &[usize]) -> Result<Tensor> {
        Tensor::from_floats(values.iter().map(|value| *value as f32).collect(), shape, &Device::cpu())
    }
}

impl<'a> Step<'a> {
    pub fn operation(self) -> &'a str {
        self.0["op"].as_str().expect("the name of an operation")
    }

    fn operands(self) -> impl Iterator<Item = usize> {
        sizes(&self.0["args"]).into_iter()
    }

    pub fn size(self, name: &str) -> usize {
        self.optional(name).unwrap_or_else(|| panic!("{}: no {name}", self.operation()))
    }

    pub fn optional(self, name: &str) -> Option<usize> {
        self.0[name].as_u64().map(|size| size as usize)
    }

    /// One dim or a list, under the name `dim`; all of them where there is none.
    pub fn dims(self) -> Dims {
        if self.0["dim"].is_array() { self.sizes("dim").into() } else { self.optional("dim").into() }
    }

    pub fn numbers(self, name: &str) -> Vec<f64> {
        numbers(&self.0[name])
    }

    /// A whole number of either sign.
    pub fn whole(self, name: &str) -> i64 {
        self.0[name].as_i64().unwrap_or_else(|| panic!("{}: no {name}", self.operation()))
    }

    pub fn wholes(self, name: &str) -> Vec<i64> {
        list(&self.0[name]).iter().map(|number| number.as_i64().expect("a whole number")).collect()
    }

    pub fn text(self, name: &str) -> &'a str {
        self.0[name].as_str().unwrap_or_else(|| panic!("{}: no {name}", self.operation()))
    }

    pub fn number(self, name: &str) -> f64 {
        number(&self.0[name])
    }

    /// A bound of a range; without one there is none.
    pub fn bound(self, name: &str, none: f64) -> f64 {
        self.0[name].as_f64().unwrap_or(none)
    }

    /// A parameter where it is a text.
    pub fn word(self, name: &str) -> Option<&'a str> {
        self.0[name].as_str()
    }

    pub fn flag(self, name: &str) -> bool {
        self.0[name].as_bool().unwrap_or(false)
    }

    pub fn sizes(self, name: &str) -> Vec<usize> {
        sizes(&self.0[name])
    }

    pub fn pair(self, name: &str) -> [usize; 2] {
        self.sizes(name).try_into().expect("two sizes")
    }

    pub fn optional_pair(self, name: &str) -> Option<[usize; 2]> {
        self.0.get(name).map(|_| self.pair(name))
    }

    pub fn names(self) -> impl Iterator<Item = &'a str> {
        self.0["names"].as_array().into_iter().flatten().map(|name| name.as_str().expect("a name"))
    }

    pub fn kind(self) -> Kind {
        kind(&self.0["kind"])
    }
}

fn input(entry: &Value) -> Result<Tensor> {
    let (device, shape, values) = (Device::cpu(), sizes(&entry["shape"]), &entry["values"]);
    match kind(&entry["kind"]) {
        Kind::Float => Case::factors(&numbers(values), &shape)?.requires_grad(),
        Kind::Int => {
            Tensor::from_ints(numbers(values).into_iter().map(|value| value as i32).collect(), &shape, &device)
        }
        Kind::Bool => {
            let truths = list(values).iter().map(|value| value.as_bool().expect("a truth value"));
            Tensor::from_bools(truths.collect(), &shape, &device)
        }
    }
}

fn kind(value: &Value) -> Kind {
    match value.as_str() {
        Some("float") => Kind::Float,
        Some("int") => Kind::Int,
        Some("bool") => Kind::Bool,
        _ => panic!("no kind: {value}"),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

fn sizes(value: &Value) -> Vec<usize> {
    list(value).iter().map(|size| size.as_u64().expect("a size") as usize).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    list(value).iter().map(number).collect()
}

/// JSON has neither infinities nor NaN: they are texts.
fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some(text) => text.parse().expect("nan, inf or -inf"),
        None => value.as_f64().unwrap_or_else(|| panic!("no number: {value}")),
    }
}
