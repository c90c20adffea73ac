//! `session.state` between Lua and the core: a table of plain values and tensors.

use mlua::{Lua, Table, Value};

use super::{
    api::value_name,
    order::{self, objects},
};
use crate::{Error, Result, Tensor, session::Plain};

/// Tables nested deeper than this are refused, those that contain themselves among them.
const DEPTH: usize = 32;

/// The most values. Tables that share others unfold: 25 tables, each of which holds the next one twice, are 2²⁵ values.
const MOST: usize = 1_000_000;

/// Reads a table.
///
/// # Errors
/// A value that cannot last, such as a function, with its path.
pub fn read(table: &Table) -> Result<Plain> {
    if table.is_empty() {
        return Ok(Plain::default());
    }
    entries(table, "state", 0, &mut 0)
}

fn entries(table: &Table, path: &str, depth: usize, count: &mut usize) -> Result<Plain> {
    if depth > DEPTH {
        let reason = format!("{path} is nested deeper than {DEPTH} tables; a table that contains itself cannot last");
        return Err(Error::State { op: "session", reason });
    }
    let found = order::map_entries(table, |key, value| {
        *count += 1;
        if *count > MOST {
            let reason =
                format!("state has more than {MOST} values; a table that is in several places counts in each of them");
            return Err(Error::State { op: "session", reason });
        }
        let own = match &key {
            Value::String(key) => format!("{path}.{}", key.to_string_lossy()),
            other => format!("{path}[{}]", other.to_string().unwrap_or_default()),
        };
        let (key, value) = (plain(&key, &own, depth, count)?, plain(&value, &own, depth, count)?);
        if matches!(key, Plain::Table(_) | Plain::Tensor(_)) {
            return Err(Error::argument("session", own, "under a key that is text or a number", "a table or a tensor"));
        }
        Ok((key, value))
    })?;
    Ok(Plain::Table(found))
}

fn plain(value: &Value, path: &str, depth: usize, count: &mut usize) -> Result<Plain> {
    Ok(match value {
        Value::Boolean(value) => Plain::Bool(*value),
        Value::Integer(value) => Plain::Integer(*value),
        Value::Number(value) => Plain::Number(*value),
        Value::String(text) => Plain::Text(text.as_bytes().to_vec()),
        Value::Table(table) => entries(table, path, depth + 1, count)?,
        Value::UserData(data) if objects::is::<Tensor>(data) => {
            Plain::Tensor(Box::new(objects::borrow::<Tensor>(data).map_err(Error::callback)?.detach()))
        }
        other => {
            let want = "a boolean, a number, text, a tensor or a table of these, as only these last";
            return Err(Error::argument("session", path, want, value_name(other)));
        }
    })
}

/// Makes a table hold these values and no others.
///
/// # Errors
/// Lua has no memory.
pub fn fill(lua: &Lua, table: &Table, plain: &Plain) -> mlua::Result<()> {
    table.clear()?;
    for (key, value) in plain.entries() {
        table.raw_set(to_lua(lua, key)?, to_lua(lua, value)?)?;
    }
    Ok(())
}

fn to_lua(lua: &Lua, plain: &Plain) -> mlua::Result<Value> {
    Ok(match plain {
        Plain::Bool(value) => Value::Boolean(*value),
        Plain::Integer(value) => Value::Integer(*value),
        Plain::Number(value) => Value::Number(*value),
        Plain::Text(bytes) => Value::String(lua.create_string(bytes)?),
        Plain::Tensor(tensor) => Value::UserData(objects::create(lua, Tensor::clone(tensor))?),
        Plain::Table(_) => {
            let table = lua.create_table()?;
            fill(lua, &table, plain)?;
            Value::Table(table)
        }
    })
}
