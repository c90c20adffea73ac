//! Tables of tensors: lists, or named as a module's parameters are.

use std::collections::BTreeMap;

use mlua::{Lua, Table, Value};

use crate::{
    Error, Result, Tensor,
    lua::api::{Argument, Docs, mismatch},
};

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
        for pair in table.pairs::<Value, Value>() {
            let (key, value) = pair.map_err(Error::callback)?;
            let text = match &key {
                Value::Integer(position) => format!("{position:020}"),
                Value::String(text) => text.to_string_lossy(),
                other => return Err(mismatch(op, name, "a list, or a table by name", other)),
            };
            let place = format!("{name}[{}]", text.trim_start_matches('0'));
            entries.push((text, key, Tensor::from_value(value, lua, op, &place)?));
        }
        // A table has no order of its own; what is computed from it must not depend on the hash.
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        let (keys, tensors) = entries.into_iter().map(|(_, key, tensor)| (key, tensor)).unzip();
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
    pub fn mapped(self, lua: &Lua, map: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) -> Result<Table> {
        let table = lua.create_table().map_err(Error::callback)?;
        for (key, tensor) in self.keys.into_iter().zip(map(&self.tensors)?) {
            let object = lua.create_any_userdata(tensor).map_err(Error::callback)?;
            table.raw_set(key, object).map_err(Error::callback)?;
        }
        Ok(table)
    }
}
