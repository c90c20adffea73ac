//! Which parameters a transform leaves alone.

use serde::{Deserialize, Serialize};

use crate::nn::Role;

/// Which parameters a transform acts on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mask {
    /// On all.
    #[default]
    Everything,
    /// Not on biases and norm parameters, nor on any other of at most one dim: a scale, shift or temperature of a
    /// module of one's own.
    Weights,
}

impl Mask {
    /// On all, or not on those that are no weights.
    pub(super) fn including_bias_and_norm(included: bool) -> Self {
        if included { Self::Everything } else { Self::Weights }
    }

    pub(super) fn covers(self, role: Role, rank: usize) -> bool {
        self == Self::Everything || role == Role::Weight && rank > 1
    }
}
