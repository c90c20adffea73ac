//! The entries of a table in their order, for bindings that read one.

use mlua::{Table, Value};

use super::Key;

/// The entries of a table, metamethods aside, in the order that `pairs` has.
///
/// # Errors
/// Lua has no memory.
pub fn entries(table: &Table) -> mlua::Result<Vec<(Value, Value)>> {
    let mut found = Vec::with_capacity(table.raw_len());
    table.for_each(|key: Value, value: Value| {
        found.push((Key::of(&key), key, value));
        Ok(())
    })?;
    // Stable: what has no order stays as it was found.
    found.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    Ok(found.into_iter().map(|(_, key, value)| (key, value)).collect())
}
