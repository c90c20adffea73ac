//! One mistake at one place.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use crate::message::{self, sentence};

/// What is wrong on a line, and what to write. Ordered by place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    path: PathBuf,
    /// From 1; 0 where the whole file is meant.
    line: usize,
    message: String,
    /// What every report of the same mistake begins with.
    key: Option<String>,
}

impl Finding {
    pub(super) fn of_file(path: &Path, message: &str) -> Self {
        Self { path: path.to_owned(), line: 0, message: message.to_owned(), key: None }
    }

    pub(super) fn at(path: &Path, line: usize, message: String) -> Self {
        Self { path: path.to_owned(), line, message, key: None }
    }

    pub(super) fn with_key(self, key: &str) -> Self {
        let key = format!("{}:{}: {key}", self.path.display(), self.line);
        Self { key: Some(key), ..self }
    }

    /// The key under which the script may have reported it already, while it ran.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", message::path(&self.path), sentence(&self.message)),
            line => write!(f, "{}:{line}: {}", message::path(&self.path), sentence(&self.message)),
        }
    }
}
