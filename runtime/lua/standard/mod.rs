//! Lua's own library as scripts have it: tables have one order, calls that may take for ever can be broken off, and
//! protected calls let that through. Taking functions away, and those that reach outside, are the business of `vm.rs`.

mod bounded;
mod protected;
mod tables;

use mlua::Lua;

use super::context::Context;

pub use tables::{forget_walks, show};

/// Gives a VM these functions.
///
/// # Errors
/// Lua has no memory.
pub fn install(lua: &Lua, context: &Context) -> mlua::Result<()> {
    tables::install(lua, context)?;
    bounded::install(lua, context)?;
    protected::install(lua, context)
}
