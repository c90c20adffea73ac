//! The functions of Lua that show the order of a table's keys, or the address of an object: `pairs`, `next`,
//! `table.sort`, `tostring` and what goes through them.

use mlua::{Function, Lua, Table, Value};

use crate::lua::{
    api::mismatch,
    context::Context,
    failed::ORDER,
    order::{Key, Sorted},
    raised::{innermost_line, raise},
};

/// The function that forgets walks through tables, in the registry.
const FORGET: &str = "moonburn.forget_walks";

/// The function that shows a value as text, in the registry.
const SHOW: &str = "moonburn.show";

/// Gives a VM its table functions.
///
/// # Errors
/// Lua has no memory.
pub fn install(lua: &Lua, context: &Context) -> mlua::Result<()> {
    let noting = context.clone();
    let keys = lua.create_function(move |lua, (table, done): (Table, i64)| {
        let keys = Sorted::of(&table, done)?;
        if keys.has_unordered() {
            note_unordered(lua, &noting);
        }
        keys.into_list(lua)
    })?;
    let noting = context.clone();
    let least = lua.create_function(move |lua, table: Table| {
        let (mut least, mut count) = (None, 0);
        table.for_each(|value: Value, _: bool| {
            let key = Key::of(&value);
            if least.as_ref().is_none_or(|(known, _)| key < *known) {
                least = Some((key, value));
            }
            count += 1;
            Ok(())
        })?;
        // Which of several is taken is chance.
        if count > 1 && least.as_ref().is_some_and(|(key, _)| *key == Key::Unordered) {
            note_unordered(lua, &noting);
        }
        Ok((least.map(|(_, value)| value), count))
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
    let wrong =
        lua.create_function(|lua, (op, name, want, got): (String, String, String, Value)| -> mlua::Result<()> {
            Err(raise(lua, mismatch(&op, &name, &want, &got)))
        })?;
    let prelude = lua.load(include_str!("tables.lua")).set_name(format!("={ORDER}"));
    let (show, forget): (Function, Function) = prelude.call((keys, least, after, wrong))?;
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

/// Tells, once for a line of the script, that it goes through a table whose keys have no order, and notes in the run's
/// record that it cannot be repeated.
fn note_unordered(lua: &Lua, context: &Context) {
    let place = innermost_line(lua).map_or("a script".to_owned(), |(name, line)| format!("{name}:{line}"));
    // What a trial step meets, the first real one meets again.
    if let (false, Ok(mut session)) = (context.is_quiet(), context.session.try_borrow_mut()) {
        let why = "tables or functions as keys have no order that lasts, so a repetition may differ from here on";
        session.output_mut().note_not_repeatable(&format!("{place}: {why}"));
    }
}
