//! Protected calls that let an interrupt, or the leaving of a loop, through. Lua's own would swallow it, or keep the
//! form that a handler gave it. What they catch of ours is text, as Lua's own errors are. The file also closes two places where no hook of the VM looks: finalizers are refused,
//! and bytecode is not loaded.

use mlua::{Lua, Value};

use crate::lua::{
    context::Context,
    failed::{CALLS, FailureText, without_place},
    leaving::Leave,
    raised::{left_by, raise_leave},
};

/// Replaces the functions.
///
/// # Errors
/// Lua has no memory.
pub fn install(lua: &Lua, context: &Context) -> mlua::Result<()> {
    let asking = context.clone();
    let leave = lua.create_function(move |lua, raised: Value| {
        // What the failed call held is garbage now, but no room yet for a script that goes on with less.
        if asking.leaving().lacks_memory() {
            asking.free_memory(lua);
        }
        match (asking.is_to_leave(), raised) {
            (None, _) => Ok(()),
            // It knows where it was raised.
            (Some(why), Value::Error(raised)) if left_by(&raised).as_ref() == Some(&why) => Err(*raised),
            (Some(why), _) => {
                if why == Leave::Interrupted {
                    asking.leaving().break_off();
                }
                Err(raise_leave(lua, why))
            }
        }
    })?;
    let asking = context.clone();
    let is_leaving = lua.create_function(move |_, ()| Ok(asking.is_to_leave().is_some()))?;
    let told = lua.create_function(|lua, raised: Value| match raised {
        Value::String(message) => {
            let bytes = message.as_bytes();
            // Other bytes are no message of Lua's own functions.
            match std::str::from_utf8(&bytes) {
                Ok(text) => lua.create_string(without_place(text)),
                Err(_) => lua.create_string(&bytes),
            }
        }
        Value::Error(raised) => lua.create_string(FailureText::of(&raised).placed().message),
        other => lua.create_string(other.to_string()?),
    })?;
    let is_error = lua.create_function(|_, raised: Value| Ok(matches!(raised, Value::Error(_))))?;
    let prelude = lua.load(include_str!("protected.lua")).set_name(format!("={CALLS}"));
    prelude.call((leave, is_leaving, told, is_error))
}
