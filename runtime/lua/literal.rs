//! Lua lists as shapes and tensors.

use mlua::{Lua, Table, Value};

use super::{
    api::{Argument, mismatch},
    order::objects,
    position,
};
use crate::{
    Device, Error, Result, Tensor, memory,
    position::number,
    tensor::{DType, Elements, Kind, MAX_RANK, size},
};

/// Sizes given as numbers or as one list.
pub fn sizes(op: &'static str, values: Vec<Value>) -> Result<Vec<i64>> {
    let values = match values.as_slice() {
        [Value::Table(list)] => {
            want_list(op, "sizes", list)?;
            list.sequence_values::<Value>().collect::<mlua::Result<Vec<_>>>().map_err(Error::callback)?
        }
        _ => values,
    };
    values
        .iter()
        .map(|value| match value {
            Value::Integer(size) => Ok(*size),
            Value::Number(size) if size.fract() == 0.0 => Ok(*size as i64),
            other => Err(mismatch(op, "sizes", "integers", other)),
        })
        .collect()
}

/// An error for a table with more than positions 1, 2, …, which would be passed over in silence.
fn want_list(op: &'static str, name: &str, list: &Table) -> Result<()> {
    match list.pairs::<Value, Value>().count() == list.raw_len() {
        true => Ok(()),
        false => Err(Error::argument(op, name, "a list", "a table with named entries or gaps")),
    }
}

/// Sizes, and a format behind them where the last value is its name.
pub fn sizes_with_dtype(op: &'static str, mut values: Vec<Value>, lua: &Lua) -> Result<(Vec<usize>, Option<DType>)> {
    let dtype = match values.pop_if(|value| matches!(value, Value::String(_))) {
        Some(name) => Some(DType::from_value(name, lua, op, "dtype")?),
        None => None,
    };
    Ok((shape(op, values)?, dtype))
}

/// A shape given as numbers or as one list.
pub fn shape(op: &'static str, values: Vec<Value>) -> Result<Vec<usize>> {
    sizes(op, values)?
        .into_iter()
        .map(|size| usize::try_from(size).map_err(|_| Error::argument(op, "sizes", "at least 0", size)))
        .collect()
}

/// Positions from 1, given as a list or as an int tensor, as ones from 0.
pub fn positions(op: &'static str, value: Value, device: &Device) -> Result<Tensor> {
    let given = match &value {
        Value::Table(list) if list.raw_len() == 0 => Tensor::from_ints(Vec::new(), &[0], device)?,
        Value::Table(_) => tensor(op, value, None, device)?,
        Value::UserData(data) => match objects::borrow::<Tensor>(data) {
            Ok(tensor) => tensor.clone(),
            Err(_) => return Err(mismatch(op, "positions", "a list or an int tensor", &value)),
        },
        other => return Err(mismatch(op, "positions", "a list or an int tensor", other)),
    };
    position::from_lua(op, &given)
}

/// A number, a boolean or nested lists of one of them as a tensor of a format. Without one numbers are int32 where all
/// are Lua integers, else float32, as no numbers are.
pub fn tensor(op: &'static str, value: Value, dtype: Option<DType>, device: &Device) -> Result<Tensor> {
    let mut leaves = Vec::new();
    let mut shape = Vec::new();
    read(op, &value, 0, &mut shape, &mut leaves)?;
    let kind = kind_of(op, &leaves)?;
    let wide = |leaf: &Value| match leaf {
        Value::Integer(x) => *x as f64,
        Value::Number(x) => *x,
        _ => 0.0,
    };
    match dtype {
        // What float32 or int32 in between would round or refuse.
        Some(DType::Float64) if kind != Kind::Bool => {
            return Tensor::from_elements(Elements::Float64(leaves.iter().map(wide).collect()), &shape, device);
        }
        Some(dtype @ (DType::Int64 | DType::UInt8)) if kind == Kind::Int => {
            let ints = leaves.iter().map(|leaf| leaf.as_i64().unwrap_or_default()).collect();
            return Tensor::from_longs(ints, &shape, dtype, device);
        }
        _ => {}
    }
    let made = with_default(op, kind, &leaves, &shape, device)?;
    dtype.map_or(Ok(made.clone()), |dtype| made.to_dtype(dtype))
}

