//! How a session begins: what a script's `setup` makes of it, anew or from a state.

use super::{SetUp, batch_option::BatchOption, heritage::Heritage};

/// What a session knows of its beginning.
#[derive(Default)]
pub(super) struct Beginning {
    /// Whether the script's `setup` runs.
    pub(super) is_setting_up: bool,
    /// What the script calls its batch.
    batch: Option<BatchOption>,
    /// What `setup` made of the session.
    pub(super) made: SetUp,
    /// The state that the session began with, until its first step is done.
    pub(super) heritage: Option<Heritage>,
}

impl Beginning {
    /// What the script calls its batch, if it has been noted.
    pub(super) fn batch(&self) -> Option<BatchOption> {
        self.batch
    }

    /// Notes what the script calls its batch, unless that has been noted.
    pub(super) fn note_batch(&mut self, batch: BatchOption) {
        self.batch.get_or_insert(batch);
    }
}
