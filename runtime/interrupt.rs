//! Asking a run to stop: once, and it ends after the step; twice, and it ends at the next chance.

use std::{
    fmt,
    io::Write,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

/// Lua instructions that a step may take after the first request, before it counts as a loop that never ends.
/// That is a fraction of a second of pure Lua, and far more than a step's own bookkeeping.
const GRACE: u64 = 20_000_000;

/// Shared with the signal handler. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<State>);

#[derive(Default)]
struct State {
    requests: AtomicU32,
    spent: AtomicU64,
    /// Who shows what the user is to know, once there is somebody.
    show: Mutex<Option<Show>>,
}

type Show = Arc<dyn Fn(&str) + Send + Sync>;

impl Interrupt {
    /// Asks to stop. Returns how often that has been asked.
    pub fn request(&self) -> u32 {
        self.0.requests.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Lets what the user is to know of a request go through `show`: a bar on the terminal must not be written over.
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

    #[test]
    fn one_request_lets_a_step_finish_and_breaks_an_endless_loop() {
        let interrupt = Interrupt::default();
        assert!(!interrupt.should_break(u64::MAX / 2));
        interrupt.request();
        assert!(interrupt.is_requested() && !interrupt.should_break(GRACE));
        assert!(interrupt.should_break(GRACE) && interrupt.should_break(1));
    }

    #[test]
    fn a_second_request_breaks_at_once() {
        let interrupt = Interrupt::default();
        interrupt.request();
        interrupt.request();
        assert!(interrupt.should_break(0));
    }
}
