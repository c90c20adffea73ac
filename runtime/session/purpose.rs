//! What a session is there for: a training, or to see whether a script works.

use super::Session;

/// What a session is there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// It trains.
    #[default]
    Training,
    /// It does one step, to see whether a script works.
    Check,
    /// It does a step that shows nothing and is not kept, to see whether an edit works.
    Trial,
}

impl Session {
    /// What it is there for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// Makes the training one step long, which is all that a check does.
    pub fn begin_check(&mut self) {
        self.purpose = Purpose::Check;
        self.counters.total = 1;
    }

    /// Lets the steps from now on show nothing: they will be taken back.
    pub fn begin_trial(&mut self) {
        self.purpose = Purpose::Trial;
    }
}
