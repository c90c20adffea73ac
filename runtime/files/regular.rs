//! Reading files that a user names, or that lie where anybody can put them. A pipe would be waited for and a device
//! never ends, so whatever is no regular file is an error at once. Knows not what is in a file.

use std::{
    fs::{self, File, FileType},
    io,
    path::Path,
};

/// Opens a regular file. Links are followed.
///
/// # Errors
/// It is something else: a folder, a pipe, a socket, a device; the operating system refused.
pub fn open(path: &Path) -> io::Result<File> {
    check(path)?;
    File::open(path)
}

/// The bytes of a regular file. Errors as [`open`].
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    check(path)?;
    fs::read(path)
}

/// The text of a regular file. Errors as [`open`], and where it is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    check(path)?;
    fs::read_to_string(path)
}

fn check(path: &Path) -> io::Result<()> {
    let kind = fs::metadata(path)?.file_type();
    match kind.is_file() {
        true => Ok(()),
        false => Err(io::Error::other(format!("it is {}, not a file", name(kind)))),
    }
}

#[cfg(unix)]
fn name(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match () {
        () if kind.is_dir() => "a folder",
        () if kind.is_fifo() => "a pipe",
        () if kind.is_socket() => "a socket",
        () => "a device",
    }
}

#[cfg(not(unix))]
fn name(kind: FileType) -> &'static str {
    if kind.is_dir() { "a folder" } else { "a device" }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::{fs::symlink, net::UnixListener};

    #[test]
    fn what_is_no_file_is_an_error_that_says_what_it_is_and_waits_for_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let _listener = UnixListener::bind(at("socket")).unwrap();
        symlink("pipe", at("link")).unwrap();
        let found = |path: &Path| [open(path).unwrap_err(), read(path).unwrap_err(), read_text(path).unwrap_err()];
        for (path, want) in [
            (at("pipe"), "it is a pipe, not a file"),
            (at("link"), "it is a pipe, not a file"),
            (at("socket"), "it is a socket, not a file"),
            (folder.path().to_owned(), "it is a folder, not a file"),
            ("/dev/zero".into(), "it is a device, not a file"),
        ] {
            assert!(found(&path).iter().all(|error| error.to_string() == want), "{path:?}: {:?}", found(&path));
        }
        assert_eq!(read(&at("missing")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_file_is_read_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "text").unwrap();
        symlink("file", folder.path().join("link")).unwrap();
        assert_eq!(read_text(&folder.path().join("link")).unwrap(), "text");
    }
}
