//! What keys draws that name no sample of a data set: counts, which are part of a training's state.

use std::collections::BTreeMap;

use super::Session;
use crate::{data::DrawStage, rng::DrawKey};

/// For each purpose the step of its last draw, and how many there were in it.
pub type DrawCounts = BTreeMap<String, (u64, u64)>;

/// The draws of a session.
#[derive(Debug, Default)]
pub(super) struct Draws {
    counts: DrawCounts,
    /// The same at the end of `setup`.
    of_setup: DrawCounts,
    /// The same as a state had it, until the first step begins.
    carried: Option<DrawCounts>,
    /// How many stretches there were in which draws are counted anew.
    stages: u64,
}

impl Draws {
    fn next(&mut self, purpose: &str, step: u64) -> (u64, u64) {
        match self.counts.get_mut(purpose) {
            Some((last, count)) => {
                let key = (step, if step == *last { *count } else { 0 });
                (*last, *count) = (key.0, key.1 + 1);
                key
            }
            None => {
                self.counts.insert(purpose.to_owned(), (step, 1));
                (step, 0)
            }
        }
    }

    /// What a state has of them.
    pub(super) fn counts(&self) -> &DrawCounts {
        self.carried.as_ref().unwrap_or(&self.counts)
    }

    /// Notes that `setup` is over.
    pub(super) fn end_setup(&mut self) {
        self.stages += 1;
        self.of_setup = self.counts.clone();
    }

    /// Keeps what a state had, until the first step begins.
    pub(super) fn carry(&mut self, counts: DrawCounts) {
        self.carried = Some(counts);
    }

    /// Goes back to a state. What a loop draws before its first step, it draws as if the training began.
    pub(super) fn go_back(&mut self, counts: DrawCounts) {
        self.stages += 1;
        self.counts = self.of_setup.clone();
        self.carry(counts);
    }

    fn take_up(&mut self) {
        self.stages += 1;
        if let Some(carried) = self.carried.take() {
            self.counts = carried;
        }
    }
}

impl Session {
    /// What keys the next draw for a purpose, such as a random tensor: the step, and how many the step has had. So a
    /// step's numbers do not depend on the steps before it, nor on draws for other purposes. `setup`, and what a loop does
    /// before its first step, draw as step 0, whenever they run.
    pub fn next_draw(&mut self, purpose: &str) -> DrawKey {
        let step = self.step_of_draws();
        let (step, call) = self.draws.next(purpose, step);
        DrawKey { step, call }
    }

    /// The stretch of the training that draws are counted in.
    pub fn draw_stage(&self) -> DrawStage {
        DrawStage { step: self.step_of_draws(), is_setup: self.setting_up, number: self.draws.stages }
    }

    /// The step that draws are keyed by: 0 in `setup`, and in what a loop does before its first step.
    fn step_of_draws(&self) -> u64 {
        if self.setting_up || self.draws.carried.is_some() { 0 } else { self.step }
    }

    /// Counts draws from now on where the state that the session began with, or went back to, had come to.
    pub fn take_up_draws(&mut self) {
        self.draws.take_up();
    }
}
