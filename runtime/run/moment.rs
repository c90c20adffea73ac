//! A place in a run's own time. A run that was taken back comes by a step again, so that a step alone is no such place.

/// How often the training had been taken back, and how many steps were done. Later moments are greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// How often it had been taken back, for whatever reason.
    pub rewinds: u64,
    /// Steps that were done.
    pub step: u64,
}
