//! A file of JSON lines that is only ever appended to, whole lines at a time.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
    time::{Duration, Instant},
};

use serde::Serialize;

use crate::{Error, Result};

const FLUSH_INTERVAL: Duration = Duration::from_secs(1);
/// What is held back at most while the file refuses to be written.
const HELD_BYTES: usize = 1 << 20;

/// An open file of JSON lines. Dropping it writes what is still buffered.
#[derive(Debug)]
pub(super) struct JsonLines {
    path: PathBuf,
    file: File,
    /// The length up to the last whole line.
    length: u64,
    buffer: Vec<u8>,
    flushed: Instant,
}

impl JsonLines {
    /// Opens or makes the file. A last line that a crash cut short is ended, so that it cannot run into the next.
    pub(super) fn open(path: PathBuf) -> Result<Self> {
        let (file, length, is_cut) = open(&path).map_err(|source| Error::io("log", &path, source))?;
        let buffer = if is_cut { vec![b'\n'] } else { Vec::new() };
        Ok(Self { path, file, length, buffer, flushed: Instant::now() })
    }

    /// Appends one line, and writes when the last write is a while ago.
    pub(super) fn push(&mut self, line: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_vec(line).map_err(|error| Error::io("log", &self.path, error.into()))?;
        text.push(b'\n');
        if self.buffer.len() + text.len() <= HELD_BYTES {
            self.buffer.append(&mut text);
        }
        if self.flushed.elapsed() < FLUSH_INTERVAL && self.buffer.len() < HELD_BYTES / 2 {
            return Ok(());
        }
        self.flush()
    }

    /// Writes what is buffered. Where that fails, the file ends after the last whole line and the buffer is
    /// tried again with the next lines.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.flushed = Instant::now();
        if let Err(source) = self.file.write_all(&self.buffer) {
            let _ = self.file.set_len(self.length);
            let _ = self.file.seek(SeekFrom::Start(self.length));
            return Err(Error::io("log", &self.path, source));
        }
        self.length += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

impl Drop for JsonLines {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// The file, its length, and whether its last line lacks an end.
fn open(path: &std::path::Path) -> io::Result<(File, u64, bool)> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    let length = file.metadata()?.len();
    let mut last = [b'\n'];
    if length > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    Ok((file, length, last != [b'\n']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn lines_are_appended_and_a_cut_line_stays_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        fs::write(&path, "{\"step\":1}\n{\"st").unwrap();
        for step in [3, 4] {
            JsonLines::open(path.clone()).unwrap().push(&step).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"step\":1}\n{\"st\n3\n4\n");
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let message = JsonLines::open(folder.path().join("missing/metrics.jsonl")).unwrap_err().to_string();
        assert!(message.starts_with("log: ") && message.contains("missing/metrics.jsonl: "), "{message}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_and_holds_back_only_so_much() {
        let mut lines = JsonLines::open("/dev/full".into()).unwrap();
        let text = "x".repeat(HELD_BYTES / 4);
        let results: Vec<_> = (0..8).map(|_| lines.push(&text)).collect();
        let message = results[7].as_ref().unwrap_err().to_string();
        assert!(message.starts_with("log: /dev/full: "), "{message}");
        assert!(lines.buffer.len() <= HELD_BYTES);
    }
}
