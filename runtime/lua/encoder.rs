//! What embeds images: a module, or a function.

use mlua::{Lua, ObjectLike, Value};

use super::{
    api::{Argument, Docs, Returned, mismatch},
    order::objects,
};
use crate::{Error, Result, Tensor, nn::Module};

/// A module, or what else can be called with images and returns embeddings.
pub struct Encoder {
    body: Value,
    lua: Lua,
}

impl Argument for Encoder {
    fn kind(docs: &mut Docs) -> String {
        let tensor = <Tensor as Argument>::kind(docs);
        format!("{}|fun(images: {tensor}): {tensor}", <Module as Argument>::kind(docs))
    }

    fn from_value(value: Value, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        let is_callable = match &value {
            Value::Function(_) => true,
            Value::UserData(object) => !objects::is::<Tensor>(object),
            Value::Table(table) => table.metatable().is_some(),
            _ => false,
        };
        match is_callable {
            true => Ok(Self { body: value, lua: lua.clone() }),
            false => Err(mismatch(op, name, "a module, or a function of images", &value)),
        }
    }
}

impl Encoder {
    /// What it makes of images.
    ///
    /// # Errors
    /// What it fails with; something else than a tensor.
    pub fn call(&self, op: &str, images: Tensor) -> Result<Tensor> {
        let given = images.into_value(&self.lua).map_err(Error::callback)?;
        let returned = match &self.body {
            Value::UserData(body) => body.call::<Value>(given),
            Value::Table(body) => body.call(given),
            Value::Function(body) => body.call(given),
            _ => Ok(Value::Nil),
        };
        Tensor::from_value(returned.map_err(Error::callback)?, &self.lua, op, "what the encoder returns")
    }
}
