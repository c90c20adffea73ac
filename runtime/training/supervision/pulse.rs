//! How long the steps of a training take: by that a step which may never end is distinguished from a long one.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

/// The shortest time after which a step counts as one that never ends, if an edit waits for its end.
const STUCK: Duration = Duration::from_secs(10);

/// The time of the running step, and of those before.
pub struct Pulse {
    began: Cell<Instant>,
    /// The longest of the last few steps, roughly.
    longest: Cell<Duration>,
}

impl Pulse {
    /// A step begins now, the first.
    pub fn new() -> Self {
        Self { began: Cell::new(Instant::now()), longest: Cell::default() }
    }

    /// A step begins now. What went before is no step: one that was broken off, say, or a person's thinking.
    pub fn begin_step(&self) {
        self.began.set(Instant::now());
    }

    /// A step has ended.
    pub fn end_step(&self) {
        self.longest.set(self.began.get().elapsed().max(self.longest.get().mul_f64(0.95)));
    }

    /// How long a step may take before it counts as one that never ends.
    pub fn limit(&self) -> Duration {
        STUCK.max(self.longest.get() * 10)
    }

    /// Whether the running step takes longer.
    pub fn is_over_limit(&self) -> bool {
        self.began.get().elapsed() > self.limit()
    }
}
