//! Where something is read, for messages: the operation, the file, and the name of an array in it.

use std::{
    io::{self, Read},
    path::Path,
};

use crate::{Error, Result, files::Opened, memory};

/// What is being read.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    op: &'static str,
    path: &'a Path,
    name: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// A file.
    pub fn new(op: &'static str, path: &'a Path) -> Self {
        Self { op, path, name: None }
    }

    /// An array in the file.
    pub fn of(self, name: &'a str) -> Self {
        Self { name: Some(name), ..self }
    }

    /// The operation.
    pub fn op(self) -> &'static str {
        self.op
    }

    /// An error in what the file holds.
    pub fn wrong(self, reason: impl Into<String>) -> Error {
        let reason = reason.into();
        Error::data(self.op, self.path, self.name.map_or(reason.clone(), |name| format!("{name}: {reason}")))
    }

    /// The system's error, or that of a library that reads the file through it.
    pub fn refused(self, error: io::Error) -> Error {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.wrong("is cut off"),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported => {
                self.wrong(error.to_string()).caused_by(error)
            }
            _ => Error::io(self.op, self.path, error),
        }
    }

    /// The same, with the file in what a tensor's own rules say.
    pub fn told<T>(self, made: Result<T>) -> Result<T> {
        made.map_err(|error| match error {
            Error::Shape { want, got, .. } => self.wrong(format!("{want}, got shape {got:?}")),
            Error::NoRoom { wanted, left, live, advice, .. } => {
                Error::NoRoom { op: format!("{}: {}", self.op, self.path.display()), wanted, left, live, advice }
            }
            error => error,
        })
    }
}

/// All bytes of a file, once there is room for them.
///
/// # Errors
/// There is none; the operating system refused.
pub(crate) fn read_whole(mut file: Opened, place: Place) -> Result<Vec<u8>> {
    let length = usize::try_from(file.length()).unwrap_or(usize::MAX);
    place.told(memory::check_machine(place.op(), length))?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|error| place.wrong(error.to_string()))?;
    file.read_to_end(&mut bytes).map_err(|error| place.refused(error))?;
    Ok(bytes)
}
