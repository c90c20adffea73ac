//! A script's options: values from the command line, typed by the script's defaults, and an error for a name that
//! does not exist.

use mlua::{Lua, Table, Value};
use serde_json::Map;

use super::{api::value_name, order, raised::raise};
use crate::{Error, Result};

/// Options that every script has, with what they are where it does not name them.
const OF_EVERY_SCRIPT: [(&str, &str); 2] = [("precision", "float32"), ("convolution", "fast")];

/// Sets an option from text.
///
/// # Errors
/// An unknown option; text that is not of the default's type.
pub fn apply(options: &Table, key: &str, text: &str) -> Result<()> {
    if let Some((_, default)) = OF_EVERY_SCRIPT.into_iter().find(|(name, _)| *name == key)
        && !options.contains_key(key).map_err(Error::callback)?
    {
        options.raw_set(key, default).map_err(Error::callback)?;
    }
    let default: Value = options.raw_get(key).map_err(Error::callback)?;
    let wrong = |want: &str| Error::argument("--set", key, want, format!("'{text}'"));
    let value = match default {
        Value::Nil => return Err(Error::unknown("--set", "option", key, names(options))),
        Value::Boolean(_) => Value::Boolean(text.parse().map_err(|_| wrong("true or false"))?),
        Value::Integer(_) => Value::Integer(text.parse().map_err(|_| wrong("an integer"))?),
        Value::Number(_) => match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Value::Number(number),
            _ => return Err(wrong("a number")),
        },
        Value::String(_) => {
            options.raw_set(key, text).map_err(Error::callback)?;
            return Ok(());
        }
        other => {
            return Err(Error::argument(
                "--set",
                key,
                "a number, a string or a boolean in the script",
                value_name(&other),
            ));
        }
    };
    options.raw_set(key, value).map_err(Error::callback)
}

/// Makes reading an option that does not exist an error with a suggestion.
pub fn guard(lua: &Lua, options: &Table) -> mlua::Result<()> {
    let meta = lua.create_table()?;
    let known = names(options);
    let index = lua.create_function(move |lua, (_, key): (Value, Value)| -> mlua::Result<Value> {
        Err(raise(lua, Error::unknown("options", "option", key.to_string().unwrap_or_default(), &known)))
    })?;
    meta.raw_set("__index", index)?;
    options.set_metatable(Some(meta))
}

fn names(options: &Table) -> Vec<String> {
    let entries = order::entries(options).unwrap_or_default();
    entries.into_iter().filter_map(|(key, _)| key.to_string().ok()).collect()
}

/// Named values of a table, for `run.json`.
pub fn to_json(table: &Table) -> Map<String, serde_json::Value> {
    named(table, 0, &mut { MOST })
}

/// A table of named values from JSON.
pub fn from_json(lua: &Lua, values: &Map<String, serde_json::Value>) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    for (name, value) in values {
        table.raw_set(name.as_str(), value_from_json(lua, value)?)?;
    }
    Ok(table)
}

fn value_from_json(lua: &Lua, value: &serde_json::Value) -> mlua::Result<Value> {
    Ok(match value {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(value) => Value::Boolean(*value),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(integer) => Value::Integer(integer),
            None => Value::Number(number.as_f64().unwrap_or(f64::NAN)),
        },
        serde_json::Value::String(text) => Value::String(lua.create_string(text)?),
        serde_json::Value::Array(items) => {
            let items = items.iter().map(|item| value_from_json(lua, item)).collect::<mlua::Result<Vec<_>>>()?;
            Value::Table(lua.create_sequence_from(items)?)
        }
        serde_json::Value::Object(object) => Value::Table(from_json(lua, object)?),
    })
}

/// Tables nested deeper than this are named instead of written, those that contain themselves among them.
const DEPTH: usize = 8;

/// After this many values tables are named instead of written, since tables that share others would unfold to any
/// number.
const MOST: usize = 1_000_000;

fn named(table: &Table, depth: usize, left: &mut usize) -> Map<String, serde_json::Value> {
    let entries = order::entries(table).unwrap_or_default();
    entries.into_iter().filter_map(|(key, value)| Some((key.to_string().ok()?, json(&value, depth, left)))).collect()
}

/// Whether a table has positions without gaps and nothing else: as a list it would lose the rest.
fn is_list(table: &Table) -> bool {
    let length = table.raw_len();
    length > 0 && table.pairs::<Value, Value>().count() == length
}

fn json(value: &Value, depth: usize, left: &mut usize) -> serde_json::Value {
    *left = left.saturating_sub(1);
    match value {
        Value::Boolean(value) => (*value).into(),
        Value::Integer(value) => (*value).into(),
        Value::Number(value) => (*value).into(),
        Value::String(text) => text.to_string_lossy().into(),
        Value::Table(table) if *left == 0 || depth >= DEPTH => value_name(&Value::Table(table.clone())).into(),
        Value::Table(table) if is_list(table) => {
            table.sequence_values::<Value>().flatten().map(|value| json(&value, depth + 1, left)).collect()
        }
        Value::Table(table) => serde_json::Value::Object(named(table, depth + 1, left)),
        other => value_name(other).into(),
    }
}
