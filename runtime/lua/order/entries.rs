//! The entries of a table in their order, for bindings that read one.

use mlua::{Lua, Table, Value};

use super::{Key, sorted::MOST_HELD};
use crate::{Error, Result};

/// The entries of a table, metamethods aside, in the order that `pairs` has.
///
/// # Errors
/// Lua has no memory, or the table has more entries than the core can hold at once: some hundred thousand.
pub fn entries(table: &Table) -> mlua::Result<Vec<(Value, Value)>> {
    let converted = converted(table, |key, value| Ok((key, value)), MOST_HELD);
    converted.map_err(|error| match error {
        Error::Callback(inner) => match inner.downcast::<mlua::Error>() {
            Ok(inner) => *inner,
            Err(inner) => mlua::Error::external(Error::Callback(inner)),
        },
        error => mlua::Error::external(error),
    })
}

/// A table with the same entries, metamethods aside, which may be changed.
///
/// # Errors
/// As [`entries`].
pub fn copied(lua: &Lua, table: &Table) -> mlua::Result<Table> {
    let copy = lua.create_table()?;
    for (key, value) in entries(table)? {
        copy.raw_set(key, value)?;
    }
    Ok(copy)
}

/// What a function makes of the entries of a table, in the order that `pairs` has. A table may have any number of them,
/// since no value of Lua is held.
///
/// # Errors
/// The function's; Lua has no memory.
pub fn map_entries<T>(table: &Table, map: impl FnMut(Value, Value) -> Result<T>) -> Result<Vec<T>> {
    converted(table, map, usize::MAX)
}

fn converted<T>(table: &Table, mut map: impl FnMut(Value, Value) -> Result<T>, most: usize) -> Result<Vec<T>> {
    let (mut found, mut failure) = (Vec::new(), None);
    let walked = table.for_each(|key: Value, value: Value| {
        if found.len() >= most {
            let reason = format!("a table of more than {most} entries is too large here");
            failure = Some(Error::State { op: "table", reason });
            return Err(mlua::Error::external("too large"));
        }
        let order = Key::of(&key);
        match map(key, value) {
            Ok(mapped) => found.push((order, mapped)),
            Err(error) => {
                failure = Some(error);
                return Err(mlua::Error::external("not converted"));
            }
        }
        Ok(())
    });
    if let Some(failure) = failure {
        return Err(failure);
    }
    walked.map_err(Error::callback)?;
    // Stable: what has no order stays as it was found.
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(found.into_iter().map(|(_, mapped)| mapped).collect())
}
