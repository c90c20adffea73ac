//! What a path that is to be written to leads to: a file that can be replaced, or something that can only be written to
//! where it is. Writes nothing.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// What a path leads to.
#[derive(Debug)]
pub(super) enum Target {
    /// A regular file, or nothing yet: a new one can take its place. `path` goes through no link of its own.
    File { path: PathBuf, old: Option<Metadata> },
    /// A device, a pipe, or a file that this process or another has open, ready to be written to.
    Stream(File),
}

/// As many links as Linux follows.
const LINKS: usize = 40;

impl Target {
    /// Follows the links of a path, one that leads nowhere to where the file would be made.
    ///
    /// # Errors
    /// It is a folder, a socket, a pipe that nobody reads, a file that is read-only, a circle of links; the operating
    /// system refused.
    pub(super) fn find(path: &Path) -> io::Result<Self> {
        let mut path = path.to_owned();
        for _ in 0..LINKS {
            let about = match fs::symlink_metadata(&path) {
                Ok(about) => about,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::File { path, old: None }),
                Err(error) => return Err(error),
            };
            if !about.is_symlink() {
                return Self::of(path, about);
            }
            if is_of_a_process(&path) {
                // What it names need not be a path at all, and whoever has opened that would miss a file in its place.
                return match own_output(&path) {
                    Some(output) => Ok(Self::Stream(output)),
                    None => open(&path, OpenOptions::new().append(true)).map(Self::Stream),
                };
            }
            let led = fs::read_link(&path)?;
            path = path.parent().unwrap_or(Path::new("")).join(led);
        }
        Err(io::Error::other("it leads through too many links"))
    }

    fn of(path: PathBuf, about: Metadata) -> io::Result<Self> {
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        if !about.is_file() {
            return open(&path, OpenOptions::new().write(true)).map(Self::Stream);
        }
        // The superuser is not refused, but a file that nobody may write to was not meant to be replaced by them
        // either.
        if about.permissions().readonly() {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
        }
        // To replace it takes the folder's permission only; that is the file's own.
        OpenOptions::new().write(true).open(&path)?;
        Ok(Self::File { path, old: Some(about) })
    }
}

/// Whether a link is one of those by which the system shows what a process has open, as `/dev/stdout` leads through
/// one.
fn is_of_a_process(link: &Path) -> bool {
    link.parent().and_then(|folder| folder.canonicalize().ok()).is_some_and(|folder| folder.starts_with("/proc"))
}

/// The process's own output where a path leads to it: opened again, it would have a place of its own in a file, and
/// what is printed later would go over what is written.
#[cfg(unix)]
fn own_output(path: &Path) -> Option<File> {
    use std::os::{fd::AsFd, unix::fs::MetadataExt};
    let wanted = fs::metadata(path).ok().map(|about| (about.dev(), about.ino()))?;
    let outputs = [io::stdout().as_fd().try_clone_to_owned(), io::stderr().as_fd().try_clone_to_owned()];
    let mut files = outputs.into_iter().filter_map(Result::ok).map(File::from);
    files.find(|file| file.metadata().is_ok_and(|about| (about.dev(), about.ino()) == wanted))
}

#[cfg(not(unix))]
fn own_output(_path: &Path) -> Option<File> {
    None
}

/// Opens what is no file to replace, without waiting for somebody at a pipe's other end.
#[cfg(unix)]
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    use rustix::{
        fs::{OFlags, fcntl_getfl, fcntl_setfl},
        io::Errno,
    };
    use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
    let refused = |error: io::Error| match error.raw_os_error() {
        Some(code) if code == Errno::NXIO.raw_os_error() => {
            let kind = fs::metadata(path).map(|about| about.file_type());
            match kind {
                Ok(kind) if kind.is_fifo() => io::Error::other("it is a pipe that nobody reads"),
                Ok(kind) if kind.is_socket() => io::Error::other("it is a socket"),
                _ => error,
            }
        }
        _ => error,
    };
    let file = options.custom_flags(OFlags::NONBLOCK.bits() as i32).open(path).map_err(refused)?;
    fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
    Ok(file)
}

#[cfg(not(unix))]
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.open(path)
}
