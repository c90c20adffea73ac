//! Update rules by name, as a script or a checkpoint has them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(test)]
use super::probe::Probe;
use super::{
    Lars, Link, ParameterUpdate, Sgd, UpdateTarget,
    chain::{Chain, Item},
    state::Kept,
};
use crate::{Result, Tensor, options::Options};

/// How a gradient moves a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Layer-wise adaptive rate scaling.
    Lars(Lars),
    /// Stochastic gradient descent.
    Sgd(Sgd),
    /// What tests keep.
    #[cfg(test)]
    Probe(Probe),
}

impl Rule {
    /// The transforms that it is a chain of.
    pub fn links(&self) -> Vec<Link> {
        match self {
            Self::Lars(lars) => lars.links(),
            Self::Sgd(sgd) => sgd.links(),
            #[cfg(test)]
            Self::Probe(probe) => vec![(*probe).into(), super::ScaleByLearningRate {}.into()],
        }
    }

    /// The next value of a parameter by itself and what is kept for it: a pure function.
    ///
    /// # Errors
    /// Shapes that differ; a device failed.
    pub fn update(&self, target: UpdateTarget, gradient: &Tensor, kept: &Kept) -> Result<ParameterUpdate> {
        let mut item = Item::new(target, gradient.clone(), Some(kept));
        Chain::new(&[], &self.links()).finish(&mut [&mut item], &mut BTreeMap::new())?;
        let (parameter, kept) = item.end();
        Ok(ParameterUpdate { parameter, kept })
    }

    /// An error where a hyperparameter makes no sense.
    pub(super) fn check(&self) -> Result<()> {
        match self {
            Self::Lars(lars) => lars.check("lars"),
            Self::Sgd(sgd) => sgd.sound(),
            #[cfg(test)]
            Self::Probe(_) => Ok(()),
        }
    }
}
