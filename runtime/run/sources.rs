//! Where a script's files come from: the disk, the program itself, or the copies that a run keeps of a version. Remembers
//! what was loaded, and what was looked for in vain, also where the loading fails.

use std::{
    cell::RefCell,
    io,
    path::{Path, PathBuf},
    rc::Rc,
};

use super::SourceFile;
use crate::{files::regular, shipped};

/// The files of one script as it is loaded. Cloning shares it.
#[derive(Clone, Default)]
pub struct Sources(Rc<Inner>);

#[derive(Default)]
struct Inner {
    recorded: Vec<SourceFile>,
    loaded: RefCell<Vec<SourceFile>>,
    missing: RefCell<Vec<PathBuf>>,
}

impl Sources {
    /// The disk.
    pub fn disk() -> Self {
        Self::default()
    }

    /// A version's files as they were; the disk for any other.
    pub fn recorded(files: Vec<SourceFile>) -> Self {
        Self(Rc::new(Inner { recorded: files, ..Inner::default() }))
    }

    /// Whether the files come from the disk, not from the copies of a run.
    pub fn are_of_the_disk(&self) -> bool {
        self.0.recorded.is_empty()
    }

    /// Whether there is such a file. One that is not there is remembered.
    pub fn has(&self, path: &Path) -> bool {
        let found = self.has_recorded(path)
            || if shipped::is_place(path) { shipped::bytes(path).is_some() } else { path.is_file() };
        if !found {
            self.note_missing(path);
        }
        found
    }

    /// The bytes of a file, which then counts as loaded. They are the same however often it is opened.
    pub fn open(&self, path: &Path) -> io::Result<Vec<u8>> {
        if let Some(known) = self.0.loaded.borrow().iter().find(|file| file.path == path) {
            return Ok(known.bytes.clone());
        }
        let recorded = self.0.recorded.iter().find(|file| file.path == path).map(|file| file.bytes.clone());
        let bytes = match recorded {
            Some(bytes) => bytes,
            None if shipped::is_place(path) => shipped::bytes(path).ok_or(io::ErrorKind::NotFound)?.to_vec(),
            None => regular::read(path).inspect_err(|_| self.note_missing(path))?,
        };
        self.0.loaded.borrow_mut().push(SourceFile { path: path.to_owned(), bytes: bytes.clone() });
        Ok(bytes)
    }

    /// Every file that was loaded, in order.
    pub fn loaded(&self) -> Vec<SourceFile> {
        self.0.loaded.borrow().clone()
    }

    /// Every file that the version consists of as far as is known: what was recorded, and what else was loaded.
    pub fn files(&self) -> Vec<SourceFile> {
        let recorded = &self.0.recorded;
        let is_new = |file: &&SourceFile| recorded.iter().all(|known| known.path != file.path);
        recorded.iter().chain(self.0.loaded.borrow().iter().filter(is_new)).cloned().collect()
    }

    /// The same, without those that are part of the program, which nobody edits.
    pub fn files_of_disk(&self) -> Vec<SourceFile> {
        of_disk(self.files())
    }

    /// Every file that was loaded, without those.
    pub fn loaded_of_disk(&self) -> Vec<SourceFile> {
        of_disk(self.loaded())
    }

    /// The number of files that were loaded.
    pub fn count(&self) -> usize {
        self.0.loaded.borrow().len()
    }

    /// Whether a file is among those that were recorded.
    pub fn has_recorded(&self, path: &Path) -> bool {
        self.0.recorded.iter().any(|file| file.path == path)
    }

    /// Files that were looked for and not there.
    pub fn missing(&self) -> Vec<PathBuf> {
        self.0.missing.borrow().clone()
    }

    fn note_missing(&self, path: &Path) {
        let mut missing = self.0.missing.borrow_mut();
        if !missing.iter().any(|known| known == path) {
            missing.push(path.to_owned());
        }
    }
}

fn of_disk(mut files: Vec<SourceFile>) -> Vec<SourceFile> {
    files.retain(|file| !shipped::is_place(&file.path));
    files
}
