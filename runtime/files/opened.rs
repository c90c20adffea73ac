//! A file's bytes to read from, wherever they are: on a disk, or in memory in the place of a file.

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read},
    path::Path,
    rc::Rc,
};

use super::regular;

/// The bytes of one file, from its beginning.
pub struct Opened {
    from: Box<dyn Read>,
    length: u64,
}

impl Opened {
    /// Opens a regular file. Errors as [`regular::open`].
    pub fn file(path: &Path) -> io::Result<Self> {
        let file: File = regular::open(path)?;
        Ok(Self { length: file.metadata()?.len(), from: Box::new(BufReader::new(file)) })
    }

    /// Bytes that stand for a file.
    pub fn memory(bytes: Rc<[u8]>) -> Self {
        Self { length: bytes.len() as u64, from: Box::new(Cursor::new(bytes)) }
    }

    /// How many bytes there are.
    pub fn length(&self) -> u64 {
        self.length
    }
}

impl Read for Opened {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.from.read(bytes)
    }
}
