//! What parameters are to an optimizer.

use serde::{Deserialize, Serialize};

/// What a parameter is to an optimizer: LARS leaves biases and norm parameters alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Of a linear layer or a convolution.
    Weight,
    /// Added to what a layer computes.
    Bias,
    /// The scale or shift of a normalisation.
    Norm,
}

impl Role {
    /// As scripts write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::Bias => "bias",
            Self::Norm => "norm",
        }
    }
}
