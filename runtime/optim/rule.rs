//! Update rules by name, as a script or a checkpoint has them.

use serde::{Deserialize, Serialize};

use super::{Lars, Sgd, Update};
use crate::{Result, Tensor, nn::Role};

/// How a gradient moves a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Layer-wise adaptive rate scaling.
    Lars(Lars),
    /// Stochastic gradient descent.
    Sgd(Sgd),
}

impl Rule {
    /// The next value of a parameter and of its velocity: a pure function.
    pub fn update(
        &self,
        parameter: &Tensor,
        gradient: &Tensor,
        velocity: Option<&Tensor>,
        role: Role,
        lr: f64,
    ) -> Result<Update> {
        match self {
            Self::Lars(lars) => lars.update(parameter, gradient, velocity, role, lr),
            Self::Sgd(sgd) => sgd.update(parameter, gradient, velocity, lr),
        }
    }

    /// An error where a hyperparameter makes no sense.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Lars(lars) => lars.check(),
            Self::Sgd(sgd) => sgd.check(),
        }
    }
}
