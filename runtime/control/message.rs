//! What lies in `control/`: files of JSON for requests and replies, and how they are named and written. Who writes
//! which of them when is decided elsewhere.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::files::regular;

const REQUEST: &str = ".request.json";
const REPLY: &str = ".reply.json";

/// More than any command takes, so that a stray file does not fill the memory.
const LONGEST: u64 = 64 << 10;

/// A command as it is typed.
#[derive(Debug, Serialize, Deserialize)]
pub struct RequestMessage {
    pub command: String,
}

/// What came of it, or why it was refused.
#[derive(Debug, Serialize, Deserialize)]
pub struct ReplyMessage {
    pub ok: bool,
    pub text: String,
}

/// Where requests and replies lie.
pub fn folder_of(run: &Path) -> PathBuf {
    run.join("control")
}

/// A name that no other request has, and that sorts behind those of earlier ones.
pub fn new_request(folder: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    folder.join(format!("{time:020}-{}-{count}{REQUEST}", process::id()))
}

/// Where a request is answered. None for what is no request.
pub fn reply_to(request: &Path) -> Option<PathBuf> {
    let name = request.file_name()?.to_str()?.strip_suffix(REQUEST)?;
    Some(request.with_file_name(format!("{name}{REPLY}")))
}

pub fn is_reply(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(REPLY))
}

/// Reads a whole message. Whatever else the file holds is an error of kind `InvalidData`.
pub fn read<M: DeserializeOwned>(path: &Path) -> io::Result<M> {
    let mut bytes = Vec::new();
    regular::open(path)?.take(LONGEST).read_to_end(&mut bytes)?;
    serde_json::from_slice(&bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Writes a message so that a reader sees all of it or nothing. Unlike what a run leaves behind it need not survive a
/// power cut, and whoever answers between two steps should not wait for a disk.
pub fn write<M: Serialize>(path: &Path, message: &M) -> io::Result<()> {
    // Neither a request nor a reply by its name, for as long as it is not whole.
    let mut partial = path.file_name().unwrap_or_default().to_os_string();
    partial.push(".partial");
    let partial = path.with_file_name(partial);
    let written = fs::write(&partial, serde_json::to_vec(message)?).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        let _ = fs::remove_file(&partial);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_names_of_their_own_in_the_order_in_which_they_are_made() {
        let names: Vec<_> = (0..20).map(|_| new_request(Path::new("control"))).collect();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(names.iter().all(|name| reply_to(name).is_some_and(|reply| is_reply(&reply) && !is_reply(name))));
        assert!(names[0] < names[19]);
    }

    #[test]
    fn a_file_that_is_being_written_is_neither_request_nor_reply() {
        let folder = tempfile::tempdir().unwrap();
        let request = new_request(folder.path());
        let message = RequestMessage { command: "x".repeat(10_000_000) };
        std::thread::scope(|scope| {
            let writing = scope.spawn(|| write(&request, &message).unwrap());
            while !writing.is_finished() {
                for entry in fs::read_dir(folder.path()).unwrap().flatten() {
                    let is_partial = entry.path() != request;
                    assert_eq!(reply_to(&entry.path()).is_none(), is_partial);
                }
            }
        });
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
