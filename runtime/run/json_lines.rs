//! A file of JSON lines that is appended to, whole lines at a time, and written anew only to forget lines.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::Serialize;

use super::write_atomically;
use crate::{Error, Result, files::regular};

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
    /// Whether the last write failed, so that lines are held.
    is_refused: bool,
}

impl JsonLines {
    /// Opens or makes the file. A last line that a crash cut short is ended, so that it cannot run into the next.
    pub(super) fn open(path: PathBuf) -> Result<Self> {
        let (file, length, is_cut) = open(&path).map_err(|source| Error::io("log", &path, source))?;
        let buffer = if is_cut { vec![b'\n'] } else { Vec::new() };
        Ok(Self { path, file, length, buffer, flushed: Instant::now(), is_refused: false })
    }

    /// Appends one line, and writes when the last write is a while ago. On an error the line is held all the same,
    /// unless more than [`HELD_BYTES`] are.
    pub(super) fn push(&mut self, line: &impl Serialize) -> Result<()> {
        let mut text = serde_json::to_vec(line).map_err(|error| Error::io("log", &self.path, error.into()))?;
        text.push(b'\n');
        if self.buffer.len() + text.len() > HELD_BYTES {
            self.flush()?;
        }
        self.buffer.append(&mut text);
        if self.flushed.elapsed() < FLUSH_INTERVAL && self.buffer.len() < HELD_BYTES / 2 {
            return Ok(());
        }
        self.flush()
    }

    /// Writes what is buffered. Where that fails, the file ends after the last whole line and the buffer is
    /// tried again with the next lines.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.flushed = Instant::now();
        // A failed write may have left a part of the buffer behind, and moved the file's position.
        let place = self.file.seek(SeekFrom::Start(self.length));
        if let Err(source) = place.and_then(|_| self.file.write_all(&self.buffer)) {
            let _ = self.file.set_len(self.length);
            self.is_refused = true;
            return Err(self.refused(source));
        }
        self.is_refused = false;
        self.length += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Forgets every line, written or buffered, that is not to be kept. The file is written anew, whole or not at all,
    /// and only if a line is to be removed. On an error nothing is forgotten.
    pub(super) fn retain(&mut self, is_kept: impl Fn(&[u8]) -> bool) -> Result<()> {
        let mut bytes = regular::read(&self.path).map_err(|source| self.refused(source))?;
        bytes.truncate(self.length as usize);
        bytes.extend_from_slice(&self.buffer);
        let kept: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| is_kept(line)).collect();
        let kept = kept.concat();
        if kept.len() == bytes.len() {
            return Ok(());
        }
        write_atomically(&self.path, &kept)?;
        // What was buffered is in the new file; dropping the old one must not write it again.
        self.buffer.clear();
        *self = Self::open(self.path.clone())?;
        Ok(())
    }

    /// A second handle to the file, for another thread to have it on the disk with.
    ///
    /// # Errors
    /// The operating system refused.
    pub(super) fn handle(&self) -> Result<File> {
        self.file.try_clone().map_err(|source| self.refused(source))
    }

    /// Everything that was written, also where the file has lost its name.
    ///
    /// # Errors
    /// The operating system refused.
    pub(super) fn written(&mut self) -> Result<Vec<u8>> {
        self.flush()?;
        let mut bytes = Vec::new();
        let read = self.file.seek(SeekFrom::Start(0)).and_then(|_| self.file.read_to_end(&mut bytes));
        read.map_err(|source| self.refused(source))?;
        Ok(bytes)
    }

    /// Whether lines are held that the file has refused.
    pub(super) fn is_refused(&self) -> bool {
        self.is_refused
    }

    /// The same file under another name.
    pub(super) fn rename(&mut self, path: PathBuf) {
        self.path = path;
    }

    fn refused(&self, source: io::Error) -> Error {
        Error::io("log", &self.path, source)
    }
}

impl JsonLines {
    /// Appends one line and has it on the disk when it returns. On an error it is not there, and never will be.
    pub(super) fn push_through(&mut self, line: &impl Serialize) -> Result<()> {
        let (length, held) = (self.length, self.buffer.len());
        let pushed = self.push(line).and_then(|()| self.flush());
        let synced = pushed.and_then(|()| self.file.sync_all().map_err(|source| self.refused(source)));
        if synced.is_err() {
            self.buffer.truncate(held);
            if self.length > length {
                self.length = length;
                let _ = self.file.set_len(length);
            }
        }
        synced
    }
}

