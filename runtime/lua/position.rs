//! Positions in Lua count from 1, and -1 is the last dim; in the core they count from 0. This is the one place that
//! converts.

use mlua::{Lua, Value};

use super::api::{Argument, Docs};
use crate::{Error, Result, Tensor, tensor::Kind};

/// A dim as a script writes it: 1 is the first, -1 the last.
#[derive(Clone, Copy)]
pub struct Dim(i64);

impl Argument for Dim {
    fn kind(docs: &mut Docs) -> String {
        i64::kind(docs)
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        i64::from_value(value, lua, op, name).map(Self)
    }
}

impl Dim {
    /// The last dim.
    pub const LAST: Self = Self(-1);

    /// The dim of a tensor with `rank` dims, from 0.
    pub fn of(self, op: &'static str, rank: usize) -> Result<usize> {
        resolve(op, "dim", self.0, rank)
    }
}

/// A position from 1 (or from the end, -1) among `size`, as one from 0.
pub fn resolve(op: &'static str, what: &'static str, position: i64, size: usize) -> Result<usize> {
    let limit = size as i64;
    match position {
        p if (1..=limit).contains(&p) => Ok((p - 1) as usize),
        p if (-limit..=-1).contains(&p) => Ok((limit + p) as usize),
        got => {
            let range = if size == 0 { "a scalar has none".into() } else { format!("1 to {size}, or -1 to -{size}") };
            Err(Error::OutOfRange { op, what, got, range })
        }
    }
}

/// A tensor of positions, or of labels, for Lua.
pub fn to_lua(positions: &Tensor) -> Result<Tensor> {
    Ok(positions.add_scalar(1.0)?.with_class_names(positions.class_names().cloned()))
}

/// A tensor of positions, or of labels, from Lua.
pub fn from_lua(op: &'static str, positions: &Tensor) -> Result<Tensor> {
    if positions.kind() != Kind::Int {
        return Err(Error::Kind { op, want: "int32", got: positions.kind().name() });
    }
    Ok(positions.sub_scalar(1.0)?.with_class_names(positions.class_names().cloned()))
}
