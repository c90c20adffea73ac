//! Raising through Lua at the script's line: a failed call into the core, or the leaving of the script's functions.

use std::rc::Rc;

use mlua::Lua;

use super::{
    cause::Cause,
    failed::{Raised, What, is_within, raised_in},
    leaving::{Leave, Leaving},
};
use crate::Error;

/// Turns a core error into a Lua error that names the innermost line of a script on the stack.
pub fn raise(lua: &Lua, error: Error) -> mlua::Error {
    // A callback's error already has its place.
    let error = match of_callback(error) {
        Ok(raised) => return raised,
        Err(error) => error,
    };
    if let Some(leaving) = lua.app_data_ref::<Rc<Leaving>>() {
        match Cause::of(&error) {
            Cause::OutOfMemory => leaving.set_lacks_memory(true),
            Cause::Interrupt => leaving.break_off(),
            _ => {}
        }
    }
    let at = |(name, line)| format!("{name}:{line}");
    let at = match &error {
        // It is in the shader, whose place it has; the script's is among the frames.
        Error::Shader { .. } => None,
        // The pass was begun elsewhere; what failed was called here.
        error if error.recorded_at().is_some_and(|at| !at.is_empty()) => error.recorded_at().map(str::to_owned),
        // The batch is an option of the script; a library that asks for it is not to blame.
        error if matches!(error.root(), Error::BatchTooLarge { .. }) => lines(lua).last().map(at),
        _ => innermost_line(lua).map(at),
    };
    mlua::Error::external(Raised { at, what: What::Failed(error) })
}

/// The Lua error in a core error that a function of the script has led to.
pub fn of_callback(error: Error) -> Result<mlua::Error, Error> {
    match error {
        Error::Callback(inner) => inner.downcast::<mlua::Error>().map(|raised| *raised).map_err(Error::Callback),
        Error::Caused { error, source } => {
            of_callback(*error).map_err(|error| Error::Caused { error: error.into(), source })
        }
        Error::Within { path, source } => match of_callback(source.into_error()) {
            Ok(raised) => Ok(within(path, raised)),
            Err(source) => Err(Error::Within { path, source: source.into() }),
        },
        error => Err(error),
    }
}

/// A Lua error within a part of a model, unless it is known already which part it comes from, or it is no failure.
fn within(path: String, error: mlua::Error) -> mlua::Error {
    if is_within(&error) || left_by(&error).is_some() {
        return error;
    }
    mlua::Error::external(Raised { at: None, what: What::Within { path, error } })
}

/// Leaves the script's functions by a Lua error that names the innermost line of a script on the stack.
pub fn raise_leave(lua: &Lua, why: Leave) -> mlua::Error {
    let at = innermost_line(lua).map(|(name, line)| format!("{name}:{line}"));
    mlua::Error::external(Raised { at, what: What::Left(why) })
}

/// Why the script's functions were left, where a Lua error was raised for that. A call into the core that was broken
/// off is the same as one that was not begun.
pub fn left_by(raised: &mlua::Error) -> Option<Leave> {
    match &raised_in(raised)?.what {
        What::Left(why) => Some(why.clone()),
        What::Failed(error) if matches!(error.root(), Error::Interrupted) => Some(Leave::Interrupted),
        _ => None,
    }
}

/// The file and the line of the innermost frame that is a script's.
pub fn innermost_line(lua: &Lua) -> Option<(String, usize)> {
    lines(lua).next()
}

/// The file and the line of each frame that is a script's, the innermost first.
fn lines(lua: &Lua) -> impl Iterator<Item = (String, usize)> {
    (0..32).filter_map(|level| {
        lua.inspect_stack(level, |frame| {
            let line = frame.current_line()?;
            let source = frame.source();
            let name = source.source?.strip_prefix('@')?.to_owned();
            Some((name, line))
        })
        .flatten()
    })
}
