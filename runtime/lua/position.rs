//! Positions as Lua has them, from 1: arguments, results, and tensors of positions or of labels. The arithmetic is
//! `crate::position`'s.

use mlua::{Lua, MultiValue, Value};

use super::api::{Argument, Docs, Returned, alone, mismatch};
use crate::{
    Error, Result, Tensor,
    position::{self, FIRST},
    tensor::{self, DType, Kind},
};

/// A dim as a script writes it: 1 is the first, -1 the last.
#[derive(Clone, Copy)]
pub struct Dim(i64);

impl Argument for Dim {
    fn kind(docs: &mut Docs) -> String {
        <i64 as Argument>::kind(docs)
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        i64::from_value(value, lua, op, name).map(Self)
    }
}

impl Dim {
    /// The last dim.
    pub const LAST: Self = Self(-1);

    /// The one before the last.
    pub const LAST_BUT_ONE: Self = Self(-2);

    /// As the script wrote it, for what knows a tensor only later.
    pub fn number(self) -> i64 {
        self.0
    }

    /// The dim of a tensor with `rank` dims, from 0.
    pub fn of(self, op: &'static str, rank: usize) -> Result<usize> {
        position::resolve(op, "dim", self.0, rank)
    }

    /// The place of a new dim among those of a tensor with `rank` dims, from 0.
    pub fn of_new(self, op: &'static str, rank: usize) -> Result<usize> {
        self.of(op, rank + 1)
    }
}

/// Dims as a script writes them: one, or a list.
pub struct Dims(Vec<Dim>);

impl Argument for Dims {
    fn kind(docs: &mut Docs) -> String {
        format!("{}|{}", Dim::kind(docs), Vec::<Dim>::kind(docs))
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::Table(_) => Vec::from_value(value, lua, op, name).map(Self),
            Value::Integer(_) | Value::Number(_) => Dim::from_value(value, lua, op, name).map(|dim| Self(vec![dim])),
            other => Err(mismatch(op, name, "an integer or a list of integers", &other)),
        }
    }
}

impl Dims {
    /// The dims of a tensor with `rank` dims, from 0; all of them where none are given.
    pub fn of(dims: Option<Self>, op: &'static str, rank: usize) -> Result<tensor::Dims> {
        let Some(Self(dims)) = dims else { return Ok(tensor::Dims::from(None)) };
        Ok(dims.into_iter().map(|dim| dim.of(op, rank)).collect::<Result<Vec<_>>>()?.into())
    }
}

/// A position as a script writes it, from 1; from 0 inside.
#[derive(Clone, Copy)]
pub struct Position(pub usize);

impl Argument for Position {
    fn kind(docs: &mut Docs) -> String {
        <usize as Argument>::kind(docs)
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        if matches!(value, Value::Integer(0)) {
            return Err(Error::argument(op, name, format!("a positive integer, and {FIRST} is the first"), 0));
        }
        // As large as the number that it comes from.
        usize::from_value(value, lua, op, name).map(|number| Self(position::from_number(number as u64) as usize))
    }
}

impl Returned for Position {
    fn kind() -> String {
        <i64 as Returned>::kind()
    }

    fn into_values(self, lua: &Lua) -> mlua::Result<MultiValue> {
        alone(self.into_value(lua))
    }

    fn into_value(self, _: &Lua) -> mlua::Result<Value> {
        Ok(Value::Integer(position::number(self.0)))
    }
}

/// A tensor of positions, or of labels, for Lua.
pub fn to_lua(positions: &Tensor) -> Result<Tensor> {
    Ok(positions.add_scalar(FIRST as f64)?.with_class_names(positions.class_names().cloned()))
}

/// A tensor of positions, or of labels, from Lua.
pub fn from_lua(op: &'static str, positions: &Tensor) -> Result<Tensor> {
    if positions.kind() != Kind::Int {
        return Err(Error::Kind { op, want: "int32", got: positions.dtype().name() });
    }
    Ok(positions.to_dtype(DType::Int32)?.sub_scalar(FIRST as f64)?.with_class_names(positions.class_names().cloned()))
}

/// A label from Lua, which no class need have.
pub fn label_from_lua(number: i64) -> i64 {
    number.saturating_sub(FIRST)
}
