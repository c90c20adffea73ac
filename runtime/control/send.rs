//! The other process's side of `control/`: one command to a live run, and its reply. It leaves nothing behind there,
//! whatever comes of it.

use std::{
    fs, io,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::{
    Command,
    message::{self, ReplyMessage, RequestMessage},
};
use crate::{Error, Result, run::RunLock};

/// How long to wait between two looks for the reply.
const POLL: Duration = Duration::from_millis(10);

/// Sends a command to the run that writes to a folder, and waits for what it says.
///
/// # Errors
/// The folder is none of a run, or nobody trains it at present; the run refuses, ends, or does not answer in time.
/// A request that the run has not taken up by then is withdrawn.
pub fn send(run: &Path, command: &Command, timeout: Duration) -> Result<String> {
    let failed = |reason: String| Err(Error::State { op: "control", reason });
    let name = run.display();
    if !run.join("run.json").is_file() {
        return failed(format!("{name} is not the folder of a run: it has no run.json"));
    }
    if !RunLock::is_held(run) {
        return failed(format!("{name} is not live: no process trains it at present"));
    }
    let folder = message::folder_of(run);
    if !folder.is_dir() {
        return failed(format!("{name} does not listen to commands"));
    }
    let request = message::new_request(&folder);
    let reply = message::reply_to(&request).expect("a new request is named like one");
    let message = RequestMessage { command: command.to_string() };
    message::write(&request, &message).map_err(|source| Error::io("control", &request, source))?;
    let began = Instant::now();
    loop {
        // Looked at before the reply: a run answers first and ends after that.
        let is_over = !RunLock::is_held(run) || began.elapsed() >= timeout;
        match message::read::<ReplyMessage>(&reply) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(Error::io("control", &reply, source)),
            Ok(ReplyMessage { ok, text }) => {
                let _ = fs::remove_file(&reply);
                let refusal = || text.strip_prefix("control: ").unwrap_or(&text).to_string();
                return if ok { Ok(text) } else { failed(refusal()) };
            }
        }
        if is_over {
            let is_withdrawn = fs::remove_file(&request).is_ok();
            return failed(match (RunLock::is_held(run), is_withdrawn) {
                (false, _) => format!("{name} has ended without an answer to '{command}'"),
                (true, true) => format!("{name} did not take up '{command}' within {timeout:?}; it is withdrawn"),
                (true, false) => format!("{name} has taken up '{command}', but did not answer within {timeout:?}"),
            });
        }
        thread::sleep(POLL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Control;
    use tempfile::TempDir;

    const LONG: Duration = Duration::from_secs(30);

    /// The folder of a run that is live for as long as its lock is held, and to which nobody listens.
    fn deaf() -> (TempDir, RunLock) {
        let run = tempfile::tempdir().unwrap();
        fs::write(run.path().join("run.json"), "{}").unwrap();
        fs::create_dir(run.path().join("control")).unwrap();
        let lock = RunLock::acquire(run.path()).unwrap();
        (run, lock)
    }

    /// The folder of a run that listens.
    fn live() -> (TempDir, RunLock, Control) {
        let (run, lock) = deaf();
        let control = Control::new();
        control.listen_to_folder(run.path()).unwrap();
        (run, lock, control)
    }

    fn left_over(run: &TempDir) -> usize {
        fs::read_dir(run.path().join("control")).unwrap().count()
    }

    fn refusal(run: &Path, timeout: Duration) -> String {
        send(run, &Command::Save, timeout).unwrap_err().to_string()
    }

    #[test]
    fn a_run_answers_or_refuses_what_another_process_asks_for() {
        let (run, _lock, control) = live();
        thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..3 {
                    let request = control.next(LONG).unwrap();
                    let answer = match &request.command {
                        Command::Set { option, .. } => Err(format!("set: no option '{option}'")),
                        command => Ok(format!("did {command}")),
                    };
                    request.answer(answer);
                }
            });
            assert_eq!(send(run.path(), &Command::Step(3), LONG).unwrap(), "did step 3");
            let set = Command::Set { option: "lr".into(), value: "0.1".into() };
            assert_eq!(send(run.path(), &set, LONG).unwrap_err().to_string(), "control: set: no option 'lr'");
            assert_eq!(send(run.path(), &Command::Status, LONG).unwrap(), "did status");
        });
        assert_eq!(left_over(&run), 0);
    }

    #[test]
    fn several_processes_get_their_own_answers() {
        let (run, _lock, control) = live();
        let asked = 20;
        thread::scope(|scope| {
            for count in 1..=asked {
                let run = run.path();
                scope.spawn(move || {
                    assert_eq!(send(run, &Command::Step(count), LONG).unwrap(), format!("step {count}"));
                });
            }
            for _ in 0..asked {
                let request = control.next(LONG).unwrap();
                let text = request.command.to_string();
                request.answer(Ok(text));
            }
        });
        assert_eq!(left_over(&run), 0);
    }

    #[test]
    fn a_request_that_nobody_takes_up_is_withdrawn() {
        let (run, _lock) = deaf();
        let message = refusal(run.path(), Duration::from_millis(300));
        assert!(message.ends_with(" did not take up 'save' within 300ms; it is withdrawn"), "{message}");
        assert_eq!(left_over(&run), 0);
    }

    #[test]
    fn a_run_that_took_a_request_up_and_is_silent_is_said_to_be() {
        let (run, _lock, control) = live();
        let message = refusal(run.path(), Duration::from_secs(2));
        assert!(message.ends_with(" has taken up 'save', but did not answer within 2s"), "{message}");
        assert!(control.is_pending());
    }

    #[test]
    fn a_run_that_ends_leaves_nobody_waiting() {
        let (run, lock, control) = live();
        thread::scope(|scope| {
            let asking = scope.spawn(|| refusal(run.path(), LONG));
            let request = control.next(LONG).unwrap();
            drop((request, control, lock));
            assert_eq!(asking.join().unwrap(), "control: the run has ended");
        });
        let (run, lock) = deaf();
        thread::scope(|scope| {
            let asking = scope.spawn(|| refusal(run.path(), LONG));
            while left_over(&run) == 0 {
                thread::sleep(Duration::from_millis(5));
            }
            drop(lock);
            let message = asking.join().unwrap();
            assert!(message.ends_with(" has ended without an answer to 'save'"), "{message}");
        });
        assert_eq!(left_over(&run), 0);
    }

    #[test]
    fn a_folder_without_a_live_run_is_refused() {
        let run = tempfile::tempdir().unwrap();
        assert!(refusal(run.path(), LONG).ends_with(" is not the folder of a run: it has no run.json"));
        fs::write(run.path().join("run.json"), "{}").unwrap();
        assert!(refusal(run.path(), LONG).ends_with(" is not live: no process trains it at present"));
        let _lock = RunLock::acquire(run.path()).unwrap();
        assert!(refusal(run.path(), LONG).ends_with(" does not listen to commands"));
    }
}
