//! The steps of a training, one after the other.

use super::{Purpose, Session, leaves::used_leaves};
use crate::{Error, Result, Tensor, tape, tensor};

impl Session {
    /// Whether a step has begun since it was made, or went back to an older state.
    pub fn has_stepped(&self) -> bool {
        self.running.has_begun()
    }

    /// Whether all steps are done, or the user asked to stop.
    pub fn is_over(&self) -> bool {
        self.is_done() || self.interrupt.is_requested()
    }

    /// Whether all steps are done.
    pub fn is_done(&self) -> bool {
        self.counters.step >= self.counters.total || self.running.is_last()
    }

    /// Ends the training after the running step.
    pub fn stop(&mut self) {
        self.running.make_last();
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
            self.output.progress().finish();
            return None;
        }
        if self.purpose != Purpose::Trial {
            self.output.begin_step(self.counters.total);
            self.announce_first_use();
        }
        self.take_up_draws();
        self.counters.step += 1;
        self.running.begin(&self.components);
        tensor::forget_doubts();
        Some(self.counters.step)
    }

    /// Tells why it takes long from here to the end of the first step, where a GPU has not been used yet.
    pub fn announce_first_use(&self) {
        if let (Some(adapter), true) = (self.device.adapter(), self.device.begin_use()) {
            let tunes = if cfg!(feature = "autotune") { ", and the fastest are chosen" } else { "" };
            self.output.progress().wait(&format!("first use of {}: kernels are compiled{tunes}", adapter.name));
        }
    }

    /// Logs a value under the running step.
    pub fn log(&mut self, name: &str, value: f64) {
        self.running.log(name, value);
    }

    /// Notes that the running step made so many views.
    pub fn count_views(&mut self, views: u64) {
        self.running.count_views(views);
    }

    /// Checks what the running step leaves on the tape, once garbage is collected. Tells of a tape that grows from step
    /// to step.
    ///
    /// # Errors
    /// A backward pass that is on its way; gradients that such passes have added up, and no update has used.
    pub fn check_tape(&mut self) -> Result<()> {
        if tape::is_passing() || tape::is_recomputed() {
            let reason = "a step cannot end within a backward pass, or in a function under recompute".into();
            return Err(Error::State { op: "steps", reason });
        }
        self.running.past_leaves.check_added_up()?;
        let is_left = |leaf: &Tensor| matches!(leaf.gradient(), Ok(Some(_)));
        let used = used_leaves(&self.components.parameters());
        if let Some((name, ..)) = used.iter().find(|(_, _, leaf)| is_left(leaf)) {
            let reason = format!(
                "backward has added up gradients, among them that of {name}, which no update of step {} has used: call \
                 session:update() in the same step, or forget them by zero_grad",
                self.counters.step
            );
            return Err(Error::State { op: "backward", reason });
        }
        let operations = tape::counts().operations;
        if self.running.tape_growth.is_new(operations) {
            self.output.progress().note(&format!(
                "the tape grows: after step {} it has {operations} operations, more than after each step before. A loss \
                 that is added up over steps keeps all that it was computed from: add up loss:item(), or loss:detach()",
                self.counters.step
            ));
        }
        Ok(())
    }

    /// Ends the running step: writes what it logged.
    ///
    /// # Errors
    /// The metrics cannot be written.
    pub fn end_step(&mut self) -> Result<()> {
        self.output.show_first_episode();
        match self.running.end().filter(|_| self.purpose != Purpose::Trial) {
            Some(logged) => self.output.end_step(self.counters.step, &logged),
            None => Ok(()),
        }
    }

    /// Ends the running step where no other follows.
    ///
    /// # Errors
    /// The metrics cannot be written.
    pub fn finish_step(&mut self) -> Result<()> {
        if self.running.is_blank() { Ok(()) } else { self.end_step() }
    }
}
