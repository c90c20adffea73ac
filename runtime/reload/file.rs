//! One watched file: what it contains at present, read as seldom as can be. It remembers no history.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::stamp::Stamp;
use crate::files::regular;

/// A digest of what a file contains. None for one that is missing, or cannot be read.
pub type Contents = Option<[u8; 32]>;

/// The digest of bytes that were read earlier.
pub fn digest(bytes: &[u8]) -> Contents {
    Some(Sha256::digest(bytes).into())
}

/// The digest of what a file contains at present.
pub fn contents(path: &Path) -> Contents {
    WatchedFile::new(path.to_owned()).look(true)
}

#[derive(Debug)]
pub struct WatchedFile {
    path: PathBuf,
    contents: Contents,
    /// The stamp of `contents`, if any change is sure to show in the stamp.
    stamp: Option<Stamp>,
}

impl WatchedFile {
    pub fn new(path: PathBuf) -> Self {
        Self { path, contents: None, stamp: None }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The present contents, which are read where something may have changed, or always if `is_thorough`.
    pub fn look(&mut self, is_thorough: bool) -> Contents {
        let stamp = Stamp::of(&self.path);
        if is_thorough || stamp.is_none() || stamp != self.stamp {
            self.contents = stamp.and_then(|_| digest(&regular::read(&self.path).ok()?));
            let is_sure = self.contents.is_some() && stamp == Stamp::of(&self.path);
            self.stamp = stamp.filter(|stamp| is_sure && stamp.is_old());
        }
        self.contents
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        fs::{self, File},
        time::{Duration, SystemTime},
    };

    fn set_age(path: &Path, age: Duration) {
        File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - age).unwrap();
    }

    #[test]
    fn a_write_of_the_same_length_within_one_tick_of_the_clock_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("train.lua");
        let mut file = WatchedFile::new(path.clone());
        for text in ["return 1", "return 2", "return 3"] {
            fs::write(&path, text).unwrap();
            assert_eq!(file.look(false), digest(text.as_bytes()));
        }
    }

    #[test]
    fn an_old_file_is_not_read_again_before_its_stamp_changes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("train.lua");
        fs::write(&path, "return 1").unwrap();
        set_age(&path, Duration::from_secs(60));
        let mut file = WatchedFile::new(path.clone());
        assert_eq!(file.look(false), digest(b"return 1"));
        assert!(file.stamp.is_some());
        // A change without its stamp is what no file system makes; here it shows that nothing was read.
        file.contents = digest(b"remembered");
        assert_eq!(file.look(false), digest(b"remembered"));
        assert_eq!(file.look(true), digest(b"return 1"));
        fs::write(&path, "return 2").unwrap();
        assert_eq!(file.look(false), digest(b"return 2"));
    }

    #[test]
    fn what_is_no_regular_file_is_missing() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(WatchedFile::new(folder.path().into()).look(true), None);
        assert_eq!(WatchedFile::new(folder.path().join("none.lua")).look(true), None);
    }
}
