//! Functions of Lua's own library that can take for ever in one piece, where no hook of the VM looks: matching a
//! pattern, moving what is in a table. In pieces they can be broken off, with the same results. Short work goes to
//! Lua's own functions.

mod class;
mod matcher;
mod stop;

use mlua::{IntoLuaMulti, Lua, LuaString, MultiValue, Value};

use matcher::{Capture, Match, Matcher};
use stop::Stop;

use crate::lua::{context::Context, failed::BOUNDED, raised::raise_leave};

/// Replaces the functions.
///
/// # Errors
/// Lua has no memory.
pub fn install(lua: &Lua, context: &Context) -> mlua::Result<()> {
    let asking = context.clone();
    let scan = lua.create_function(
        move |lua, (text, pattern, from, anchored, last): (LuaString, LuaString, usize, bool, Option<usize>)| {
            let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
            let found = asked(lua, &asking, &text, &pattern, |matcher| matcher.first(from, anchored, last))?;
            answer(lua, found, |found| found.map_or_else(|| Ok(MultiValue::new()), |found| captured(lua, &text, found)))
        },
    )?;
    let asking = context.clone();
    let scan_plain = lua.create_function(move |lua, (text, pattern, from): (LuaString, LuaString, usize)| {
        let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
        let found = asked(lua, &asking, &text, &pattern, |matcher| matcher.first_plain(from))?;
        answer(lua, found, |found| match found {
            Some(start) => (start + 1, start + pattern.len()).into_lua_multi(lua),
            None => Ok(MultiValue::new()),
        })
    })?;
    let asking = context.clone();
    let poll = lua.create_function(move |lua, work: u64| match asking.reason_to_leave(work) {
        Some(why) => Err(raise_leave(lua, why)),
        None => Ok(()),
    })?;
    let prelude = lua.load(include_str!("bounded.lua")).set_name(format!("={BOUNDED}"));
    prelude.call((scan, scan_plain, poll))
}

/// Lets a matcher answer, which asks whether the script should be broken off.
fn asked<T>(
    lua: &Lua,
    context: &Context,
    text: &[u8],
    pattern: &[u8],
    ask: impl FnOnce(&mut Matcher<'_>) -> Result<T, Stop>,
) -> mlua::Result<Result<T, String>> {
    let mut why = None;
    let mut asks = |steps| {
        why = context.reason_to_leave(steps);
        why.is_some()
    };
    let answer = ask(&mut Matcher::new(text, pattern, &mut asks));
    match (answer, why) {
        (_, Some(why)) => Err(raise_leave(lua, why)),
        (Ok(found), None) => Ok(Ok(found)),
        (Err(Stop::Wrong(message)), None) => Ok(Err(message)),
        (Err(Stop::Broken), None) => Ok(Err("broken off".into())),
    }
}

/// `false` and a message where the pattern is wrong.
fn answer<T>(
    lua: &Lua,
    found: Result<T, String>,
    values: impl FnOnce(T) -> mlua::Result<MultiValue>,
) -> mlua::Result<MultiValue> {
    found.map_or_else(|message| (false, message).into_lua_multi(lua), values)
}

/// The first position, the last one, and the captures; false for one that is not closed.
fn captured(lua: &Lua, text: &[u8], found: Match) -> mlua::Result<MultiValue> {
    let captures = found.captures.into_iter().map(|capture| match capture {
        Capture::Text(from, to) => Ok(Value::String(lua.create_string(&text[from..to])?)),
        Capture::Position(position) => Ok(Value::Integer(position as i64 + 1)),
        Capture::Unfinished => Ok(Value::Boolean(false)),
    });
    let bounds = [Value::Integer(found.start as i64 + 1), Value::Integer(found.end as i64)];
    bounds.into_iter().map(Ok).chain(captures).collect()
}

#[cfg(test)]
mod tests;
