//! The choice of a run's folder. It makes the folder and nothing in it.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use super::UtcTime;
use crate::{Error, Result};

/// Where a run's folder goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// This very folder, which must be new or empty (`--out`).
    Exactly(PathBuf),
    /// A new folder `<script stem>-<YYYYMMDD-HHMMSS>` in this one, `-2`, `-3` and so on behind it if taken.
    Under(PathBuf),
}

impl Place {
    /// Refuses a folder that has files in it, before anything else is done.
    pub fn check(&self) -> Result<()> {
        match self {
            Self::Exactly(path) if fs::read_dir(path).is_ok_and(has_files) => Err(occupied(path)),
            _ => Ok(()),
        }
    }

    /// The folder, now existing, and whether it was made here.
    pub(super) fn make(self, script: &Path, started: UtcTime) -> Result<(PathBuf, bool)> {
        match self {
            Self::Exactly(path) => new_or_empty(path),
            Self::Under(parent) => Ok((stamped(&parent, script, started)?, true)),
        }
    }
}

/// The folder that the user named, and whether it was made here.
fn new_or_empty(path: PathBuf) -> Result<(PathBuf, bool)> {
    match fs::read_dir(&path).map(has_files) {
        Ok(false) => Ok((path, false)),
        Ok(true) => Err(occupied(&path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::create_dir_all(&path) {
            Ok(()) => Ok((path, true)),
            Err(source) => Err(Error::io("run", path, source)),
        },
        Err(source) => Err(Error::io("run", path, source)),
    }
}

/// A new folder beside one that is lost: its name with `-2`, `-3` and so on behind it.
pub(super) fn beside(lost: &Path) -> Result<PathBuf> {
    let parent = lost.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|source| Error::io("run", parent, source))?;
    for count in 2_u64.. {
        let mut name = lost.file_name().unwrap_or(OsStr::new("run")).to_owned();
        name.push(format!("-{count}"));
        let path = lost.with_file_name(name);
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(Error::io("run", path, source)),
        }
    }
    unreachable!("some number is not taken")
}

/// Whether there is more than the lock of a process that ended before it had written anything.
fn has_files(mut entries: fs::ReadDir) -> bool {
    entries.any(|entry| entry.is_ok_and(|entry| entry.file_name() != ".lock"))
}

fn occupied(path: &Path) -> Error {
    Error::argument("run", "out", "a new or empty folder", format!("{} with files in it", path.display()))
}

/// A new folder named after the script and the time. Making it is what claims the name, so that two runs
/// started in one second get two folders.
fn stamped(parent: &Path, script: &Path, started: UtcTime) -> Result<PathBuf> {
    fs::create_dir_all(parent).map_err(|source| Error::io("run", parent, source))?;
    let stem = script.file_stem().unwrap_or(OsStr::new("run")).to_string_lossy();
    let name = format!("{stem}-{}", started.stamp());
    let mut path = parent.join(&name);
    for count in 2_u64.. {
        match fs::create_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => path = parent.join(format!("{name}-{count}")),
            Err(source) => return Err(Error::io("run", path, source)),
            Ok(()) => break,
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_runs_of_one_second_get_two_folders() {
        let parent = tempfile::tempdir().unwrap();
        let noon = UtcTime::from_unix_seconds(43_200);
        let names: Vec<_> =
            (0..3).map(|_| stamped(parent.path(), Path::new("scripts/simclr.lua"), noon).unwrap()).collect();
        let want = ["simclr-19700101-120000", "simclr-19700101-120000-2", "simclr-19700101-120000-3"];
        assert_eq!(names, want.map(|name| parent.path().join(name)));
    }
}
