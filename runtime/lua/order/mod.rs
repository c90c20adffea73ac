//! One order for the keys of a table, so that a program that is run again computes the same: Lua's own order of names and
//! objects changes from process to process. `pairs` and `next` of scripts go by it, and so do bindings that read tables.

mod entries;
mod key;
pub mod objects;

use mlua::{Function, IntoLua, Lua, Table, Value};

use key::Key;

pub use entries::entries;

use super::{api::mismatch, context::Context, error::raise};

/// The function that forgets walks through tables, in the registry.
const FORGET: &str = "moonburn.forget_walks";

/// The function that shows a value as text, in the registry.
const SHOW: &str = "moonburn.show";

/// Gives a VM its table functions.
///
/// # Errors
/// Lua has no memory.
pub fn install(lua: &Lua, context: &Context) -> mlua::Result<()> {
    lua.set_app_data(objects::Count::default());
    let noting = context.clone();
    let keys = lua.create_function(move |lua, (table, done): (Table, i64)| {
        let keys = sorted_keys(&table, done)?;
        if keys.last().is_some_and(|(key, _)| *key == Key::Unordered) {
            noting.note_unordered(lua);
        }
        if keys.is_empty() {
            return Ok(None);
        }
        let list = lua.create_table_with_capacity(keys.len(), 0)?;
        for (key, value) in keys {
            list.raw_push(to_lua(lua, key, value)?)?;
        }
        Ok(Some(list))
    })?;
    let least = lua.create_function(|lua, table: Table| {
        let (mut least, mut count) = (None, 0);
        table.for_each(|value: Value, _: bool| {
            let key = Key::of(&value);
            if least.as_ref().is_none_or(|(known, _)| key < *known) {
                least = Some((key, value));
            }
            count += 1;
            Ok(())
        })?;
        let least = least.map(|(key, value)| to_lua(lua, key, value)).transpose()?;
        Ok((least, count))
    })?;
    let after = lua.create_function(|_, (keys, key): (Table, Value)| {
        let (value, key) = (key.clone(), Key::of(&key));
        let (mut low, mut high) = (1, keys.raw_len() + 1);
        if key == Key::Unordered {
            // Those are the last ones, in no order to search by.
            let same = |place: &usize| keys.raw_get::<Value>(*place).is_ok_and(|known| known == value);
            return Ok((low..high).rev().find(same).map_or(high, |place| place + 1));
        }
        while low < high {
            let middle = low + (high - low) / 2;
            match Key::of(&keys.raw_get(middle)?) <= key {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        Ok(low)
    })?;
    let number = lua.create_function(|_, value: Value| Ok(value.as_userdata().and_then(objects::number)))?;
    let wants_table = lua.create_function(|lua, (op, value): (String, Value)| -> mlua::Result<()> {
        Err(raise(lua, mismatch(&op, "the argument", "a table", &value)))
    })?;
    let prelude = lua.load(include_str!("order.lua")).set_name("=table order");
    let (show, forget): (Function, Function) = prelude.call((keys, least, after, number, wants_table))?;
    lua.set_named_registry_value(SHOW, show)?;
    lua.set_named_registry_value(FORGET, forget)
}

/// Forgets how far walks through tables had come, as between two steps.
///
/// # Errors
/// Lua has no memory.
pub fn forget_walks(lua: &Lua) -> mlua::Result<()> {
    lua.named_registry_value::<Function>(FORGET)?.call(())
}

/// A value as `print` and `tostring` show it: an object without a text of its own by a number instead of its address.
///
/// # Errors
/// Its `__tostring` fails.
pub fn show(lua: &Lua, value: Value) -> mlua::Result<mlua::LuaString> {
    lua.named_registry_value::<Function>(SHOW)?.call(value)
}

/// The keys of a table in their order, without the positions up to `done`.
fn sorted_keys(table: &Table, done: i64) -> mlua::Result<Vec<(Key, Value)>> {
    let mut keys = Vec::new();
    table.for_each(|value: Value, _: bool| {
        if !matches!(value, Value::Integer(position) if (1..=done).contains(&position)) {
            let key = Key::of(&value);
            // A name is made again from its bytes: a VM holds only so many references to its values.
            let value = if matches!(key, Key::Name(_)) { Value::Nil } else { value };
            keys.push((key, value));
        }
        Ok(())
    })?;
    // Stable: what has no order stays as it was found.
    keys.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(keys)
}

fn to_lua(lua: &Lua, key: Key, value: Value) -> mlua::Result<Value> {
    match key {
        Key::Name(bytes) => lua.create_string(bytes)?.into_lua(lua),
        _ => Ok(value),
    }
}
