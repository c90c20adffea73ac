//! An argument that no caller writes: what the bindings of a VM share.

use mlua::{Lua, Value};

use super::{Argument, Docs, Given};
use crate::{Result, lua::context::Context};

impl Argument for Context {
    const WRITTEN: bool = false;

    fn kind(_: &mut Docs) -> String {
        String::new()
    }

    fn from_value(_: Value, lua: &Lua, _: &str, _: &str) -> Result<Self> {
        Ok(lua.app_data_ref::<Self>().expect("every VM is made with a context").clone())
    }

    fn take(_: &mut Given, lua: &Lua, op: &str, name: &str) -> Result<Self> {
        Self::from_value(Value::Nil, lua, op, name)
    }
}
