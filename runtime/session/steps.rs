//! The steps of a training, one after the other.

use std::time::{Duration, Instant};

use super::Session;
use crate::{Result, tensor};

impl Session {
    /// Whether a step has begun since it was made, or went back to an older state.
    pub fn has_stepped(&self) -> bool {
        !self.before_first
    }

    /// Whether all steps are done, or the user asked to stop.
    pub fn is_over(&self) -> bool {
        self.is_done() || self.interrupt.is_requested()
    }

    /// Whether all steps are done.
    pub fn is_done(&self) -> bool {
        self.counters.step >= self.counters.total || self.stops
    }

    /// Ends the training after the running step.
    pub fn stop(&mut self) {
        self.stops = true;
    }

    /// Ends the running step and begins the next. None where all steps are done or the user asked to stop.
    ///
    /// # Errors
    /// The metrics cannot be written.
    pub fn next_step(&mut self) -> Result<Option<u64>> {
        self.end_step()?;
        Ok(self.begin_step())
    }

    /// Begins the next step. None where all steps are done or the user asked to stop.
    pub fn begin_step(&mut self) -> Option<u64> {
        if self.is_over() {
            self.progress.finish();
            return None;
        }
        if !self.trial {
            if self.first_step.is_none() {
                self.first_step = Some(Instant::now());
                self.progress.restart();
            }
            self.progress.set_total(self.counters.total);
            self.announce_first_use();
        }
        (self.before_first, self.is_in_step) = (false, true);
        self.take_up_draws();
        self.counters.step += 1;
        self.before_step = self.running_statistics();
        self.past_leaves.clear();
        tensor::forget_doubts();
        Some(self.counters.step)
    }

    /// Tells why it takes long from here to the end of the first step, where a GPU has not been used yet.
    pub fn announce_first_use(&self) {
        if let (Some(adapter), true) = (self.device.adapter(), self.device.begin_use()) {
            let tunes = if cfg!(feature = "autotune") { ", and the fastest are chosen" } else { "" };
            self.progress.wait(&format!("first use of {}: kernels are compiled{tunes}", adapter.name));
        }
    }

    /// Ends the running step: writes what it logged.
    ///
    /// # Errors
    /// The metrics cannot be written.
    pub fn end_step(&mut self) -> Result<()> {
        self.draw_episode();
        let pending = std::mem::take(&mut self.pending);
        let views = std::mem::take(&mut self.views);
        // Two loops one after the other meet at a boundary without a step between them.
        if !std::mem::take(&mut self.is_in_step) || self.trial {
            return Ok(());
        }
        let values: Vec<(&str, f64)> = pending.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        self.progress.end_wait("first use, to the end of the first step:");
        self.progress.step(self.counters.step, &values, views);
        self.metrics.log(self.counters.step, &values)
    }

    /// Ends the running step where no other follows.
    ///
    /// # Errors
    /// The metrics cannot be written.
    pub fn finish_step(&mut self) -> Result<()> {
        if self.pending.is_empty() && self.views == 0 { Ok(()) } else { self.end_step() }
    }

    /// The time from the session's beginning to its first step, what a script does before it included.
    pub fn to_first_step(&self) -> Duration {
        self.first_step.map_or(Duration::ZERO, |first| first - self.started)
    }
}
