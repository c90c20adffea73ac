//! What a script calls its batch.

/// A script's option `batch`.
#[derive(Clone, Copy)]
pub(super) struct BatchOption {
    /// What a training asks for.
    pub(super) asked: usize,
    /// What it is taken for, which is less in a check.
    pub(super) taken: usize,
}
