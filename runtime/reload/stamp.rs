//! What the operating system says about a file without opening it. It must not stand in for the contents where the
//! clock of the file system is too coarse to tell two writes apart.

use std::{
    fs::{self, Metadata},
    path::Path,
    time::{Duration, SystemTime},
};

/// The coarsest clock among the usual file systems (FAT) ticks every two seconds.
const TICK: Duration = Duration::from_secs(2);

/// Which file or folder a path leads to at present. Inode numbers are reused, hence the time of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    inode: (u64, u64),
    created: Option<SystemTime>,
}

impl Identity {
    /// None where the path leads to nothing.
    pub fn of(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().map(|metadata| Self::from(&metadata))
    }
}

impl From<&Metadata> for Identity {
    fn from(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let inode = {
            use std::os::unix::fs::MetadataExt;
            (metadata.dev(), metadata.ino())
        };
        #[cfg(not(unix))]
        let inode = (0, 0);
        Self { inode, created: metadata.created().ok() }
    }
}

/// What changes along with a file's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    identity: Identity,
    length: u64,
    modified: Option<SystemTime>,
    /// The inode's last change. Unlike the time of the contents it cannot be set back, as `cp -p` does.
    changed: (i64, i64),
}

impl Stamp {
    /// None where the path leads to no regular file. To read a pipe would block.
    pub fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok().filter(Metadata::is_file)?;
        #[cfg(unix)]
        let changed = {
            use std::os::unix::fs::MetadataExt;
            (metadata.ctime(), metadata.ctime_nsec())
        };
        #[cfg(not(unix))]
        let changed = (0, 0);
        let modified = metadata.modified().ok();
        Some(Self { identity: Identity::from(&metadata), length: metadata.len(), modified, changed })
    }

    /// Whether a later write is sure to get another stamp.
    pub fn is_old(&self) -> bool {
        self.modified.and_then(|time| time.elapsed().ok()).is_some_and(|age| age > TICK)
    }
}
