//! What a Lua error has in it: the failed call into the core or the leaving that was raised, the parts of a model on
//! its way, what it says and the script's frames that led there.

use std::fmt;

use super::{cause::Cause, leaving::Leave};
use crate::Error;

/// The names that texts of our own have in tracebacks: the protected calls, the order of tables, and what is done in
/// pieces.
pub const CALLS: &str = "protected calls";
pub const ORDER: &str = "table order";
pub const BOUNDED: &str = "bounded library";

/// All of them.
const OWN: [&str; 3] = [CALLS, ORDER, BOUNDED];

/// A message without the place that Lua's begin with when our own functions raised them.
pub fn without_place(message: &str) -> &str {
    let place = OWN.iter().find_map(|own| message.strip_prefix(own)?.strip_prefix(':'));
    place.and_then(|rest| rest.split_once(": ")).map_or(message, |(_, message)| message)
}

/// What is raised on its way through Lua, with the place in the script where that was.
#[derive(Debug)]
pub struct Raised {
    pub at: Option<String>,
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
    /// Lua's own error within a part of a model whose forward pass is the script's.
    Within { path: String, error: mlua::Error },
}

impl fmt::Display for Raised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.iter().try_for_each(|at| write!(f, "{at}: "))?;
        match &self.what {
            What::Failed(error) => error.fmt(f),
            What::Left(why) => why.fmt(f),
            What::Within { path, error } => f.write_str(&FailureText::of(error).within(path).message),
        }
    }
}

impl std::error::Error for Raised {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.what {
            What::Failed(error) => Some(error),
            What::Left(_) => None,
            What::Within { error, .. } => Some(error),
        }
    }
}

/// What was raised first: a failed call or the leaving. None where the error is Lua's own.
pub fn raised_in(error: &mlua::Error) -> Option<&Raised> {
    let raised = outermost(error)?;
    match &raised.what {
        What::Within { error, .. } => raised_in(error),
        _ => Some(raised),
    }
}

/// Whether it is known which part of a model it comes from.
pub fn is_within(error: &mlua::Error) -> bool {
    outermost(error).is_some_and(|raised| match &raised.what {
        What::Within { .. } => true,
        What::Failed(error) => error.part().is_some(),
        What::Left(_) => false,
    })
}

/// The core's error in one of Lua.
pub fn core_error(error: &mlua::Error) -> Option<&Error> {
    match &raised_in(error)?.what {
        What::Failed(error) => Some(error),
        _ => None,
    }
}

fn outermost(error: &mlua::Error) -> Option<&Raised> {
    match error {
        mlua::Error::CallbackError { cause, .. } | mlua::Error::WithContext { cause, .. } => outermost(cause),
        mlua::Error::ExternalError(inner) => {
            let nested = || inner.downcast_ref::<mlua::Error>().and_then(outermost);
            inner.downcast_ref::<Raised>().or_else(nested)
        }
        _ => None,
    }
}

/// What a Lua error says: the message, and the frames that are lines of scripts.
#[derive(Default)]
pub struct FailureText {
    pub message: String,
    pub frames: Vec<String>,
    pub cause: Cause,
}

impl FailureText {
    /// Reads an error.
    pub fn of(error: &mlua::Error) -> Self {
        let mut told = Self::default();
        told.read(error);
        told
    }

    /// The same in a part of a model, whose path comes after the place.
    fn within(self, path: &str) -> Self {
        let message = match split_place(&self.message) {
            Some((place, message)) => format!("{place}: {path}: {message}"),
            None => format!("{path}: {}", self.message),
        };
        Self { message, ..self }
    }

    /// The same with the place of the innermost frame, where the message has none.
    pub fn placed(self) -> Self {
        let place = self.frames.first().and_then(|frame| place_of(frame));
        match place {
            Some(place) if split_place(&self.message).is_none() => {
                Self { message: format!("{place}: {}", self.message), ..self }
            }
            _ => self,
        }
    }

    fn read(&mut self, error: &mlua::Error) {
        match error {
            mlua::Error::CallbackError { traceback, cause } => {
                self.read(cause);
                self.add_frames(traceback);
            }
            mlua::Error::WithContext { cause, .. } => self.read(cause),
            mlua::Error::ExternalError(inner) => match inner.downcast_ref::<Raised>() {
                Some(raised) => self.read_raised(raised),
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

    fn read_raised(&mut self, raised: &Raised) {
        match &raised.what {
            What::Failed(error) => self.cause = Cause::of(error),
            What::Left(why) => self.cause = Cause::from(why),
            What::Within { error, path } => {
                *self = Self::of(error).within(path);
                return;
            }
        }
        self.message = raised.to_string();
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
    is_place(place).then(|| place.to_owned())
}

/// The place that a message begins with, and the rest.
fn split_place(message: &str) -> Option<(&str, &str)> {
    message.split_once(": ").filter(|(place, _)| is_place(place))
}

fn is_place(text: &str) -> bool {
    text.rsplit_once(':').is_some_and(|(_, line)| line.parse::<u32>().is_ok())
}
