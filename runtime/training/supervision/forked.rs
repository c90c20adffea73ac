//! Where a run began that is a fork of a live one.

/// Where a fork of a live run began.
#[derive(Clone, Copy, Debug)]
pub struct Forked {
    /// The step after which it did.
    pub step: u64,
    /// How many live runs it is a fork of.
    pub depth: u64,
}
