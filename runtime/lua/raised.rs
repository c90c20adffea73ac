//! What is raised through Lua at the script's line: a failed call into the core, or the leaving of the script's functions.

use std::{fmt, rc::Rc};

use mlua::Lua;

use super::{
    cause::Cause,
    leaving::{Leave, Leaving},
};
use crate::Error;

/// The names that texts of our own have in tracebacks: the protected calls, the order of tables, and what is done in pieces.
pub const CALLS: &str = "protected calls";
pub const ORDER: &str = "table order";
pub const BOUNDED: &str = "bounded library";

/// All of them.
pub const OWN: [&str; 3] = [CALLS, ORDER, BOUNDED];

/// A message without the place in our own functions that Lua's may begin with.
pub fn without_place(message: &str) -> &str {
    let place = OWN.iter().find_map(|own| message.strip_prefix(own)?.strip_prefix(':'));
    place.and_then(|rest| rest.split_once(": ")).map_or(message, |(_, message)| message)
}

/// What is raised on its way through Lua, with the place in the script where that was.
#[derive(Debug)]
pub struct Raised {
    at: Option<String>,
    /// What it is.
    pub what: What,
}

/// What can be raised.
#[derive(Debug)]
pub enum What {
    /// A call into the core has failed.
    Failed(Error),
    /// The script's functions are left.
    Left(Leave),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => error.fmt(f),
            Self::Left(why) => why.fmt(f),
        }
    }
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Some(at) => write!(f, "{at}: {}", self.what),
            None => self.what.fmt(f),
        }
    }
}

impl std::error::Error for Raised {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.what {
            What::Failed(error) => Some(error),
            What::Left(_) => None,
        }
    }
}

/// Turns a core error into a Lua error that names the innermost line of a script on the stack.
pub fn raise(lua: &Lua, error: Error) -> mlua::Error {
    // A callback's error already has its place.
    let error = match error {
        Error::Callback(inner) => match inner.downcast::<mlua::Error>() {
            Ok(inner) => return *inner,
            Err(inner) => Error::Callback(inner),
        },
        error => error,
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
        // The batch is an option of the script; a library that asks for it is not to blame.
        Error::BatchTooLarge { .. } => lines(lua).last().map(at),
        _ => innermost_line(lua).map(at),
    };
    mlua::Error::external(Raised { at, what: What::Failed(error) })
}

/// Leaves the script's functions by a Lua error that names the innermost line of a script on the stack.
pub fn raise_leave(lua: &Lua, why: Leave) -> mlua::Error {
    let at = innermost_line(lua).map(|(name, line)| format!("{name}:{line}"));
    mlua::Error::external(Raised { at, what: What::Left(why) })
}

/// Why the script's functions were left, where a Lua error was raised for that. A call into the core that was broken off is the
/// same as one that was not begun.
pub fn left_by(raised: &mlua::Error) -> Option<Leave> {
    match &raised_in(raised)?.what {
        What::Left(why) => Some(why.clone()),
        What::Failed(Error::Interrupted) => Some(Leave::Interrupted),
        What::Failed(_) => None,
    }
}

fn raised_in(error: &mlua::Error) -> Option<&Raised> {
    match error {
        mlua::Error::CallbackError { cause, .. } | mlua::Error::WithContext { cause, .. } => raised_in(cause),
        mlua::Error::ExternalError(inner) => {
            let nested = || inner.downcast_ref::<mlua::Error>().and_then(raised_in);
            inner.downcast_ref::<Raised>().or_else(nested)
        }
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
