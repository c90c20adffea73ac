//! A script that failed, as it is told: the script's frame first.

use std::fmt;

use super::{
    cause::Cause,
    leaving::Leave,
    raised::{OWN, Raised, What, without_place},
};
use crate::Error;

/// A script that failed: a message that starts with file and line, and the frames that led there.
#[derive(Debug)]
pub struct ScriptError {
    message: String,
    frames: Vec<String>,
    cause: Cause,
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
        Self { message: why.to_string(), frames: Vec::new(), cause: Cause::from(&why) }
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
                        What::Left(why) => Cause::from(why),
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
