//! Commands typed at the terminal of a run, as whole lines: a killed process must leave the terminal as it found it.

use std::{
    io::{self, IsTerminal},
    sync::Arc,
    thread,
};

use super::{
    Command, Request, help,
    queue::{Control, Handle},
};

/// Where answers go.
type Show = Arc<dyn Fn(&str) + Send + Sync>;

/// Who is told of every line that was typed, before anything is made of it.
type Typed = Box<dyn Fn(&str) + Send>;

/// How long it takes a thread at most to notice that nobody listens any more.
#[cfg(unix)]
const PATIENCE: std::time::Duration = std::time::Duration::from_millis(200);

impl Control {
    /// Listens to lines on standard input, if that is a terminal. Each goes to `typed` first. Answers, refusals and
    /// help go to `show`, on any thread, since the terminal is not for writing to at will while a progress bar is on
    /// it.
    pub fn listen_to_terminal(
        &self,
        typed: impl Fn(&str) + Send + 'static,
        show: impl Fn(&str) + Send + Sync + 'static,
    ) {
        listen(self.handle(), Box::new(typed), Arc::new(show));
    }
}

/// Starts to listen, if standard input is a terminal. Where there is no thread to be had, nobody listens.
fn listen(handle: Handle, typed: Typed, show: Show) {
    if io::stdin().is_terminal() {
        let _ = thread::Builder::new().name("terminal".into()).spawn(move || read(&handle, &typed, &show));
    }
}

/// Reads until the input or the run ends. A process in the background must not read from its terminal: the system
/// would stop it.
#[cfg(unix)]
fn read(handle: &Handle, typed: &Typed, show: &Show) {
    let mut line = Vec::new();
    let mut bytes = [0; 1024];
    while handle.is_alive() {
        match has_input() {
            Ok(true) if is_in_foreground() => {}
            Ok(true) => {
                thread::sleep(PATIENCE);
                continue;
            }
            Ok(false) | Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return,
        }
        match rustix::io::read(rustix::stdio::stdin(), &mut bytes) {
            // Ctrl-D on an empty line: the next one can still be typed, unless the terminal has gone.
            Ok(0) if io::stdin().is_terminal() => thread::sleep(PATIENCE),
            Ok(0) => return,
            Ok(count) => line.extend_from_slice(&bytes[..count]),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(_) => return,
        }
        while let Some(end) = line.iter().position(|&byte| byte == b'\n') {
            let text = String::from_utf8_lossy(&line[..end]).trim().to_owned();
            typed(&text);
            heed(&text, handle, show);
            line.drain(..=end);
        }
    }
}

/// Waits for something to read.
#[cfg(unix)]
fn has_input() -> rustix::io::Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let patience = Timespec { tv_sec: 0, tv_nsec: PATIENCE.as_nanos() as _ };
    let input = rustix::stdio::stdin();
    Ok(poll(&mut [PollFd::new(&input, PollFlags::IN)], Some(&patience))? > 0)
}

#[cfg(unix)]
fn is_in_foreground() -> bool {
    rustix::termios::tcgetpgrp(rustix::stdio::stdin()).is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Reads until the input ends. The last read outlives the run, but not the process.
#[cfg(not(unix))]
fn read(handle: &Handle, typed: &Typed, show: &Show) {
    for line in io::stdin().lines().map_while(Result::ok) {
        if !handle.is_alive() {
            return;
        }
        typed(line.trim());
        heed(&line, handle, show);
    }
}

/// Passes a line on, or says at once why not.
fn heed(line: &str, handle: &Handle, show: &Show) {
    match line.trim() {
        "" => {}
        "help" | "h" | "?" => show(help()),
        line => match line.parse::<Command>() {
            Ok(command) => {
                let show = show.clone();
                handle.push(Request::new(command, move |answer| {
                    let text = answer.unwrap_or_else(|refusal| refusal);
                    if !text.is_empty() {
                        show(&text);
                    }
                }));
            }
            Err(error) => show(&error.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Control;
    use std::sync::Mutex;

    #[test]
    fn lines_become_requests_and_answers_are_shown() {
        let control = Control::new();
        let shown = Arc::new(Mutex::new(Vec::new()));
        let texts = shown.clone();
        let show: Show = Arc::new(move |text: &str| texts.lock().unwrap().push(text.to_string()));
        for line in ["", "  p\r", "?", "evaluat", "save", "c"] {
            heed(line, &control.handle(), &show);
        }
        let answers = [Ok("paused at step 3"), Err("save: the disk is full"), Ok("")];
        for (command, answer) in [Command::Pause, Command::Save, Command::Continue].into_iter().zip(answers) {
            let request = control.try_next().unwrap();
            assert_eq!(request.command, command);
            request.answer(answer.map(str::to_string).map_err(str::to_string));
        }
        assert!(control.try_next().is_none());
        let unknown = "control: unknown command 'evaluat'; did you mean 'evaluate'?";
        assert_eq!(*shown.lock().unwrap(), [help(), unknown, "paused at step 3", "save: the disk is full"]);
    }
}
