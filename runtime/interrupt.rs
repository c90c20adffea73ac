//! Asking a run to stop: once, and it ends after the step; twice, and it ends at the next chance.

use std::sync::{
    Arc,
    atomic::{AtomicU32, AtomicU64, Ordering},
};

/// Lua instructions that a step may take after the first request, before it counts as a loop that never ends.
/// That is a fraction of a second of pure Lua, and far more than a step's own bookkeeping.
const GRACE: u64 = 20_000_000;

/// Shared with the signal handler. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<State>);

#[derive(Debug, Default)]
struct State {
    requests: AtomicU32,
    spent: AtomicU64,
}

impl Interrupt {
    /// Asks to stop. Returns how often that has been asked.
    pub fn request(&self) -> u32 {
        self.0.requests.fetch_add(1, Ordering::SeqCst) + 1
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
