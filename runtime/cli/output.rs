//! The standard output of the commands. It remembers what could not be written there; what that means is for
//! `dispatch`.

use std::{
    io::{self, ErrorKind, Write},
    sync::OnceLock,
};

use moonburn::message;

static FAILURE: OnceLock<io::Error> = OnceLock::new();

/// Prints lines to the standard output, with what a terminal would obey escaped. A reader that has gone is no error: `|
/// head` takes what it wants.
pub fn print(text: &str) {
    let mut output = io::stdout().lock();
    note(writeln!(output, "{}", message::printed(text.trim_end())).and_then(|()| output.flush()));
}

/// Notes what came of writing to the standard output.
pub fn note(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        let _ = FAILURE.set(error);
    }
}

/// Why something that was printed is not there, if that is so: a full disk, say.
pub fn failure() -> Option<&'static io::Error> {
    FAILURE.get()
}
