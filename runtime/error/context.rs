//! What stands around an error: the part of a model that it comes from, and what led to it.

use super::{Error, Underlying};

impl Error {
    /// The same with what led to it.
    pub fn caused_by(self, source: impl Into<Underlying>) -> Self {
        Self::Caused { error: Box::new(self), source: source.into() }
    }

    /// The same within a part of a model: the innermost part that it comes from stays its place. Being asked to stop is
    /// no failure of any part.
    pub fn within(self, path: &str) -> Self {
        match self.root() {
            Self::Interrupted => self,
            _ if self.part().is_some() => self,
            _ => Self::Within { path: path.to_owned(), source: self.into() },
        }
    }

    /// The same in the backward pass of an operation, and the line of the script that called it. What a function of the
    /// script failed with has a line of its own.
    pub fn in_backward(self, op: &str, at: Option<String>) -> Self {
        match self.root() {
            Self::Interrupted | Self::Callback(_) => self,
            _ if self.recorded_at().is_some() => self,
            _ => Self::Backward { op: op.to_owned(), at: at.unwrap_or_default(), source: self.into() },
        }
    }

    /// The line of the script that called the operation whose gradient failed; empty where nobody knows.
    pub fn recorded_at(&self) -> Option<&str> {
        match self {
            Self::Backward { at, .. } => Some(at),
            Self::Within { source, .. } => source.recorded_at(),
            Self::Caused { error, .. } => error.recorded_at(),
            _ => None,
        }
    }

    /// The part of a model that it comes from.
    pub fn part(&self) -> Option<&str> {
        match self {
            Self::Within { path, .. } => Some(path),
            Self::Caused { error, .. } => error.part(),
            _ => None,
        }
    }

    /// What is wrong, wherever it is and whatever led to it.
    pub fn root(&self) -> &Self {
        match self {
            Self::Within { source, .. } | Self::Backward { source, .. } => source.root(),
            Self::Caused { error, .. } => error.root(),
            error => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{error::Error as StdError, io};

    #[test]
    fn a_part_of_a_model_is_told_before_any_error_and_the_innermost_one_alone() {
        let refused = || Error::Kind { op: "conv2d", want: "float32", got: "int32" };
        let within = refused().within("encoder.conv1").within("encoder");
        assert_eq!(within.to_string(), "encoder.conv1: conv2d: wants a float32 tensor, got int32");
        assert!(matches!(within.root(), Error::Kind { .. }));
        let source = StdError::source(&within).and_then(|source| source.downcast_ref::<Error>());
        assert!(matches!(source, Some(Error::Kind { .. })));
        let full = Error::OutOfMemory { asked: None, live: 0 }.within("encoder");
        assert!(matches!(full.root(), Error::OutOfMemory { .. }) && full.to_string().starts_with("encoder: memory: "));
        assert!(matches!(Error::Interrupted.within("encoder"), Error::Interrupted));
    }

    #[test]
    fn what_led_to_an_error_stays_with_it_and_changes_no_message() {
        let missing = io::Error::from_raw_os_error(2);
        let error = Error::State { op: "fork", reason: "no place".into() }.caused_by(missing).within("model");
        assert_eq!(error.to_string(), "model: fork: no place");
        let caused = StdError::source(&error).and_then(|caused| caused.source());
        assert!(caused.is_some_and(|source| source.is::<io::Error>()));
    }
}
