//! A script that failed, as it is told: the script's frame first.

use std::{error::Error as StdError, fmt, io};

use super::{
    cause::Cause,
    failed::{FailureText, core_error},
    leaving::Leave,
    raised::of_callback,
};
use crate::{
    Error,
    error::Underlying,
    message::{self, lines},
};

/// A script that failed, or a command: a message that starts with the place, the frames that led there, and the error
/// that it tells of, which [`StdError::source`] gives: one of the core, of the system, or of Lua.
#[derive(Debug)]
pub struct ScriptError {
    message: String,
    frames: Vec<String>,
    cause: Cause,
    source: Option<Underlying>,
}

/// What is said of a failure: words, or an error and what it is about.
pub struct Said {
    text: String,
    cause: Cause,
    source: Option<Underlying>,
}

impl From<&str> for Said {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self { text, cause: Cause::Script, source: None }
    }
}

impl From<Error> for Said {
    fn from(error: Error) -> Self {
        Self { text: error.to_string(), cause: Cause::of(&error), source: Some(error.into()) }
    }
}

impl From<io::Error> for Said {
    fn from(error: io::Error) -> Self {
        Self { text: message::io(&error), cause: Cause::Script, source: Some(error.into()) }
    }
}

impl ScriptError {
    /// A failure at a place that is known without a stack.
    pub fn at(place: impl fmt::Display, what: impl Into<Said>) -> Self {
        let Said { text, cause, source } = what.into();
        Self { message: lines(&format!("{place}: {text}")).into_owned(), frames: Vec::new(), cause, source }
    }

    /// A failure that is the command line's: [`ScriptError::is_usage`].
    pub fn usage(place: impl fmt::Display, what: impl Into<Said>) -> Self {
        Self { cause: Cause::Usage, ..Self::at(place, what) }
    }

    /// A flag of the command line whose value makes no sense. The flag stands where the operation would.
    pub fn flag(flag: &str, error: Error) -> Self {
        let text = error.reason();
        Self::usage(flag, Said { text, ..error.into() })
    }

    /// Whether a message says the same, whatever else it says.
    pub(super) fn says(&self, text: &str) -> bool {
        self.message.contains(text)
    }

    pub(super) fn add_frame(&mut self, frame: String) {
        self.frames.push(lines(&frame).into_owned());
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

    fn told(told: FailureText, source: Option<Underlying>) -> Self {
        let shown = |text: String| lines(&text).into_owned();
        Self {
            message: shown(told.message),
            frames: told.frames.into_iter().map(shown).collect(),
            cause: told.cause,
            source,
        }
    }
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.frames.iter().try_for_each(|frame| write!(f, "\n    {frame}"))
    }
}

impl StdError for ScriptError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let source = self.source.as_deref()?;
        let core = source.downcast_ref::<mlua::Error>().and_then(core_error);
        Some(core.map_or(source, |core| core))
    }
}

impl From<Error> for ScriptError {
    fn from(error: Error) -> Self {
        match of_callback(error) {
            Ok(raised) => raised.into(),
            Err(error) => {
                let Said { text, cause, source } = error.into();
                Self::told(FailureText { message: text, frames: Vec::new(), cause }, source)
            }
        }
    }
}

impl From<Leave> for ScriptError {
    fn from(why: Leave) -> Self {
        Self::told(FailureText { message: why.to_string(), frames: Vec::new(), cause: Cause::from(&why) }, None)
    }
}

impl From<mlua::Error> for ScriptError {
    fn from(error: mlua::Error) -> Self {
        Self::told(FailureText::of(&error).placed(), Some(error.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn core_of(error: &ScriptError) -> Option<&Error> {
        error.source().and_then(|source| source.downcast_ref())
    }

    #[test]
    fn a_failed_script_keeps_the_cores_error() {
        let error = ScriptError::at("a.lua:1", Error::data("images", "photos", "no such folder"));
        assert_eq!(error.to_string(), "a.lua:1: images: photos: no such folder");
        assert!(matches!(core_of(&error), Some(Error::Data { .. })));
        let lua = mlua::Lua::new();
        let raised = super::super::raised::raise(&lua, Error::Kind { op: "conv2d", want: "float32", got: "int32" });
        assert!(matches!(core_of(&raised.into()), Some(Error::Kind { .. })));
        let of_lua = ScriptError::from(mlua::Error::runtime("a.lua:2: oh"));
        assert!(of_lua.source().is_some_and(|source| source.is::<mlua::Error>()));
        let missing = ScriptError::at("runs/a", io::Error::from_raw_os_error(2));
        assert!(missing.source().is_some_and(|source| source.is::<io::Error>()), "{missing}");
        assert!(!missing.to_string().contains("os error"), "{missing}");
    }

    #[test]
    fn luas_own_error_in_a_part_of_a_model_has_place_path_and_message() {
        let of_lua = || Error::callback(mlua::Error::runtime("net.lua:7: attempt to index a nil value"));
        let error = ScriptError::from(of_lua().within("encoder.block"));
        assert_eq!(error.to_string(), "net.lua:7: encoder.block: attempt to index a nil value");
        let inner = of_callback(of_lua().within("encoder.block")).expect("it is Lua's");
        let error = ScriptError::from(Error::callback(inner).within("encoder"));
        assert_eq!(error.to_string(), "net.lua:7: encoder.block: attempt to index a nil value");
    }

    #[test]
    fn no_text_of_a_script_is_obeyed_by_a_terminal() {
        let error = ScriptError::from(mlua::Error::runtime("a.lua:1: \x1b[2Jone\n\ttwo"));
        assert_eq!(error.to_string(), "a.lua:1: \\x1b[2Jone\n\ttwo");
        assert_eq!(ScriptError::usage("--set", "bad \x07").to_string(), "--set: bad \\x07");
    }
}
