//! What an iteration may fail at.

/// An iteration did not come to an end. With finite numbers it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoConvergence;
