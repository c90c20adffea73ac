//! What is known of the run's folder: when it was last looked for, and whether it is lost.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

/// How often it is looked for, besides before whole files are written.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// How long nobody looks again after no other place was found.
const BETWEEN_TRIES: Duration = Duration::from_secs(60);

/// The looking for the run's folder.
pub struct Lookout {
    looked: Cell<Instant>,
    /// Whether the folder is lost and the user knows.
    says_lost: Cell<bool>,
    /// Whether a folder was begun in the place of a lost one, and has no checkpoint yet.
    has_new: Cell<bool>,
}

impl Lookout {
    /// It was there just now.
    pub fn new() -> Self {
        Self { looked: Cell::new(Instant::now()), says_lost: Cell::default(), has_new: Cell::default() }
    }

    /// Whether it is time to look again.
    pub fn is_due(&self) -> bool {
        self.looked.get().elapsed() >= BETWEEN_LOOKS
    }

    /// It is looked for now.
    pub fn note_look(&self) {
        self.looked.set(Instant::now());
    }

    /// The run has a place.
    pub fn note_place(&self) {
        self.says_lost.set(false);
    }

    /// The run has no place. Each try to find one may leave a folder behind, so the next comes later. True the first
    /// time.
    pub fn note_lost(&self) -> bool {
        self.looked.set(Instant::now() + BETWEEN_TRIES);
        !self.says_lost.replace(true)
    }

    /// Notes whether a folder was begun that has no checkpoint yet. Returns what was so before.
    pub fn set_has_new(&self, has_new: bool) -> bool {
        self.has_new.replace(has_new)
    }
}
