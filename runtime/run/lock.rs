//! The lock that keeps a second process from writing to a run, and tells others that the run is live. The operating
//! system holds it: the file `.lock` alone, left by a process that died, must mean nothing.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process, thread,
    time::Duration,
};

use super::UtcTime;
use crate::{Error, Result, files::regular, message};

/// [`RunLock::is_held`] takes the lock for an instant, which must not pass for a second writer.
const TRIES: u32 = 10;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// The only right to write to a run's folder, until it is dropped.
#[derive(Debug)]
pub struct RunLock {
    /// Closing it gives the lock back.
    file: File,
}

impl RunLock {
    /// Takes the lock of a run's folder, which must exist. The file stays behind: to remove it would let two
    /// processes lock two files of one name.
    ///
    /// # Errors
    /// Another process has the lock, or this one has it already; the folder cannot be written to; its file system
    /// has no locks.
    pub fn acquire(run: &Path) -> Result<Self> {
        let path = run.join(".lock");
        let failed = |source: io::Error| Error::io("run", &path, source);
        // Not truncated: until the lock is taken, the contents are its holder's.
        let mut file =
            File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(taken(run, &mut file)),
            Err(TryLockError::Error(source)) => {
                let reason = format!("its file system cannot lock it: {}", message::io(&source));
                return Err(Error::data("run", path, reason).caused_by(source));
            }
        }
        let line = format!("{} {}\n", process::id(), UtcTime::now());
        // Written before the rest of an older line is cut off, so that a reader never finds an empty file.
        file.write_all(line.as_bytes()).and_then(|()| file.set_len(line.len() as u64)).map_err(failed)?;
        Ok(Self { file })
    }

    /// Whether the file in a run's folder is the locked one. It is not if the folder was removed or moved, or another
    /// folder has taken its place. A system that cannot tell files apart only says whether there is a file.
    pub fn is_in(&self, run: &Path) -> bool {
        let named = fs::metadata(run.join(".lock"));
        #[cfg(unix)]
        if let (Ok(named), Ok(own)) = (&named, self.file.metadata()) {
            use std::os::unix::fs::MetadataExt;
            return (named.dev(), named.ino()) == (own.dev(), own.ino());
        }
        // A file system that is not there for a moment is no folder that is gone.
        named.err().is_none_or(|error| error.kind() != io::ErrorKind::NotFound)
    }

    /// The folder that the locked file lies in now, where the system can tell.
    pub fn folder(&self) -> Option<PathBuf> {
        #[cfg(target_os = "linux")]
        {
            use std::os::fd::AsRawFd;
            let name = fs::read_link(format!("/proc/self/fd/{}", self.file.as_raw_fd())).ok()?;
            let folder = name.parent()?;
            // A name that was removed is told as one with "(deleted)" behind it.
            self.is_in(folder).then(|| folder.to_owned())
        }
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// Whether some process, this one included, holds the lock of a run's folder. A folder that does not exist or
    /// cannot be read counts as not held.
    pub fn is_held(run: &Path) -> bool {
        let file = regular::open(&run.join(".lock"));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

fn lock(file: &File) -> Result<(), TryLockError> {
    for _ in 1..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN_TRIES),
            done => return done,
        }
    }
    file.try_lock()
}

/// Says who has the lock. Where a lock bars others from reading as well (Windows), nobody is named.
fn taken(run: &Path, file: &mut File) -> Error {
    let mut text = String::new();
    let _ = file.read_to_string(&mut text);
    let holder = match text.lines().next().and_then(|line| line.split_once(' ')) {
        Some((process, since)) => format!("process {process} since {since}"),
        None => "another process".into(),
    };
    let reason = format!("{} is being written to by {holder}; two processes never write to one folder", run.display());
    Error::State { op: "run", reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_writer_is_told_who_the_first_is() {
        let run = tempfile::tempdir().unwrap();
        let _lock = RunLock::acquire(run.path()).unwrap();
        let message = RunLock::acquire(run.path()).unwrap_err().to_string();
        let start = format!("run: {} is being written to by process {} since 2", run.path().display(), process::id());
        assert!(message.starts_with(&start), "{message}");
        assert!(message.ends_with("Z; two processes never write to one folder"), "{message}");
    }

    #[test]
    fn a_dropped_lock_is_free_again() {
        let run = tempfile::tempdir().unwrap();
        assert!(!RunLock::is_held(run.path()));
        let lock = RunLock::acquire(run.path()).unwrap();
        assert!(RunLock::is_held(run.path()));
        drop(lock);
        assert!(!RunLock::is_held(run.path()));
        RunLock::acquire(run.path()).unwrap();
    }

    #[test]
    fn the_file_of_a_process_that_died_is_no_obstacle() {
        let run = tempfile::tempdir().unwrap();
        fs::write(run.path().join(".lock"), "1 2020-01-01T00:00:00Z, and something longer\n").unwrap();
        assert!(!RunLock::is_held(run.path()));
        let _lock = RunLock::acquire(run.path()).unwrap();
        let text = fs::read_to_string(run.path().join(".lock")).unwrap();
        assert!(text.starts_with(&format!("{} 2", process::id())) && text.ends_with("Z\n"), "{text}");
    }

    #[test]
    fn a_folder_that_was_moved_removed_or_replaced_is_told_from_its_own() {
        let parent = tempfile::tempdir().unwrap();
        let (run, moved) = (parent.path().join("run"), parent.path().join("moved"));
        fs::create_dir(&run).unwrap();
        let lock = RunLock::acquire(&run).unwrap();
        assert!(lock.is_in(&run));
        fs::rename(&run, &moved).unwrap();
        assert!(!lock.is_in(&run));
        if cfg!(target_os = "linux") {
            assert_eq!(lock.folder().unwrap(), moved.canonicalize().unwrap());
        }
        fs::create_dir(&run).unwrap();
        let _other = RunLock::acquire(&run).unwrap();
        assert!(!lock.is_in(&run) || cfg!(not(unix)));
        fs::remove_dir_all(&moved).unwrap();
        assert_eq!(lock.folder(), None);
    }

    #[test]
    fn asking_again_and_again_whether_it_is_held_keeps_nobody_from_taking_it() {
        let run = tempfile::tempdir().unwrap();
        drop(RunLock::acquire(run.path()).unwrap());
        thread::scope(|scope| {
            let asking = scope.spawn(|| {
                for _ in 0..200 {
                    RunLock::is_held(run.path());
                    thread::sleep(Duration::from_millis(1));
                }
            });
            while !asking.is_finished() {
                assert!(RunLock::acquire(run.path()).is_ok());
            }
        });
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_an_error_that_names_it() {
        let run = tempfile::tempdir().unwrap();
        let missing = run.path().join("no such run");
        fs::create_dir(run.path().join(".lock")).unwrap();
        for folder in [run.path(), &missing] {
            let message = RunLock::acquire(folder).unwrap_err().to_string();
            assert!(message.starts_with(&format!("run: {}: ", folder.join(".lock").display())), "{message}");
            assert!(!RunLock::is_held(folder));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_read_only_folder_is_an_error_for_whoever_may_not_write_to_it() {
        use std::os::unix::fs::PermissionsExt;
        let run = tempfile::tempdir().unwrap();
        fs::set_permissions(run.path(), fs::Permissions::from_mode(0o555)).unwrap();
        // The superuser may write to it nevertheless.
        let is_refused = File::create(run.path().join("file")).is_err();
        let lock = RunLock::acquire(run.path());
        assert_eq!(lock.is_err(), is_refused);
        if let Err(error) = lock {
            assert!(error.to_string().contains(".lock: "), "{error}");
        }
    }
}
