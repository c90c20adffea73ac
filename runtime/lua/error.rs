//! Errors between Lua and the core: raised at the script's line, printed with the script's frame first.

use std::{fmt, rc::Rc};

use mlua::Lua;

use super::leaving::{Leave, Leaving};
use crate::Error;

/// The names that texts of our own have in tracebacks: the protected calls, the order of tables, and what is done in pieces.
pub(super) const CALLS: &str = "protected calls";
pub(super) const ORDER: &str = "table order";
pub(super) const BOUNDED: &str = "bounded library";

const OWN: [&str; 3] = [CALLS, ORDER, BOUNDED];

/// A message without the place in our own functions that Lua's may begin with.
pub(super) fn without_place(message: &str) -> &str {
    let place = OWN.iter().find_map(|own| message.strip_prefix(own)?.strip_prefix(':'));
    place.and_then(|rest| rest.split_once(": ")).map_or(message, |(_, message)| message)
}

/// What is raised on its way through Lua, with the place in the script where that was.
#[derive(Debug)]
struct Raised {
    at: Option<String>,
    what: What,
}

#[derive(Debug)]
enum What {
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

/// A script that failed: a message that starts with file and line, and the frames that led there.
#[derive(Debug)]
pub struct ScriptError {
    message: String,
    frames: Vec<String>,
    cause: Cause,
}

/// What kind of failure it is, where somebody goes by that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Cause {
    /// The script is wrong.
    #[default]
    Script,
    /// The command line is.
    Usage,
    /// The user asked to stop.
    Interrupt,
    /// A loss, a gradient or an embedding is not finite.
    NotFinite,
    /// The device, or the budget for tensors, has no room left.
    OutOfMemory,
}

impl Cause {
    fn of(error: &Error) -> Self {
        match error {
            Error::Interrupted => Self::Interrupt,
            Error::NotFinite { .. } => Self::NotFinite,
            Error::OutOfMemory { .. } | Error::OverBudget { .. } | Error::NoRoom { .. } => Self::OutOfMemory,
            _ => Self::Script,
        }
    }
}

impl ScriptError {
    /// A failure at a place that is known without a stack.
    pub fn at(place: impl fmt::Display, message: impl fmt::Display) -> Self {
        Self { message: format!("{place}: {message}"), frames: Vec::new(), cause: Cause::Script }
    }

    /// A core error at a place that is known without a stack.
    pub(super) fn raised_at(place: impl fmt::Display, error: &Error) -> Self {
        Self { cause: Cause::of(error), ..Self::at(place, error) }
    }

    /// A failure that is the command line's: [`ScriptError::is_usage`].
    pub fn usage(place: impl fmt::Display, message: impl fmt::Display) -> Self {
        Self { cause: Cause::Usage, ..Self::at(place, message) }
    }

    /// Whether a message says the same, whatever else it says.
    pub(super) fn says(&self, text: &str) -> bool {
        self.message.contains(text)
    }

    pub(super) fn add_frame(&mut self, frame: String) {
        self.frames.push(frame);
    }

    /// Whether the command line is wrong, rather than the script.
    pub fn is_usage(&self) -> bool {
        self.cause == Cause::Usage
    }

    /// Whether the user asked to stop, rather than the script being wrong.
    pub fn is_interrupt(&self) -> bool {
        self.cause == Cause::Interrupt
    }

    /// Whether a loss, a gradient or an embedding was not finite.
    pub(crate) fn is_not_finite(&self) -> bool {
        self.cause == Cause::NotFinite
    }

    /// Whether there was no memory left.
    pub(crate) fn is_out_of_memory(&self) -> bool {
        self.cause == Cause::OutOfMemory
    }

    /// The same with what may help.
    pub(crate) fn advising(self, advice: &str) -> Self {
        Self { message: format!("{}; {advice}", self.message), ..self }
    }

    /// The first line: file, line and what is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.frames.iter().try_for_each(|frame| write!(f, "\n    {frame}"))
    }
}

