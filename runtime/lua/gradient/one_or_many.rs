//! An argument that is one tensor or a list of them.

use mlua::{Lua, Value};

use crate::{
    Result, Tensor,
    lua::api::{Argument, Docs, mismatch},
};

/// One tensor, or a list of them.
pub struct OneOrMany(pub Vec<Tensor>);

impl Argument for OneOrMany {
    fn kind(docs: &mut Docs) -> String {
        let tensor = <Tensor as Argument>::kind(docs);
        format!("{tensor}|{tensor}[]")
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::UserData(_) => Ok(Self(vec![Tensor::from_value(value, lua, op, name)?])),
            Value::Table(_) => Vec::from_value(value, lua, op, name).map(Self),
            other => Err(mismatch(op, name, "a tensor, or a list of them", &other)),
        }
    }
}
