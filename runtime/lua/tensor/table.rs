//! Tables of tensors: lists, or named as a module's parameters are.

use std::collections::BTreeMap;

use mlua::{Lua, Value};

use crate::{
    Error, Result, Tensor,
    lua::{
        api::{Argument, Docs, mismatch, of_kind},
        order::{self, objects},
    },
};

of_kind!(
    /// Tensors by the keys of a table that was given: a list, or by name.
    Keyed,
    "table<any, moonburn.Tensor>"
);
of_kind!(
    /// Tensors by name.
    Named,
    "table<string, moonburn.Tensor>"
);

/// Tensors under the keys of a table, in the order of the keys.
pub struct Tensors {
    keys: Vec<Value>,
    tensors: Vec<Tensor>,
}

impl Argument for Tensors {
    fn kind(docs: &mut Docs) -> String {
        let tensor = <Tensor as Argument>::kind(docs);
        format!("{tensor}[]|table<string, {tensor}>")
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let Value::Table(table) = &value else { return Err(mismatch(op, name, "a table of tensors", &value)) };
        let mut entries = Vec::new();
        for (key, value) in order::entries(table).map_err(Error::callback)? {
            if let (Value::Integer(_) | Value::String(_), Value::UserData(object)) = (&key, &value)
                && let Ok(tensor) = objects::borrow::<Tensor>(object)
            {
                entries.push((key, tensor.clone()));
                continue;
            }
            // The name of a place is for a message alone.
            let place = match &key {
                Value::Integer(position) => format!("{name}[{position}]"),
                Value::String(text) => format!("{name}[{}]", text.to_string_lossy()),
                other => return Err(mismatch(op, name, "a list, or a table by name", other)),
            };
            entries.push((key, Tensor::from_value(value, lua, op, &place)?));
        }
        let (keys, tensors) = entries.into_iter().unzip();
        Ok(Self { keys, tensors })
    }
}

impl Tensors {
    /// By name.
    ///
    /// # Errors
    /// A list.
    pub fn named(self, op: &str, name: &str) -> Result<BTreeMap<String, Tensor>> {
        let pairs = self.keys.into_iter().zip(self.tensors).map(|(key, tensor)| match &key {
            Value::String(text) => Ok((text.to_string_lossy(), tensor)),
            other => Err(mismatch(op, name, "a table by name", other)),
        });
        pairs.collect()
    }

    /// A table of the same keys with what a function makes of the tensors.
    pub fn mapped(self, lua: &Lua, map: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) -> Result<Keyed> {
        let table = lua.create_table().map_err(Error::callback)?;
        for (key, tensor) in self.keys.into_iter().zip(map(&self.tensors)?) {
            let object = objects::create(lua, tensor).map_err(Error::callback)?;
            table.raw_set(key, object).map_err(Error::callback)?;
        }
        Ok(table.into())
    }
}

/// A table of tensors by name.
///
/// # Errors
/// One of them; the Lua heap is full.
pub fn named(lua: &Lua, tensors: impl Iterator<Item = Result<(String, Tensor)>>) -> Result<Named> {
    let table = lua.create_table().map_err(Error::callback)?;
    for entry in tensors {
        let (name, tensor) = entry?;
        let object = objects::create(lua, tensor).map_err(Error::callback)?;
        table.raw_set(name, object).map_err(Error::callback)?;
    }
    Ok(table.into())
}
