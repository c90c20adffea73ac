//! What keys draws that name no sample of a data set: counts, which are part of a training's state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Session;
use crate::{data::DrawStage, rng::DrawKey};

/// For each purpose its last draws.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawCounts(BTreeMap<String, LastDraws>);

/// The draws of the last step that made any: `[step, count]` in a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u64, u64)", into = "(u64, u64)")]
pub struct LastDraws {
    /// The step.
    pub step: u64,
    /// How many there were in it.
    pub count: u64,
}

impl From<(u64, u64)> for LastDraws {
    fn from((step, count): (u64, u64)) -> Self {
        Self { step, count }
    }
}

impl From<LastDraws> for (u64, u64) {
    fn from(last: LastDraws) -> Self {
        (last.step, last.count)
    }
}

impl DrawCounts {
    /// The last draws for a purpose.
    pub fn last(&self, purpose: &str) -> Option<LastDraws> {
        self.0.get(purpose).copied()
    }

    fn next(&mut self, purpose: &str, step: u64) -> DrawKey {
        let count = self.last(purpose).filter(|last| last.step == step).map_or(0, |last| last.count);
        let next = LastDraws { step, count: count + 1 };
        match self.0.get_mut(purpose) {
            Some(last) => *last = next,
            None => drop(self.0.insert(purpose.to_owned(), next)),
        }
        DrawKey { step, call: count }
    }
}

/// What a session counts of draws besides those that last.
#[derive(Debug, Default)]
pub(super) struct Draws {
    /// The draws before the first step, where those that last are a state's and wait for that step.
    early: Option<DrawCounts>,
    /// The draws of `setup`.
    of_setup: DrawCounts,
    /// How many stretches there were in which draws are counted anew.
    stages: u64,
}

impl Draws {
    /// Begins with a state, before `setup`.
    pub(super) fn begin_early(&mut self) {
        self.early = Some(DrawCounts::default());
    }

    /// Notes that `setup` is over. `lasting` are the counts that last.
    pub(super) fn end_setup(&mut self, lasting: &DrawCounts) {
        self.stages += 1;
        self.of_setup = self.early.as_ref().unwrap_or(lasting).clone();
    }

    /// Goes back to a state. What a loop draws before its first step, it draws as if the training began.
    pub(super) fn go_back(&mut self) {
        self.stages += 1;
        self.early = Some(self.of_setup.clone());
    }

    fn take_up(&mut self) {
        self.stages += 1;
        self.early = None;
    }
}

impl Session {
    /// What keys the next draw for a purpose, such as a random tensor: the step, and how many the step has had. So a
    /// step's numbers do not depend on the steps before it, nor on draws for other purposes. `setup`, and what a loop does
    /// before its first step, draw as step 0, whenever they run.
    pub fn next_draw(&mut self, purpose: &str) -> DrawKey {
        let step = self.step_of_draws();
        self.draws.early.as_mut().unwrap_or(&mut self.counters.draws).next(purpose, step)
    }

    /// The stretch of the training that draws are counted in.
    pub fn draw_stage(&self) -> DrawStage {
        DrawStage { step: self.step_of_draws(), is_setup: self.beginning.is_setting_up(), number: self.draws.stages }
    }

    /// The step that draws are keyed by: 0 in `setup`, and in what a loop does before its first step.
    fn step_of_draws(&self) -> u64 {
        if self.beginning.is_setting_up() || self.draws.early.is_some() { 0 } else { self.counters.step }
    }

    /// Counts draws from now on where the state that the session began with, or went back to, had come to.
    pub fn take_up_draws(&mut self) {
        self.draws.take_up();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, session::Plain};

    /// A session whose `setup` has drawn once, with four steps to do.
    fn set_up(mut session: Session) -> Session {
        session.plan(4);
        assert_eq!(session.next_draw("noise"), (0, 0));
        session.finish_setup(Plain::default()).unwrap();
        session
    }

    #[test]
    fn counts_that_last_wait_for_the_first_step_after_a_state() {
        let mut session = Session::silent(Device::cpu(), 0);
        session.begin_setup();
        let mut session = set_up(session);
        assert_eq!(session.next_draw("noise"), (0, 1));
        session.begin_step();
        assert_eq!([session.next_draw("noise"), session.next_draw("noise")], [(1, 0), (1, 1)]);
        let (state, last) = (session.state(), Some(LastDraws { step: 1, count: 2 }));
        session.restore(&state).unwrap();
        let mut other = Session::silent(Device::cpu(), 0);
        other.begin_with(state);
        for mut session in [session, set_up(other)] {
            assert_eq!(session.next_draw("noise"), (0, 1));
            assert_eq!(session.state().counters.draws.last("noise"), last);
            session.take_up_draws();
            assert_eq!(session.next_draw("noise"), (1, 2));
            session.begin_step();
            assert_eq!(session.next_draw("noise"), (2, 0));
        }
    }

    #[test]
    fn a_checkpoint_has_two_numbers_for_each_purpose() {
        let mut counts = DrawCounts::default();
        counts.next("pick", 3);
        counts.next("pick", 3);
        let text = serde_json::to_string(&counts).unwrap();
        assert_eq!(text, r#"{"pick":[3,2]}"#);
        assert_eq!(serde_json::from_str::<DrawCounts>(&text).unwrap(), counts);
    }
}