impl std::error::Error for ScriptError {}

impl From<Error> for ScriptError {
    fn from(error: Error) -> Self {
        Self { message: error.to_string(), frames: Vec::new(), cause: Cause::of(&error) }
    }
}

impl From<Leave> for ScriptError {
    fn from(why: Leave) -> Self {
        let cause = if why == Leave::Interrupted { Cause::Interrupt } else { Cause::Script };
        Self { message: why.to_string(), frames: Vec::new(), cause }
    }
}

impl From<mlua::Error> for ScriptError {
    fn from(error: mlua::Error) -> Self {
        let mut found = Self { message: String::new(), frames: Vec::new(), cause: Cause::Script };
        found.read(&error);
        if !starts_with_place(&found.message)
            && let Some(place) = found.frames.first().and_then(|frame| place_of(frame))
        {
            found.message = format!("{place}: {}", found.message);
        }
        found
    }
}

impl ScriptError {
    fn read(&mut self, error: &mlua::Error) {
        match error {
            mlua::Error::CallbackError { traceback, cause } => {
                self.read(cause);
                self.add_frames(traceback);
            }
            mlua::Error::WithContext { cause, .. } => self.read(cause),
            mlua::Error::ExternalError(inner) => match inner.downcast_ref::<Raised>() {
                Some(raised) => {
                    self.cause = match &raised.what {
                        What::Failed(error) => Cause::of(error),
                        What::Left(Leave::Interrupted) => Cause::Interrupt,
                        What::Left(_) => Cause::Script,
                    };
                    self.message = raised.to_string();
                }
                None => match inner.downcast_ref::<mlua::Error>() {
                    Some(inner) => self.read(inner),
                    None => self.message = inner.to_string(),
                },
            },
            mlua::Error::RuntimeError(text) => {
                let (message, trace) = text.split_once("\nstack traceback:").unwrap_or((text, ""));
                self.message = without_place(message).to_owned();
                self.add_frames(trace);
            }
            mlua::Error::SyntaxError { message, .. } => self.message = message.clone(),
            other => self.message = other.to_string().lines().next().unwrap_or_default().to_owned(),
        }
    }

    /// Keeps the frames that are lines of scripts.
    fn add_frames(&mut self, traceback: &str) {
        for line in traceback.lines().map(str::trim) {
            let is_script = place_of(line).is_some()
                && !["[C]", "[string", "__mlua"].iter().chain(&OWN).any(|start| line.starts_with(start));
            if is_script && !self.frames.iter().any(|frame| frame == line) {
                self.frames.push(line.to_owned());
            }
        }
    }
}

/// `file:line` of a traceback's line `file:line: in function 'loss'`.
fn place_of(frame: &str) -> Option<String> {
    let (place, _) = frame.split_once(": in ")?;
    let (_, line) = place.rsplit_once(':')?;
    line.parse::<u32>().ok().map(|_| place.to_owned())
}

fn starts_with_place(message: &str) -> bool {
    message
        .split_once(": ")
        .is_some_and(|(place, _)| place.rsplit_once(':').is_some_and(|(_, line)| line.parse::<u32>().is_ok()))
}

/// Turns a core error into a Lua error that names the innermost line of a script on the stack.
pub(super) fn raise(lua: &Lua, error: Error) -> mlua::Error {
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
pub(super) fn raise_leave(lua: &Lua, why: Leave) -> mlua::Error {
    let at = innermost_line(lua).map(|(name, line)| format!("{name}:{line}"));
    mlua::Error::external(Raised { at, what: What::Left(why) })
}

/// Why the script's functions were left, where a Lua error was raised for that. A call into the core that was broken off is the
/// same as one that was not begun.
pub(super) fn left_by(raised: &mlua::Error) -> Option<Leave> {
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
pub(super) fn innermost_line(lua: &Lua) -> Option<(String, usize)> {
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
