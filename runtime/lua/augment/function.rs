//! A function of the script as a step of an augmentation.

use std::fmt;

use mlua::{Function, Lua, Value, WeakLua};

use super::draw::Draw;
use crate::{
    Error, Result, Tensor,
    lua::{api::Argument, order::objects},
};

/// A function(images, draw) over a whole batch.
#[derive(Clone)]
pub(super) struct ScriptFunction {
    function: Function,
    /// A strong handle in an object of the VM would keep it alive for ever.
    lua: WeakLua,
}

impl ScriptFunction {
    /// A function of a VM.
    pub fn new(function: Function, lua: &Lua) -> Self {
        Self { function, lua: lua.weak() }
    }

    /// What it makes of images.
    ///
    /// # Errors
    /// It fails, or returns no tensor; its VM is gone.
    pub fn call(&self, images: Tensor, draw: Draw) -> Result<Tensor> {
        let lua = self
            .lua
            .try_upgrade()
            .ok_or_else(|| Error::State { op: "chain", reason: "the script that has the function is gone".into() })?;
        let images = objects::create(&lua, images).map_err(Error::callback)?;
        let draw = objects::create(&lua, draw).map_err(Error::callback)?;
        let returned = self.function.call::<Value>((images, draw)).map_err(Error::callback)?;
        Tensor::from_value(returned, &lua, "chain", &format!("what {self} returns"))
    }
}

impl fmt::Display for ScriptFunction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let info = self.function.info();
        let file = info.short_src.as_deref().unwrap_or("?");
        match info.line_defined {
            Some(line) => write!(formatter, "function at {file}:{line}"),
            None => write!(formatter, "function"),
        }
    }
}