fn with_default(op: &'static str, kind: Kind, leaves: &[Value], shape: &[usize], device: &Device) -> Result<Tensor> {
    match kind {
        Kind::Bool => {
            Tensor::from_bools(leaves.iter().map(|leaf| matches!(leaf, Value::Boolean(true))).collect(), shape, device)
        }
        Kind::Int => {
            let ints = leaves.iter().map(|leaf| match leaf {
                Value::Integer(x) => {
                    i32::try_from(*x).map_err(|_| Error::argument(op, "an integer", "within 32 bits", x))
                }
                _ => Ok(0),
            });
            Tensor::from_ints(ints.collect::<Result<_>>()?, shape, device)
        }
        Kind::Float => {
            let floats = leaves.iter().map(|leaf| match leaf {
                Value::Integer(x) => *x as f32,
                Value::Number(x) => *x as f32,
                _ => 0.0,
            });
            Tensor::from_floats(floats.collect(), shape, device)
        }
    }
}

fn kind_of(op: &'static str, leaves: &[Value]) -> Result<Kind> {
    let bools = leaves.iter().filter(|leaf| matches!(leaf, Value::Boolean(_))).count();
    match bools {
        _ if leaves.is_empty() => Ok(Kind::Float),
        0 if leaves.iter().all(|leaf| matches!(leaf, Value::Integer(_))) => Ok(Kind::Int),
        0 => Ok(Kind::Float),
        count if count == leaves.len() => Ok(Kind::Bool),
        _ => Err(Error::argument(op, "values", "all numbers or all booleans", "both")),
    }
}

/// Collects the leaves in row-major order; the first list at each depth sets the size that all others must have.
fn read(op: &'static str, value: &Value, depth: usize, shape: &mut Vec<usize>, leaves: &mut Vec<Value>) -> Result<()> {
    match value {
        Value::Table(list) => read_list(op, list, depth, shape, leaves),
        Value::Integer(_) | Value::Number(_) | Value::Boolean(_) if depth == shape.len() => {
            if leaves.is_empty() {
                // The first one says how many there are: lists that share others are short, whatever they unfold to.
                *leaves = memory::list(op, size::product(op, "the number of values", shape)?)?;
            }
            leaves.push(value.clone());
            Ok(())
        }
        Value::Integer(_) | Value::Number(_) | Value::Boolean(_) => Err(Error::argument(
            op,
            "values",
            format!("lists of one size at depth {}", number(depth)),
            "a number beside a list",
        )),
        other => Err(mismatch(op, "values", "numbers, booleans or nested lists of them", other)),
    }
}

fn read_list(
    op: &'static str,
    list: &Table,
    depth: usize,
    shape: &mut Vec<usize>,
    leaves: &mut Vec<Value>,
) -> Result<()> {
    let size = list.raw_len();
    if depth == MAX_RANK {
        return Err(Error::argument(op, "values", "nested at most 6 deep", "more"));
    }
    want_list(op, "values", list)?;
    if depth == shape.len() {
        if !leaves.is_empty() {
            return Err(Error::argument(
                op,
                "values",
                format!("lists of one size at depth {}", number(depth)),
                "a list beside a number",
            ));
        }
        shape.push(size);
    } else if shape[depth] != size {
        let want = format!("lists of one size at depth {}", number(depth));
        return Err(Error::argument(op, "values", want, format!("{} and {size}", shape[depth])));
    }
    for position in 1..=size {
        let value: Value = list.raw_get(position).unwrap_or_default();
        read(op, &value, depth + 1, shape, leaves)?;
    }
    Ok(())
}