impl Drop for JsonLines {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}

/// Values as the lines of a file of JSON lines.
///
/// # Errors
/// One of them is nothing that JSON has.
pub(super) fn lines(path: &Path, values: &[impl Serialize]) -> Result<Vec<u8>> {
    let line = |value| {
        let mut line = serde_json::to_vec(value).map_err(|error| Error::io("log", path, error.into()))?;
        line.push(b'\n');
        Ok(line)
    };
    Ok(values.iter().map(line).collect::<Result<Vec<_>>>()?.concat())
}

/// The file, its length, and whether its last line lacks an end.
fn open(path: &Path) -> io::Result<(File, u64, bool)> {
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

    /// Exchanges the file for one that refuses to be written, and gives it back.
    fn refuse(lines: &mut JsonLines) -> File {
        std::mem::replace(&mut lines.file, File::open(&lines.path).unwrap())
    }

    #[test]
    fn what_a_file_refused_is_written_once_and_in_order_when_it_takes_lines_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut lines = JsonLines::open(path.clone()).unwrap();
        lines.push(&1).unwrap();
        lines.flush().unwrap();
        let mut file = refuse(&mut lines);
        lines.push(&"second").unwrap();
        assert!(lines.flush().is_err());
        lines.push(&3).unwrap();
        assert!(lines.flush().is_err());
        // As a disk does that fills up in the middle of a line.
        file.write_all(b"\"sec").unwrap();
        lines.file = file;
        lines.push(&4).unwrap();
        lines.flush().unwrap();
        lines.flush().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "1\n\"second\"\n3\n4\n");
    }

    #[test]
    fn a_line_that_must_be_there_at_once_is_not_written_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let mut lines = JsonLines::open(path.clone()).unwrap();
        lines.push_through(&1).unwrap();
        let file = refuse(&mut lines);
        assert!(lines.push_through(&2).is_err());
        lines.file = file;
        lines.push_through(&3).unwrap();
        drop(lines);
        assert_eq!(fs::read_to_string(&path).unwrap(), "1\n3\n");
    }

    #[test]
    fn a_line_that_comes_when_the_buffer_is_full_is_not_lost_if_the_file_takes_lines_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut lines = JsonLines::open(path.clone()).unwrap();
        let file = refuse(&mut lines);
        let text = "x".repeat(HELD_BYTES / 4);
        let failures = (0..4).filter(|_| lines.push(&text).is_err()).count();
        assert!(failures > 0 && lines.buffer.len() <= HELD_BYTES);
        let held = lines.buffer.iter().filter(|byte| **byte == b'\n').count();
        lines.file = file;
        lines.push(&text).unwrap();
        lines.flush().unwrap();
        let written = fs::read_to_string(&path).unwrap();
        assert_eq!(written.lines().count(), held + 1);
        assert!(written.lines().all(|line| line.len() == text.len() + 2));
    }

    #[test]
    fn lines_are_forgotten_whether_they_were_written_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        fs::write(&path, "1\n2\n3").unwrap();
        let mut lines = JsonLines::open(path.clone()).unwrap();
        [4, 5].iter().for_each(|line| lines.push(line).unwrap());
        let is_kept = |line: &[u8]| !matches!(line.trim_ascii(), b"2" | b"5");
        lines.retain(is_kept).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "1\n3\n4\n");
        lines.push(&6).unwrap();
        drop(lines);
        assert_eq!(fs::read_to_string(&path).unwrap(), "1\n3\n4\n6\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_loses_no_line_is_not_written_anew() {
        use std::os::unix::fs::MetadataExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        fs::write(&path, "1\n2").unwrap();
        let number = || fs::metadata(&path).unwrap().ino();
        let before = number();
        let mut lines = JsonLines::open(path.clone()).unwrap();
        lines.retain(|_| true).unwrap();
        lines.push(&3).unwrap();
        drop(lines);
        assert_eq!((number(), fs::read_to_string(&path).unwrap()), (before, "1\n2\n3\n".into()));
    }

    #[test]
    fn where_lines_cannot_be_forgotten_all_of_them_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("metrics.jsonl");
        let mut lines = JsonLines::open(path.clone()).unwrap();
        lines.push(&1).unwrap();
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(lines.retain(|_| false).is_err());
        assert_eq!(lines.buffer, b"1\n");
    }
}
