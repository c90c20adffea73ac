//! What the process makes of signals: it stops a run step by step, and lives on where the system would end it for a
//! file that grew too large.

use std::{thread, time::Duration};

use moonburn::interrupt::Interrupt;

/// How long the end of the process waits for a checkpoint that is being written.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// Ctrl-C, SIGTERM and SIGHUP ask once to end after the step, twice to end at the next chance; the third time ends the
/// process. Each says beforehand what the next one does.
pub fn interruptible() -> Interrupt {
    let interrupt = Interrupt::default();
    let shared = interrupt.clone();
    let hangup = Hangup::look();
    // Fails only where a handler is installed already, and a run installs one.
    let _ = ctrlc::set_handler(move || match shared.request() {
        None => {}
        Some(1) => show(&shared, "stopping after this step (Ctrl-C again: at once)"),
        Some(2) => show(&shared, "breaking off this step (Ctrl-C again: ends at once, without a checkpoint)"),
        Some(_) => {
            shared.end(LAST_PATIENCE);
            std::process::exit(130);
        }
    });
    hangup.put_back();
    interrupt
}

/// Shows a line on a thread of its own: where nobody reads the terminal any more, the next signal must still be heard.
fn show(interrupt: &Interrupt, text: &'static str) {
    let shared = interrupt.clone();
    let _ = thread::Builder::new().name("interrupt".into()).spawn(move || shared.show(text));
}

/// Whether the process was started to outlive its terminal, as by `nohup`.
#[cfg(unix)]
struct Hangup {
    is_ignored: bool,
}

#[cfg(unix)]
impl Hangup {
    fn look() -> Self {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::uninit();
        // SAFETY: no new action is given; the old one is written where it succeeds, and read only then.
        let is_ignored = unsafe {
            libc::sigaction(libc::SIGHUP, std::ptr::null(), action.as_mut_ptr()) == 0
                && action.assume_init().sa_sigaction == libc::SIG_IGN
        };
        Self { is_ignored }
    }

    fn put_back(&self) {
        if self.is_ignored {
            // SAFETY: to ignore a signal runs no code of ours.
            unsafe { libc::signal(libc::SIGHUP, libc::SIG_IGN) };
        }
    }
}

#[cfg(not(unix))]
struct Hangup;

#[cfg(not(unix))]
impl Hangup {
    fn look() -> Self {
        Self
    }

    fn put_back(&self) {}
}

/// Lets a write beyond `ulimit -f` fail like any other instead of ending the process.
pub fn ignore_file_size_limit() {
    #[cfg(unix)]
    // SAFETY: to ignore a signal runs no code of ours.
    unsafe {
        libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
    }
}
