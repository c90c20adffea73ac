//! A terminal on which a user types while bars are painted: the cursor rests on a line of its own below them, so that
//! neither tears the other. It paints what its caller gives it, and does not know what is typed.
//!
//! The terminal echoes what is typed, whole lines at a time: to take that over would leave it silent after a kill.

use std::{
    fmt,
    io::{self, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use indicatif::TermLike;

/// A terminal for bars and for typing. Cloning shares it.
#[derive(Clone)]
pub(super) struct InputLine(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Columns and lines.
    size: Box<dyn Fn() -> (u16, u16) + Send + Sync>,
    /// Whether a line has been typed that nobody has taken yet, and the cursor is lower than it should be.
    is_typed: Box<dyn Fn() -> bool + Send + Sync>,
}

struct State {
    sink: Box<dyn Write + Send>,
    /// What is to be written next.
    painted: String,
    /// How many lines of that are cleared, and how many are written.
    cleared: usize,
    written: usize,
    /// Whether the cursor is on the line below what was painted last.
    rests_below: bool,
    /// How many pictures in a row were left out because of a line that nobody has taken.
    left_out: u32,
}

/// After so many pictures nobody will take that line.
const PATIENCE: u32 = 20;

const SAVE: &str = "\x1b7";
const RESTORE: &str = "\x1b8";
const UP: &str = "\x1b[A";
/// Clears the line that is being typed, and the rows below it that a longer line had filled.
const CLEAR_TYPED: &str = "\r\x1b[J";

impl InputLine {
    /// The standard error, where somebody can type.
    #[cfg(unix)]
    pub(super) fn of_the_user() -> Option<Self> {
        use rustix::{
            event::{PollFd, PollFlags, Timespec, poll},
            stdio, termios,
        };
        let size = || termios::tcgetwinsize(stdio::stderr()).ok().map(|size| (size.ws_col, size.ws_row));
        let is_typed = || {
            let input = stdio::stdin();
            let now = Timespec { tv_sec: 0, tv_nsec: 0 };
            poll(&mut [PollFd::new(&input, PollFlags::IN)], Some(&now)).is_ok_and(|count| count > 0)
        };
        let can_type = termios::isatty(stdio::stdin()) && size().is_some_and(|(columns, _)| columns > 0);
        let size = move || size().filter(|(columns, _)| *columns > 0).unwrap_or((80, 24));
        can_type.then(|| Self::new(Box::new(io::stderr()), Box::new(size), Box::new(is_typed)))
    }

    #[cfg(not(unix))]
    pub(super) fn of_the_user() -> Option<Self> {
        None
    }

    fn new(
        sink: Box<dyn Write + Send>,
        size: Box<dyn Fn() -> (u16, u16) + Send + Sync>,
        is_typed: Box<dyn Fn() -> bool + Send + Sync>,
    ) -> Self {
        let state = State { sink, painted: String::new(), cleared: 0, written: 0, rests_below: false, left_out: 0 };
        Self(Arc::new(Shared { state: Mutex::new(state), size, is_typed }))
    }

    /// Clears a line that was typed and ended: the cursor is where it was before.
    pub(super) fn take(&self) {
        let mut state = self.state();
        if state.rests_below {
            let _ = state.write(&format!("{UP}{CLEAR_TYPED}"));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, text: &str) -> io::Result<()> {
        self.state().painted.push_str(text);
        Ok(())
    }

    fn go(&self, count: usize, direction: char) -> io::Result<()> {
        if count > 0 { self.add(&format!("\x1b[{count}{direction}")) } else { Ok(()) }
    }
}

impl State {
    fn write(&mut self, text: &str) -> io::Result<()> {
        self.sink.write_all(text.as_bytes())?;
        self.sink.flush()
    }
}

impl TermLike for InputLine {
    fn width(&self) -> u16 {
        (self.0.size)().0
    }

    fn height(&self) -> u16 {
        (self.0.size)().1
    }

    fn move_cursor_up(&self, count: usize) -> io::Result<()> {
        self.go(count, 'A')
    }

    fn move_cursor_down(&self, count: usize) -> io::Result<()> {
        self.go(count, 'B')
    }

    fn move_cursor_right(&self, count: usize) -> io::Result<()> {
        self.go(count, 'C')
    }

    fn move_cursor_left(&self, count: usize) -> io::Result<()> {
        self.go(count, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.add(text)?;
        self.add("\n")
    }

    /// A line comes as two pieces, the second of which fills it up.
    fn write_str(&self, text: &str) -> io::Result<()> {
        self.state().written += 1;
        self.add(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.state().cleared += 1;
        self.add("\r\x1b[2K")
    }

    /// Everything between two calls is one picture, which begins at the end of the last one.
    fn flush(&self) -> io::Result<()> {
        let mut state = self.state();
        let painted = std::mem::take(&mut state.painted);
        let (cleared, written) = (std::mem::take(&mut state.cleared), std::mem::take(&mut state.written));
        if painted.is_empty() {
            return Ok(());
        }
        if state.rests_below && written == 2 * cleared {
            // The same lines again: what is being typed below can stay. The next picture is soon enough if a line was
            // just ended.
            let waits = (self.0.is_typed)() && state.left_out < PATIENCE;
            state.left_out = if waits { state.left_out + 1 } else { 0 };
            return if waits { Ok(()) } else { state.write(&format!("{SAVE}{UP}{painted}{RESTORE}")) };
        }
        // Where nothing is painted, somebody may have typed all the same.
        let up = if state.rests_below && cleared > 0 { UP } else { "" };
        state.rests_below = written > 0;
        let after = if state.rests_below { "\n" } else { "" };
        state.write(&format!("{CLEAR_TYPED}{up}{painted}{after}"))
    }
}

impl fmt::Debug for InputLine {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("InputLine")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::screen::Bars;
    use std::sync::atomic::{AtomicBool, Ordering};

    const COLUMNS: usize = 40;

    /// A terminal of a few lines that knows the few sequences that are used here, and echoes what is typed.
    #[derive(Default)]
    struct Paper {
        lines: Vec<Vec<char>>,
        line: usize,
        column: usize,
        saved: (usize, usize),
    }

    impl Paper {
        fn feed(&mut self, text: &str) {
            let mut letters = text.chars();
            while let Some(letter) = letters.next() {
                match letter {
                    '\r' => self.column = 0,
                    '\n' => (self.line, self.column) = (self.line + 1, 0),
                    '\x1b' => self.obey(&mut letters),
                    letter => {
                        if self.column == COLUMNS {
                            (self.line, self.column) = (self.line + 1, 0);
                        }
                        self.lines.resize(self.lines.len().max(self.line + 1), Vec::new());
                        let line = &mut self.lines[self.line];
                        line.resize(COLUMNS, ' ');
                        line[self.column] = letter;
                        self.column += 1;
                    }
                }
            }
        }

        fn obey(&mut self, letters: &mut std::str::Chars) {
            match letters.next() {
                Some('7') => self.saved = (self.line, self.column),
                Some('8') => (self.line, self.column) = self.saved,
                _ => {
                    let mut number = String::new();
                    let end = loop {
                        match letters.next().unwrap() {
                            digit @ ('0'..='9' | ';') => number.push(digit),
                            end => break end,
                        }
                    };
                    match end {
                        'A' => self.line -= number.parse().unwrap_or(1),
                        'B' => self.line += number.parse().unwrap_or(1),
                        'J' => self.lines.truncate(self.line),
                        'K' => self.lines.resize(self.lines.len().max(self.line + 1), Vec::new()),
                        'm' => {}
                        other => panic!("{other}"),
                    }
                    if end == 'K' {
                        self.lines[self.line].clear();
                    }
                }
            }
        }

        fn text(&self) -> Vec<String> {
            let text = |line: &Vec<char>| line.iter().collect::<String>().trim_end().to_owned();
            self.lines.iter().map(text).collect()
        }
    }

    #[derive(Clone, Default)]
    struct Shown(Arc<Mutex<Paper>>);

    impl Write for Shown {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().feed(std::str::from_utf8(bytes).unwrap());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Desk {
        bars: Bars,
        shown: Shown,
        is_typed: Arc<AtomicBool>,
    }

    impl Desk {
        fn new() -> Self {
            let (shown, is_typed) = (Shown::default(), Arc::new(AtomicBool::new(false)));
            let typed = is_typed.clone();
            let size = || (COLUMNS as u16, 10);
            let is_pending = move || typed.load(Ordering::Relaxed);
            let line = InputLine::new(Box::new(shown.clone()), Box::new(size), Box::new(is_pending));
            Self { bars: Bars::with_input(line, None), shown, is_typed }
        }

        fn echo(&self, text: &str) {
            self.shown.0.lock().unwrap().feed(text);
        }

        fn step(&mut self, step: u64) {
            self.bars.step(step, 9, vec![format!("loss {step}")]);
        }

        /// The lines without the bar itself, for which a terminal may have no room.
        fn text(&self) -> Vec<String> {
            let text = self.shown.0.lock().unwrap().text();
            text.into_iter().map(|line| line.trim_start_matches(['━', '─', ' ']).to_owned()).collect()
        }
    }

    #[test]
    fn what_is_typed_stays_below_a_bar_that_goes_on() {
        let mut desk = Desk::new();
        desk.bars.message("run folder");
        desk.step(1);
        desk.echo("st");
        desk.step(2);
        desk.echo("ep");
        desk.step(3);
        assert_eq!(desk.text(), ["run folder", "3/9  loss 3", "step"]);
    }

    #[test]
    fn a_line_that_was_ended_becomes_one_above_the_bar() {
        let mut desk = Desk::new();
        desk.step(1);
        desk.echo("status\n");
        desk.bars.typed("status");
        desk.step(2);
        assert_eq!(desk.text(), ["> status", "2/9  loss 2"]);
        desk.echo("\n");
        desk.bars.typed("");
        desk.step(3);
        desk.bars.message("a message\nof two lines");
        assert_eq!(desk.text(), ["> status", "a message", "of two lines", "3/9  loss 3"]);
    }

    #[test]
    fn nothing_is_painted_while_a_line_was_ended_and_not_taken() {
        let mut desk = Desk::new();
        desk.step(1);
        desk.echo("status\n");
        desk.is_typed.store(true, Ordering::Relaxed);
        desk.step(2);
        assert_eq!(desk.text(), ["1/9  loss 1", "status"]);
        desk.is_typed.store(false, Ordering::Relaxed);
        desk.bars.typed("status");
        desk.step(3);
        assert_eq!(desk.text(), ["> status", "3/9  loss 3"]);
    }

    #[test]
    fn bars_come_and_go_and_messages_stand_alone() {
        let mut desk = Desk::new();
        desk.bars.message("first");
        desk.bars.message("second");
        desk.step(1);
        desk.bars.count("decoding", 1, 2);
        assert_eq!(desk.text(), ["first", "second", "1/9  loss 1", "1/2  decoding"]);
        desk.bars.count("decoding", 2, 2);
        desk.step(2);
        desk.bars.hide();
        desk.echo("of the script\n");
        desk.echo("ty");
        desk.step(3);
        desk.bars.finish();
        desk.bars.message("the end");
        assert_eq!(desk.text(), ["first", "second", "of the script", "step 3/9  loss 3", "the end"]);
    }
}
