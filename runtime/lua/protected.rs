//! Protected calls that let an interrupt, or the leaving of a loop, through: functions that would otherwise swallow it, or keep
//! it in the guise that a handler gave it. With them what else would run where no hook of the VM looks: finalizers are refused,
//! and bytecode is not loaded.

use mlua::{Lua, LuaString, Value};

use super::{
    context::Context,
    error::{CALLS, is_raised, raise, without_place},
};

/// Replaces the functions.
///
/// # Errors
/// Lua has no memory.
pub fn install(lua: &Lua, context: &Context) -> mlua::Result<()> {
    let leaving = context.clone();
    let leave = lua.create_function(move |lua, raised: Value| {
        // What the failed call held is garbage now, but no room yet for a script that goes on with less.
        if leaving.lacks_memory() {
            leaving.free_memory(lua);
        }
        match (leaving.leaving(), raised) {
            (None, _) => Ok(()),
            // It knows where it was raised.
            (Some(error), Value::Error(raised)) if is_raised(&raised, &error) => Err(*raised),
            (Some(error), _) => Err(raise(lua, error)),
        }
    })?;
    let leaving = context.clone();
    let is_leaving = lua.create_function(move |_, ()| Ok(leaving.leaving().is_some()))?;
    let without_place = lua.create_function(|lua, message: LuaString| {
        let bytes = message.as_bytes();
        // Other bytes are no message of Lua's own functions.
        match std::str::from_utf8(&bytes) {
            Ok(text) => lua.create_string(without_place(text)),
            Err(_) => lua.create_string(&bytes),
        }
    })?;
    let prelude = lua.load(include_str!("protected.lua")).set_name(format!("={CALLS}"));
    prelude.call((leave, is_leaving, without_place))
}
