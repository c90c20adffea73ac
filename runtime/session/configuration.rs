//! How a component is set up, apart from its values: what an edit of a script's `setup` can change about it.

use serde::{Deserialize, Serialize};

use super::Component;
use crate::{nn::Modes, optim::Scheme};

/// A component's description and settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Configuration {
    /// A network.
    Module {
        /// What it is made of.
        description: String,
        /// Which of its parameters are constants, which parts evaluate.
        #[serde(flatten)]
        modes: Modes,
    },
    /// An optimizer.
    Optimizer(Scheme),
    /// A data set.
    #[serde(rename = "images")]
    ImageSet {
        /// Source and options.
        description: String,
        /// Of its decoded images, as hexadecimal digits.
        fingerprint: String,
    },
    /// A data set of tensors.
    Dataset {
        /// What its items are.
        description: String,
    },
    /// A tensor.
    Tensor,
}

impl Configuration {
    /// Leaves the functions of a script out: they last as long as its VM.
    pub(super) fn forget_functions(&mut self) {
        if let Self::Optimizer(scheme) = self {
            scheme.forget_functions();
        }
    }
}

impl Component {
    /// How it is set up now.
    pub(super) fn configuration(&self) -> Configuration {
        match self {
            Self::Module(module) => Configuration::Module { description: module.describe(), modes: module.modes() },
            Self::Optimizer(optimizer) => Configuration::Optimizer(optimizer.borrow().scheme().clone()),
            Self::ImageSet(images) => Configuration::ImageSet {
                description: images.describe(),
                fingerprint: images.fingerprint().map_or(String::new(), |number| format!("{number:016x}")),
            },
            Self::Dataset(set) => Configuration::Dataset { description: set.describe() },
            Self::Tensor(_) => Configuration::Tensor,
        }
    }

    /// Sets the component up as another of its kind was. Its description cannot be set.
    pub(super) fn configure(&self, configuration: &Configuration) -> crate::Result<()> {
        match (self, configuration) {
            (Self::Module(module), Configuration::Module { modes, .. }) => module.set_modes(modes),
            (Self::Optimizer(optimizer), Configuration::Optimizer(scheme)) => {
                optimizer.borrow_mut().configure(scheme.clone())?;
            }
            _ => {}
        }
        Ok(())
    }
}
