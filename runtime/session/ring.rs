//! Recent states in memory, to go back to where a loss is not finite. Bounded in number and bytes.

use std::collections::{BTreeSet, VecDeque};

use super::State;

/// States kept at most between the oldest that may be needed and now.
const STATES: u64 = 4;

/// Recent states, oldest first.
#[derive(Default)]
pub struct Ring {
    states: VecDeque<State>,
    /// So far back it must be possible to go, in steps.
    reach: u64,
    /// Bytes that all states together may take.
    limit: usize,
    /// Steps whose states are kept whatever the spacing says: a repetition goes back where the run did.
    wanted: BTreeSet<u64>,
}

impl Ring {
    /// A ring that can go back `reach` steps, and takes `limit` bytes at most. None where `reach` is 0.
    pub fn new(reach: u64, limit: usize) -> Self {
        Self { reach, limit, ..Self::default() }
    }

    /// A ring without bounds yet that will keep the states of these steps, besides what it has room for.
    pub fn keeping(wanted: BTreeSet<u64>) -> Self {
        Self { wanted, ..Self::default() }
    }

    /// Takes other bounds and keeps the states that are within them.
    pub fn resize(&mut self, reach: u64, limit: usize) {
        (self.reach, self.limit) = (reach, limit);
        if reach == 0 {
            self.states.clear();
        }
    }

    /// Forgets every state.
    pub fn clear(&mut self) {
        self.states.clear();
    }

    /// The steps between two states of this many bytes, and how many states there will be: as many as are of use, or
    /// fit.
    pub fn spacing(&self, bytes: usize) -> (u64, usize) {
        let fitting = (self.limit / bytes.max(1)) as u64;
        // One more than there are intervals, and the one that is about to be too old.
        let intervals = STATES.min(self.reach).min(fitting.saturating_sub(2)).max(1);
        let every = self.reach.div_ceil(intervals);
        (every, (self.reach / every.max(1) + 2).min(fitting) as usize)
    }

    /// Looks at a state, and keeps it if it is due.
    pub fn offer(&mut self, state: &State) {
        if self.reach == 0 {
            return;
        }
        let (every, count) = self.spacing(state.bytes());
        if self.wanted.contains(&state.counters.step)
            && self.states.back().is_none_or(|last| last.counters.step < state.counters.step)
        {
            self.states.push_back(state.clone());
            return;
        }
        let last = self.states.iter().rev().find(|last| !self.wanted.contains(&last.counters.step));
        if count == 0 || last.is_some_and(|last| state.counters.step < last.counters.step + every) {
            return;
        }
        self.states.push_back(state.clone());
        // The newest of those that are old enough must stay, unless there is no room.
        let unwanted = |states: &VecDeque<State>| -> Vec<u64> {
            states.iter().map(|state| state.counters.step).filter(|step| !self.wanted.contains(step)).collect()
        };
        loop {
            let steps = unwanted(&self.states);
            if steps.len() <= count && steps.get(1).is_none_or(|second| second + self.reach > state.counters.step) {
                break;
            }
            self.states.retain(|kept| kept.counters.step != steps[0]);
        }
    }

    /// The state of a step, if it is kept; newer ones are forgotten.
    pub fn go_back_to(&mut self, step: u64) -> Option<State> {
        self.forget_after(step);
        self.states.back().filter(|state| state.counters.step == step).cloned()
    }

    /// The newest step that is far enough back from `step`.
    pub fn target(&self, step: u64) -> u64 {
        step.saturating_sub(self.reach)
    }

    /// The newest state that is `reach` steps older than `step`, else the oldest; newer ones are forgotten.
    pub fn go_back(&mut self, step: u64) -> Option<State> {
        let target = self.target(step);
        while self.states.len() > 1 && self.states.back().is_some_and(|state| state.counters.step > target) {
            self.states.pop_back();
        }
        self.states.back().cloned()
    }

    /// Forgets the states after a step.
    pub fn forget_after(&mut self, step: u64) {
        self.states.retain(|state| state.counters.step <= step);
    }

    /// Whether it keeps anything.
    pub fn is_on(&self) -> bool {
        self.reach > 0
    }

    /// The steps of its states.
    pub fn steps(&self) -> Vec<u64> {
        self.states.iter().map(|state| state.counters.step).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device, Tensor,
        session::{Component, Session},
    };

    fn state(step: u64) -> State {
        let mut session = Session::silent(Device::cpu(), 0);
        let tensor = Tensor::zeros(&[25], &Device::cpu()).unwrap();
        session.set("queue", Component::Tensor(tensor)).unwrap();
        let mut state = session.state();
        state.counters.step = step;
        state
    }

    fn after(mut ring: Ring, steps: u64) -> Ring {
        (0..=steps).for_each(|step| ring.offer(&state(step)));
        ring
    }

    #[test]
    fn it_goes_back_as_far_as_asked_or_a_little_further() {
        let mut ring = after(Ring::new(10, 1 << 20), 100);
        let found = ring.go_back(100).unwrap().counters.step;
        assert!((87..=90).contains(&found), "{found}");
        assert_eq!(ring.steps().last(), Some(&found));
    }

    #[test]
    fn early_on_it_goes_back_to_the_beginning() {
        assert_eq!(after(Ring::new(10, 1 << 20), 4).go_back(4).unwrap().counters.step, 0);
        assert!(Ring::new(10, 1 << 20).go_back(4).is_none());
    }

    #[test]
    fn bytes_are_bounded_whatever_the_reach() {
        for (limit, most) in [(1000, 6), (350, 3), (250, 2), (100, 1), (99, 0)] {
            for reach in [1, 3, 10, 1000] {
                let ring = after(Ring::new(reach, limit), 60);
                assert!(ring.steps().len() <= most, "{limit} {reach}: {:?}", ring.steps());
                assert_eq!(ring.steps().is_empty(), most == 0);
            }
        }
    }

    #[test]
    fn a_reach_of_nothing_keeps_nothing() {
        assert_eq!(after(Ring::new(0, 1 << 20), 5).steps(), [0; 0]);
    }
}
