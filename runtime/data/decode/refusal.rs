//! Why an image file was refused.

use std::{fmt, io, path::Path};

use crate::{Error, data::OP};

/// Why a file was refused.
#[derive(Debug)]
pub enum Refusal {
    /// By the operating system.
    Io(io::Error),
    /// For what it holds, or does not hold.
    Data(String),
}

impl Refusal {
    /// The error that names the file, one of a data set.
    pub fn at(self, path: &Path) -> Error {
        self.of(OP, path)
    }

    /// The error of an operation that names the file.
    pub fn of(self, op: &'static str, path: &Path) -> Error {
        match self {
            Self::Io(source) => Error::io(op, path, source),
            Self::Data(reason) => Error::data(op, path, reason),
        }
    }
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Self::Data(reason)
    }
}

impl From<io::Error> for Refusal {
    fn from(source: io::Error) -> Self {
        Self::Io(source)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(source) => source.fmt(formatter),
            Self::Data(reason) => formatter.write_str(reason),
        }
    }
}
