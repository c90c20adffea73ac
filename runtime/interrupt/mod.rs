//! Asking a run to stop: once, and it ends after the step; twice, and it ends at the next chance. What a third time
//! means is for whoever owns the process. Knows nothing of signals.

mod last_words;

use std::{
    fmt,
    io::Write,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub use last_words::LastWord;

use last_words::LastWords;

/// Requests that follow each other more closely are one: a key that is held down, a signal that the terminal and a
/// parent process both pass on.
const SAME: Duration = Duration::from_millis(300);

/// Lua instructions that a step may take after the first request, before it counts as a loop that never ends.
/// That is a fraction of a second of pure Lua, and far more than a step's own bookkeeping.
const GRACE: u64 = 20_000_000;

/// Shared with the signal handler. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<State>);

#[derive(Default)]
struct State {
    requests: AtomicU32,
    /// When it was last asked, whether that counted or not.
    last: Mutex<Option<Instant>>,
    spent: AtomicU64,
    last_words: LastWords,
    /// Who shows what the user is to know, once there is somebody.
    show: Mutex<Option<Show>>,
}

type Show = Arc<dyn Fn(&str) + Send + Sync>;

impl Interrupt {
    /// Asks to stop. Returns how often that has been asked; nothing where it is the same request as the one before,
    /// which came 300 ms ago or less.
    pub fn request(&self) -> Option<u32> {
        self.request_at(Instant::now())
    }

    fn request_at(&self, now: Instant) -> Option<u32> {
        let before = self.0.last.lock().unwrap_or_else(PoisonError::into_inner).replace(now);
        let is_same = before.is_some_and(|before| now.saturating_duration_since(before) <= SAME);
        (!is_same).then(|| self.0.requests.fetch_add(1, Ordering::SeqCst) + 1)
    }

    /// Calls `word` if the process is about to end in the middle of its work, for as long as the returned value lives.
    /// `word` gets the time until which it may wait. It must not rely on the thread that trains, which runs on.
    pub fn before_end(&self, word: impl Fn(Instant) + Send + Sync + 'static) -> LastWord {
        self.0.last_words.add(Arc::new(word))
    }

    /// Calls everything that is registered for the end of the process, the latest first. All of it together may wait
    /// this long.
    pub fn end(&self, patience: Duration) {
        self.0.last_words.say(Instant::now() + patience);
    }

    /// Sends what the user is to know of a request through `show`, since a bar on the terminal must not be written
    /// over.
    pub fn show_through(&self, show: impl Fn(&str) + Send + Sync + 'static) {
        *self.0.show.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(show));
    }

    /// Shows the user a line, on any thread.
    pub fn show(&self, text: &str) {
        let show = self.0.show.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match show {
            Some(show) => show(text),
            None => drop(writeln!(std::io::stderr(), "\n{text}")),
        }
    }

    /// Whether the run should end at the next step boundary.
    pub fn is_requested(&self) -> bool {
        self.0.requests.load(Ordering::Relaxed) > 0
    }

    /// Whether the step that is running should be broken off; `instructions` ran since the last call.
    pub fn should_break(&self, instructions: u64) -> bool {
        match self.0.requests.load(Ordering::Relaxed) {
            0 => false,
            1 => self.0.spent.fetch_add(instructions, Ordering::Relaxed) + instructions > GRACE,
            _ => true,
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.debug_struct("State").field("requests", &self.requests).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many requests, a second apart.
    fn requested(count: u64) -> Interrupt {
        let (interrupt, now) = (Interrupt::default(), Instant::now());
        for second in 0..count {
            let _ = interrupt.request_at(now + Duration::from_secs(second));
        }
        interrupt
    }

    #[test]
    fn one_request_lets_a_step_finish_and_breaks_an_endless_loop() {
        assert!(!requested(0).should_break(u64::MAX / 2));
        let interrupt = requested(1);
        assert!(interrupt.is_requested() && !interrupt.should_break(GRACE));
        assert!(interrupt.should_break(GRACE) && interrupt.should_break(1));
    }

    #[test]
    fn a_second_request_breaks_at_once() {
        assert!(requested(2).should_break(0));
    }

    #[test]
    fn a_key_that_is_held_down_is_one_request_and_one_that_is_pressed_again_another() {
        let (interrupt, now) = (Interrupt::default(), Instant::now());
        let at = |milliseconds| interrupt.request_at(now + Duration::from_millis(milliseconds));
        assert_eq!([at(0), at(30), at(60), at(330), at(630)], [Some(1), None, None, None, None]);
        assert_eq!([at(1000), at(1050), at(1400)], [Some(2), None, Some(3)]);
    }
}
