//! What a data set is made of, as a script gives it: tensors by name, or a function that computes an item.

use mlua::{Function, Lua, Value, WeakLua};

use super::draw::Draw;
use crate::{
    Device, Error, Result, Tensor,
    dataset::{Items, Named},
    lua::{
        api::{Argument, Docs, mismatch, value_name},
        literal,
        order::{self, objects},
        tensor::Tensors,
    },
    position::number,
    rng::Draws,
};

/// Tensors by name, or a function.
pub enum ItemSource {
    Tensors(Named),
    Function(Function),
}

impl Argument for ItemSource {
    fn kind(docs: &mut Docs) -> String {
        let tensor = <Tensor as Argument>::kind(docs);
        format!("table<string, {tensor}>|fun(index: integer, draw: moonburn.Draw): table<string, any>")
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        match value {
            Value::Function(function) => Ok(Self::Function(function)),
            Value::Table(_) => Tensors::from_value(value, lua, op, name)?.named(op, name).map(Self::Tensors),
            other => Err(mismatch(op, name, "a table of tensors by name, or a function(index, draw)", &other)),
        }
    }
}

/// An item: tensors, numbers, booleans or lists by name.
pub struct Item(Vec<(String, Value)>);

impl Argument for Item {
    fn kind(_: &mut Docs) -> String {
        "table<string, any>".into()
    }

    fn from_value(value: Value, _: &Lua, op: &str, name: &str) -> Result<Self> {
        let Value::Table(table) = &value else {
            return Err(mismatch(op, name, "a table of tensors, numbers or lists by name", &value));
        };
        let entries = order::entries(table).map_err(Error::callback)?.into_iter().map(|(key, value)| match &key {
            Value::String(text) => Ok((text.to_string_lossy(), value)),
            other => Err(Error::argument(op, name, "a table by name", format!("the key {}", value_name(other)))),
        });
        entries.collect::<Result<_>>().map(Self)
    }
}

impl Item {
    /// Tensors without a dim for the item.
    fn tensors(self, op: &'static str, device: &Device) -> Result<Named> {
        let tensor = |value: Value| match &value {
            Value::UserData(data) if objects::is::<Tensor>(data) => {
                objects::borrow::<Tensor>(data).map(|tensor| tensor.detach()).map_err(Error::callback)
            }
            _ => literal::tensor(op, value, None, device),
        };
        self.0.into_iter().map(|(name, value)| Ok((name, tensor(value)?))).collect()
    }

    /// Tensors of one row.
    pub fn into_row(self, device: &Device) -> Result<Named> {
        let tensors = self.tensors("append", device)?.into_iter();
        tensors.map(|(name, tensor)| Ok((name, tensor.unsqueeze(0)?))).collect()
    }
}

struct Computed {
    /// The VM reaches the set through the session: a strong handle would keep both alive for ever.
    lua: WeakLua,
    function: Function,
}

/// Items that a function of a script computes.
pub fn computed(lua: &Lua, function: Function) -> Box<dyn Items> {
    Box::new(Computed { lua: lua.weak(), function })
}

impl Items for Computed {
    fn item(&self, index: usize, draws: Draws, device: &Device) -> Result<Named> {
        let Some(lua) = self.lua.try_upgrade() else {
            return Err(Error::State { op: "from", reason: "the script whose function computes items is gone".into() });
        };
        let draw = objects::create(&lua, Draw::new(draws)).map_err(Error::callback)?;
        let returned = self.function.call::<Value>((number(index), draw)).map_err(Error::callback)?;
        Item::from_value(returned, &lua, "from", "what the function returns")?.tensors("from", device)
    }
}
