//! The numbers of the runtime's objects: each Lua object of a VM gets the next one when it is made, so that a program
//! that is run again finds them in the same order.

use std::cell::Cell;

use mlua::{AnyUserData, Lua};

/// How many objects a VM has made.
#[derive(Default)]
pub struct Count(Cell<u64>);

/// Makes the Lua object of a value. Every object of the runtime is made here.
///
/// # Errors
/// Lua has no memory.
pub fn create<T: 'static>(lua: &Lua, value: T) -> mlua::Result<AnyUserData> {
    let object = lua.create_any_userdata(value)?;
    if let Some(count) = lua.app_data_ref::<Count>() {
        count.0.set(count.0.get() + 1);
        object.set_user_value(count.0.get())?;
    }
    Ok(object)
}

/// The number of an object; none where somebody else made it.
pub fn number(object: &AnyUserData) -> Option<u64> {
    object.user_value().ok().flatten()
}
