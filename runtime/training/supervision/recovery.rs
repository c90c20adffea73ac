//! What a training is taken back to.

use std::{cell::RefCell, collections::BTreeMap};

use crate::{run::Moment, session::Ring, training::policy::Policy};

/// What a training is taken back to.
#[derive(Default)]
pub struct Recovery {
    /// States in memory.
    pub(super) ring: RefCell<Ring>,
    /// Whether an earlier process began the run, so that checkpoints have older states than memory has.
    pub(super) taken_up: bool,
    /// Where the run that is repeated was taken back, and to which steps.
    pub(super) repeated: BTreeMap<Moment, u64>,
}

impl Recovery {
    /// Of a run that goes on where an earlier process left it.
    pub fn of_run_taken_up() -> Self {
        Self { taken_up: true, ..Self::default() }
    }

    /// Of a repetition of a run that was taken back at these moments, to these steps.
    pub fn repeating(rewinds: BTreeMap<Moment, u64>) -> Self {
        let ring = RefCell::new(Ring::keeping(rewinds.values().copied().collect()));
        Self { ring, taken_up: false, repeated: rewinds }
    }

    /// Goes by what a version's script says.
    pub fn follow(&self, policy: &Policy) {
        self.ring.borrow_mut().resize(policy.rewind(), policy.recover.memory << 20);
    }

    /// Forgets the states in memory.
    pub fn forget(&self) {
        self.ring.borrow_mut().clear();
    }
}
