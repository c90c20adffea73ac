//! How a session keys draws: by its step, and by how many the step has had.

use std::cell::RefCell;

use super::{DrawCounts, Session};
use crate::{
    Error, Result,
    data::DrawStage,
    nn::DrawKeys,
    rng::{DrawKey, Stream},
};

/// The draws of layers are those of the session's step.
impl DrawKeys for RefCell<Session> {
    fn next(&self, stream: &str) -> Result<(Stream, DrawKey)> {
        let mut session = self.try_borrow_mut().map_err(|_| {
            let reason = "the session is at work on something else, in which a layer cannot draw";
            Error::State { op: "draw", reason: reason.into() }
        })?;
        Ok((Stream::new(session.counters().seed, stream), session.next_draw(stream)))
    }
}

impl Session {
    /// What keys the next draw for a stream, such as a random tensor: the step, and how many the step has had. So a
    /// step's numbers do not depend on the steps before it, nor on draws of other streams. `setup`, and what a loop
    /// does before its first step, draw as step 0, whenever they run.
    pub fn next_draw(&mut self, stream: &str) -> DrawKey {
        let step = self.step_of_draws();
        self.draws.early.as_mut().unwrap_or(&mut self.counters.draws).next(stream, step)
    }

    /// How far the draws have come.
    pub fn drawn(&self) -> DrawCounts {
        self.draws.early.as_ref().unwrap_or(&self.counters.draws).clone()
    }

    /// Goes on with the draws from there. Returns how far they had come.
    pub fn draw_again(&mut self, from: DrawCounts) -> DrawCounts {
        std::mem::replace(self.draws.early.as_mut().unwrap_or(&mut self.counters.draws), from)
    }

    /// The stretch of the training that draws are counted in.
    pub fn draw_stage(&self) -> DrawStage {
        DrawStage { step: self.step_of_draws(), is_setup: self.beginning.is_setting_up, number: self.draws.stages }
    }

    /// The step that draws are keyed by: 0 in `setup`, and in what a loop does before its first step.
    fn step_of_draws(&self) -> u64 {
        if self.beginning.is_setting_up || self.draws.early.is_some() { 0 } else { self.counters.step }
    }

    /// Counts draws from now on where the state that the session began with, or went back to, had come to.
    pub fn take_up_draws(&mut self) {
        self.draws.take_up();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        session::{LastDraws, Plain},
    };

    fn key(step: u64, call: u64) -> DrawKey {
        DrawKey { step, call }
    }

    /// A session whose `setup` has drawn once, with four steps to do.
    fn set_up(mut session: Session) -> Session {
        session.plan(4);
        assert_eq!(session.next_draw("noise"), key(0, 0));
        session.finish_setup(Plain::default()).unwrap();
        session
    }

    #[test]
    fn counts_that_last_wait_for_the_first_step_after_a_state() {
        let mut session = Session::silent(Device::cpu(), 0);
        session.begin_setup();
        let mut session = set_up(session);
        assert_eq!(session.next_draw("noise"), key(0, 1));
        session.begin_step();
        assert_eq!([session.next_draw("noise"), session.next_draw("noise")], [key(1, 0), key(1, 1)]);
        let (state, last) = (session.state(), Some(LastDraws { step: 1, count: 2 }));
        session.restore(&state).unwrap();
        let mut other = Session::silent(Device::cpu(), 0);
        other.begin_with(state);
        for mut session in [session, set_up(other)] {
            assert_eq!(session.next_draw("noise"), key(0, 1));
            assert_eq!(session.state().counters.draws.last("noise"), last);
            session.take_up_draws();
            assert_eq!(session.next_draw("noise"), key(1, 2));
            session.begin_step();
            assert_eq!(session.next_draw("noise"), key(2, 0));
        }
    }
}
