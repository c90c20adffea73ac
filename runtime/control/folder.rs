//! The run's side of `control/`: it takes requests out of the folder and puts replies into it. It must not stop or
//! panic at anything that lies there.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, SystemTime},
};

use notify::{RecursiveMode, Watcher};

use super::{
    Command, Request,
    message::{self, ReplyMessage, RequestMessage},
    queue::{Control, Handle},
    request::Answer,
};
use crate::{Error, Result, message::io as said};

/// Network file systems tell nothing of what other machines write.
const POLL: Duration = Duration::from_millis(100);

/// A reply that nobody has fetched for so long was meant for a process that died.
const STALE: Duration = Duration::from_secs(60);

impl Control {
    /// Listens to requests in `control/` of a run's folder, which [`send`](super::send) writes. Those that lie there
    /// already were meant for an earlier process and are removed.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn listen_to_folder(&self, run: &Path) -> Result<()> {
        listen(self.handle(), run)
    }
}

/// Starts to listen to a run's folder.
fn listen(handle: Handle, run: &Path) -> Result<()> {
    let folder = message::folder_of(run);
    fs::create_dir_all(&folder).map_err(|source| Error::io("control", &folder, source))?;
    let old = files(&folder).map_err(|source| Error::io("control", &folder, source))?;
    for path in old.iter().filter(|path| message::reply_to(path).is_some() || message::is_reply(path)) {
        let _ = fs::remove_file(path);
    }
    let (wake, wakes) = mpsc::channel();
    let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.map_or(true, |event| !event.kind.is_access()) {
            // Nobody listens any more once the run is over.
            let _ = wake.send(());
        }
    });
    let serve = move || {
        // Without a watcher there are still the polls.
        let mut watcher = watcher.ok();
        if let Some(watcher) = &mut watcher {
            let _ = watcher.watch(&folder, RecursiveMode::NonRecursive);
        }
        while handle.is_alive() {
            for path in files(&folder).unwrap_or_default() {
                heed(&path, &handle);
            }
            if let Err(RecvTimeoutError::Disconnected) = wakes.recv_timeout(POLL) {
                thread::sleep(POLL);
            }
            while wakes.try_recv().is_ok() {}
        }
    };
    thread::Builder::new()
        .name("control".into())
        .spawn(serve)
        .map_err(|error| Error::State { op: "control", reason: said(&error) }.caused_by(error))?;
    Ok(())
}

/// The regular files of the folder, oldest request first. To open anything else could block.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.flatten();
    let is_file = |entry: &fs::DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
    let mut files: Vec<_> = entries.filter(is_file).map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}

fn heed(path: &Path, handle: &Handle) {
    let Some(reply) = message::reply_to(path) else {
        if message::is_reply(path) && is_stale(path) {
            let _ = fs::remove_file(path);
        }
        return;
    };
    let request = message::read::<RequestMessage>(path);
    // Whoever removes a request decides what becomes of it: here it is heeded, elsewhere it is withdrawn.
    if fs::remove_file(path).is_err() {
        return;
    }
    let command = match request {
        Ok(request) => request.command.parse::<Command>().map_err(|error| error.to_string()),
        Err(error) => Err(format!("control: a request must be {{\"command\": TEXT}}: {}", said(&error))),
    };
    // A client without a reply reports that there was none in time.
    let answer = move |answer: Answer| {
        let (ok, text) = answer.map_or_else(|refusal| (false, refusal), |text| (true, text));
        let _ = message::write(&reply, &ReplyMessage { ok, text });
    };
    match command {
        Ok(command) => handle.push(Request::new(command, answer)),
        Err(refusal) => answer(Err(refusal)),
    }
}

fn is_stale(path: &Path) -> bool {
    let written = fs::metadata(path).and_then(|metadata| metadata.modified());
    written.is_ok_and(|time| SystemTime::now().duration_since(time).is_ok_and(|age| age > STALE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    /// Waits for the reply to a request of this name, and fetches it.
    fn reply(folder: &Path, name: &str) -> ReplyMessage {
        let path = message::reply_to(&folder.join(name)).unwrap();
        let start = Instant::now();
        while !path.exists() {
            assert!(start.elapsed() < Duration::from_secs(30), "no reply to {name}");
            thread::sleep(Duration::from_millis(5));
        }
        let reply = message::read(&path).unwrap();
        fs::remove_file(path).unwrap();
        reply
    }

    #[test]
    fn garbage_is_refused_and_removed_and_does_not_end_the_listening() {
        let run = tempfile::tempdir().unwrap();
        let control = Control::new();
        control.listen_to_folder(run.path()).unwrap();
        let folder = run.path().join("control");
        fs::create_dir(folder.join("folder.request.json")).unwrap();
        fs::write(folder.join("notes.txt"), "left alone").unwrap();
        let long = format!("{{\"command\": \"set a={}\"}}", "x".repeat(100_000));
        let garbage: [(&str, &[u8]); 6] = [
            ("1.request.json", b""),
            ("2.request.json", b"\xff\xfe{"),
            ("3.request.json", b"\"pause\""),
            ("4.request.json", b"{\"command\": 3}"),
            ("5.request.json", b"{\"command\": \"dance\"}"),
            ("6.request.json", long.as_bytes()),
        ];
        for (name, bytes) in garbage {
            fs::write(folder.join("partial"), bytes).unwrap();
            fs::rename(folder.join("partial"), folder.join(name)).unwrap();
            let reply = reply(&folder, name);
            assert!(!reply.ok && reply.text.starts_with("control: "), "{reply:?}");
            assert!(!folder.join(name).exists());
        }
        assert!(!control.is_pending() && folder.join("notes.txt").exists());
        fs::write(folder.join("partial"), "{\"command\": \"p\"}").unwrap();
        fs::rename(folder.join("partial"), folder.join("7.request.json")).unwrap();
        let request = control.next(Duration::from_secs(30)).unwrap();
        assert_eq!(request.command, Command::Pause);
        request.answer(Ok("paused".into()));
        assert_eq!(reply(&folder, "7.request.json").text, "paused");
    }

    #[test]
    fn what_an_earlier_process_was_asked_for_is_discarded() {
        let run = tempfile::tempdir().unwrap();
        let folder = run.path().join("control");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("1.request.json"), "{\"command\": \"quit\"}").unwrap();
        fs::write(folder.join("0.reply.json"), "{\"ok\": true, \"text\": \"\"}").unwrap();
        let control = Control::new();
        control.listen_to_folder(run.path()).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        assert!(control.next(Duration::from_millis(300)).is_none());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error_that_names_it() {
        let run = tempfile::tempdir().unwrap();
        fs::write(run.path().join("control"), "in the way").unwrap();
        let message = Control::new().listen_to_folder(run.path()).unwrap_err().to_string();
        assert!(message.starts_with(&format!("control: {}: ", run.path().join("control").display())), "{message}");
    }
}
