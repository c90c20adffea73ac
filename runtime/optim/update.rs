//! What an update rule computes for one parameter.

use super::state::Kept;
use crate::Tensor;

/// What a rule computed.
pub struct ParameterUpdate {
    /// The parameter's next value.
    pub parameter: Tensor,
    /// What its transforms keep from then on.
    pub kept: Kept,
}
