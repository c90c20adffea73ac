//! Files that are either the old version or the new one, never half of each.

use std::{
    ffi::OsString,
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use super::target::Target;
use crate::{Error, Result};

/// Writes a file so that a crash, a full disk or a reader sees the old bytes or the new ones, whole. Links are
/// followed; the new file has the old one's permissions and, where the system allows that, its owner. A device or a
/// pipe is written to as it is.
///
/// # Errors
/// It is a folder, a socket, read-only, or a pipe that nobody reads; the operating system refused. An error names
/// `path`, and leaves the old file as it was and no partial file behind.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = Target::find(path).and_then(|target| match target {
        Target::File { path, old } => replace(&path, old.as_ref(), bytes),
        Target::Stream(mut stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
    });
    written.map_err(|source| Error::io("write", path, source))
}

fn replace(path: &Path, old: Option<&Metadata>, bytes: &[u8]) -> io::Result<()> {
    let partial = partial_path(path);
    let written = write_durably(&partial, old, bytes).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        let _ = fs::remove_file(&partial);
        return written;
    }
    sync_folder(path);
    Ok(())
}

fn write_durably(path: &Path, old: Option<&Metadata>, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_like(path, old)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A new file with the permissions and the owner of an old one.
#[cfg(unix)]
fn create_like(path: &Path, old: Option<&Metadata>) -> io::Result<File> {
    use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    let Some(old) = old else { return options.open(path) };
    let mode = old.mode() & 0o777;
    // From the beginning: what only its owner may read is shown to nobody in between.
    let file = options.mode(mode).open(path)?;
    let new = file.metadata()?;
    if (new.uid(), new.gid()) != (old.uid(), old.gid()) {
        // Only the superuser may give a file away, and others only to groups of theirs.
        let _ = fchown(&file, Some(old.uid()), Some(old.gid())).or_else(|_| fchown(&file, None, Some(old.gid())));
    }
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    Ok(file)
}

#[cfg(not(unix))]
fn create_like(path: &Path, _old: Option<&Metadata>) -> io::Result<File> {
    OpenOptions::new().write(true).create(true).truncate(true).open(path)
}

/// A name beside the target, since a rename is atomic only within one file system, and a new one each time,
/// since two threads or processes may write the same target.
fn partial_path(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}-{}.partial", process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
    path.with_file_name(name)
}

/// Makes the rename itself survive a power loss. Not every system can sync a folder, and the file is
/// consistent without it, so a refusal is no error.
pub(super) fn sync_folder(path: &Path) {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = File::open(parent) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_write_replaces_the_first_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        write_atomically(&path, b"first, and longer").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_names_the_file_and_keeps_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        fs::create_dir_all(path.join("in the way")).unwrap();
        let message = write_atomically(&path, b"new").unwrap_err().to_string();
        assert!(message.starts_with("write: ") && message.contains("weights.safetensors: "), "{message}");
        assert!(path.join("in the way").is_dir());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file() {
        let message = write_atomically(Path::new("no such folder/loss.png"), b"").unwrap_err().to_string();
        assert!(message.starts_with("write: no such folder/loss.png: "), "{message}");
    }

    #[cfg(unix)]
    mod on_unix {
        use super::*;
        use std::{
            io::Read,
            os::unix::{
                fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink},
                net::UnixListener,
            },
        };

        fn entries(folder: &Path) -> usize {
            fs::read_dir(folder).unwrap().count()
        }

        #[test]
        fn a_link_stays_and_the_file_that_it_leads_to_is_replaced() {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            fs::create_dir(at("below")).unwrap();
            fs::write(at("below/file"), "old").unwrap();
            symlink("below/file", at("link")).unwrap();
            symlink("link", at("second")).unwrap();
            symlink("below/not yet", at("dangling")).unwrap();
            symlink("circle", at("circle")).unwrap();
            write_atomically(&at("second"), b"new").unwrap();
            write_atomically(&at("dangling"), b"first").unwrap();
            assert!(["link", "second", "dangling"].iter().all(|name| at(name).is_symlink()));
            assert_eq!(fs::read(at("below/file")).unwrap(), b"new");
            assert_eq!(fs::read(at("below/not yet")).unwrap(), b"first");
            let message = write_atomically(&at("circle"), b"").unwrap_err().to_string();
            assert!(message.ends_with("circle: it leads through too many links"), "{message}");
            assert_eq!((entries(folder.path()), entries(&at("below"))), (5, 2));
        }

        #[test]
        fn permissions_and_owner_stay() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            // Only the superuser may do that.
            let _ = std::os::unix::fs::chown(&path, Some(12345), Some(12345));
            let about = |path: &Path| fs::metadata(path).map(|about| (about.mode(), about.uid(), about.gid())).unwrap();
            let before = about(&path);
            write_atomically(&path, b"new").unwrap();
            assert_eq!((about(&path), fs::read(&path).unwrap()), (before, b"new".to_vec()));
        }

        #[test]
        fn a_read_only_file_is_an_error_for_the_superuser_as_well() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            fs::write(&path, "old").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
            let message = write_atomically(&path, b"new").unwrap_err().to_string();
            assert!(message.ends_with("file: it is read-only"), "{message}");
            assert_eq!((fs::read(&path).unwrap(), entries(folder.path())), (b"old".to_vec(), 1));
        }

        #[test]
        fn a_pipe_is_written_to_while_somebody_reads_it_and_is_an_error_otherwise() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("pipe");
            let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
            assert!(made.success());
            let message = write_atomically(&path, b"new").unwrap_err().to_string();
            assert!(message.ends_with("pipe: it is a pipe that nobody reads"), "{message}");
            // More than the pipe holds, so that it has to be waited for.
            let bytes = vec![7; 300_000];
            let mut reader = OpenOptions::new().read(true).write(true).open(&path).unwrap();
            let read = std::thread::spawn(move || {
                let mut read = vec![0; 300_000];
                reader.read_exact(&mut read).map(|()| read).unwrap()
            });
            write_atomically(&path, &bytes).unwrap();
            assert!(read.join().unwrap() == bytes && fs::metadata(&path).unwrap().file_type().is_fifo());
            assert_eq!(entries(folder.path()), 1);
        }

        #[test]
        fn a_socket_is_an_error_and_stays() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("socket");
            let _listener = UnixListener::bind(&path).unwrap();
            let message = write_atomically(&path, b"new").unwrap_err().to_string();
            assert!(message.ends_with("socket: it is a socket"), "{message}");
            assert!(fs::metadata(&path).unwrap().file_type().is_socket());
        }

        #[cfg(target_os = "linux")]
        #[test]
        fn what_a_process_has_open_is_written_to_as_it_is() {
            use std::os::fd::AsRawFd;
            let file = tempfile::tempfile().unwrap();
            let link = PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()));
            write_atomically(&link, b"one").unwrap();
            write_atomically(&link, b" more").unwrap();
            let mut text = String::new();
            (&file).read_to_string(&mut text).unwrap();
            assert_eq!(text, "one more");
        }
    }
}
