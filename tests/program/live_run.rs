//! A training in a process of its own, whose output is read while it trains: it can be killed, interrupted, waited for.

#![allow(dead_code, reason = "no test needs all of it")]

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Far longer than anything takes on a machine that is not stuck.
const LONG: Duration = Duration::from_secs(120);

/// A process of the program.
pub struct LiveRun {
    child: Child,
    shared: Arc<(Mutex<Output>, Condvar)>,
    readers: Vec<JoinHandle<()>>,
    /// How much of the output has been waited for.
    seen: usize,
}

#[derive(Default)]
struct Output {
    text: String,
    is_over: bool,
}

impl LiveRun {
    /// Starts the program in a folder, with so many threads for the computation.
    pub fn start(folder: &Path, threads: usize, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
        command.args(arguments).current_dir(folder).env("RAYON_NUM_THREADS", threads.to_string());
        Self::spawn(&mut command)
    }

    /// Starts a command that is the program, or becomes it.
    pub fn spawn(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let shared = Arc::new((Mutex::new(Output::default()), Condvar::new()));
        let pipes: [Box<dyn std::io::Read + Send>; 2] = [
            Box::new(child.stderr.take().expect("the error output is piped")),
            Box::new(child.stdout.take().expect("the output is piped")),
        ];
        let readers = pipes.into_iter().enumerate().map(|(i, pipe)| {
            let shared = shared.clone();
            thread::spawn(move || read(pipe, &shared, i == 0))
        });
        let readers = readers.collect();
        Self { child, shared, readers, seen: 0 }
    }

    /// Waits for a line with this text after what was waited for before, and returns what came up to its end.
    pub fn wait_for(&mut self, text: &str) -> String {
        self.wait(&[text]).1
    }

    /// Waits for a line with one of these texts. Returns which it is, and what came up to its end.
    pub fn wait(&mut self, texts: &[&str]) -> (usize, String) {
        let (found, output) = self.look(texts, LONG);
        found.unwrap_or_else(|| panic!("none of {texts:?} came:\n{output}"))
    }

    /// The same, where the process may end before: none then.
    pub fn wait_or_end(&mut self, texts: &[&str]) -> Option<(usize, String)> {
        self.look(texts, LONG).0
    }

    fn look(&mut self, texts: &[&str], timeout: Duration) -> (Option<(usize, String)>, String) {
        let end = Instant::now() + timeout;
        let (lock, condition) = &*self.shared;
        let mut output = lock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let new = &output.text[self.seen..];
            let first = texts.iter().enumerate().filter_map(|(i, text)| Some((new.find(text)?, i))).min();
            if let Some((at, which)) = first {
                let length = new[at..].find('\n').map_or(new.len(), |length| at + length + 1);
                let found = new[..length].to_owned();
                self.seen += length;
                return (Some((which, found)), output.text.clone());
            }
            let left = end.saturating_duration_since(Instant::now());
            if output.is_over || left.is_zero() {
                return (None, output.text.clone());
            }
            output = condition.wait_timeout(output, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// What came after what was waited for, up to now.
    pub fn unseen(&self) -> String {
        let output = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        output.text[self.seen..].to_owned()
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_none()
    }

    /// Ends it as a power cut would: SIGKILL. Returns everything that it wrote.
    pub fn kill(mut self) -> String {
        let _ = self.child.kill();
        self.end().1
    }

    /// Asks it to end, as Ctrl-C does.
    #[cfg(unix)]
    pub fn interrupt(&self) {
        let kill = Command::new("sh").args(["-c", &format!("kill -INT {}", self.child.id())]).status();
        assert!(kill.expect("kill starts").success());
    }

    /// Waits for its end. Returns its exit code and everything that it wrote.
    pub fn end(&mut self) -> (Option<i32>, String) {
        let status = self.child.wait().expect("a child can be waited for");
        for reader in self.readers.drain(..) {
            reader.join().expect("the reader ends with the pipe");
        }
        let output = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        (status.code(), output.text.clone())
    }
}

impl Drop for LiveRun {
    fn drop(&mut self) {
        // Where a test fails nothing may go on.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(pipe: impl std::io::Read, shared: &(Mutex<Output>, Condvar), is_main: bool) {
    let mut pipe = BufReader::new(pipe);
    let mut line = Vec::new();
    while pipe.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        shared.0.lock().unwrap_or_else(PoisonError::into_inner).text += &String::from_utf8_lossy(&line);
        shared.1.notify_all();
        line.clear();
    }
    if is_main {
        shared.0.lock().unwrap_or_else(PoisonError::into_inner).is_over = true;
        shared.1.notify_all();
    }
}
