//! What an update rule computes for one parameter.

use crate::Tensor;

/// What a rule computed.
pub struct Update {
    /// The parameter's next value.
    pub parameter: Tensor,
    /// Its next velocity, where the rule keeps one.
    pub velocity: Option<Tensor>,
}
