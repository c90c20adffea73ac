//! What a session holds by name.

use std::{cell::RefCell, rc::Rc};

use crate::{Device, Result, Tensor, data::ImageSet, dataset::Dataset, nn::Module, optim::Optimizer, run::Progress};

/// A living part of a session. Cloning shares it.
#[derive(Clone)]
pub enum Component {
    /// A network.
    Module(Module),
    /// An optimizer with its state.
    Optimizer(Rc<RefCell<Optimizer>>),
    /// A data set with its place in its order.
    ImageSet(ImageSet),
    /// A data set of tensors with its place in its order, and with what is in it where it grows.
    Dataset(Dataset),
    /// A tensor of the script's own, such as a queue of keys; a constant.
    Tensor(Tensor),
}

impl Component {
    /// What kind of value it is, as scripts call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Module(_) => "Module",
            Self::Optimizer(_) => "Optimizer",
            Self::ImageSet(_) => "ImageSet",
            Self::Dataset(_) => "Dataset",
            Self::Tensor(_) => "Tensor",
        }
    }

    pub(super) fn realise(&self, name: &str, seed: u64, device: &Device, progress: &Progress) -> Result<()> {
        match self {
            Self::Module(module) => module.realise(name, seed, device),
            Self::Optimizer(_) | Self::Tensor(_) => Ok(()),
            Self::Dataset(set) => set.open(name, seed),
            Self::ImageSet(set) => {
                let label = format!("reading {}", set.source());
                set.open(name, seed, &|done, total| progress.counting(&label, done as u64, total as u64))?;
                set.news().iter().for_each(|line| progress.message(line));
                Ok(())
            }
        }
    }
}
