//! A batch as a table of Lua.

use mlua::Lua;

use crate::{
    Result, dataset,
    lua::tensor::{Named, named},
};

/// The tensors of a batch by name.
pub fn table(lua: &Lua, batch: dataset::Named) -> Result<Named> {
    named(lua, batch.into_iter().map(Ok))
}
