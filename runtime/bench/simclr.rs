//! The training that is timed: SimCLR with SGD, as `scripts/simclr.lua` does it.

use super::{BenchOptions, Encoder};
use crate::{
    Device, Result, Tensor,
    augment::{Chain, ColorJitter, Grayscale, HorizontalFlip, RandomResizedCrop},
    loss,
    model::{ResNetOptions, Stem, resnet18, resnet50},
    nn::{Module, Parameter, projector},
    optim::{Now, Optimizer, Rule, Schedule, Sgd},
    tensor::{Gradients, Precision, autocast_modules},
};

/// Views under this side meet the small stem.
pub(super) const SMALL: usize = 64;

/// Encoder, projector and optimizer.
pub(super) struct Training {
    encoder: Module,
    projector: Module,
    pub parameters: Vec<(String, Parameter)>,
    pub optimizer: Optimizer,
    precision: Precision,
}

impl Training {
    pub fn new(options: &BenchOptions, device: &Device) -> Result<Self> {
        let stem = if options.size < SMALL { Stem::Cifar } else { Stem::ImageNet };
        let resnet = ResNetOptions { stem, width: options.width, ..Default::default() };
        let encoder = match options.encoder {
            Encoder::ResNet18 => resnet18(resnet)?,
            Encoder::ResNet50 => resnet50(resnet)?,
        };
        let projector = projector(&projector_sizes(options))?;
        encoder.realise("encoder", 0, device)?;
        projector.realise("projector", 0, device)?;
        let named = |prefix: &str, module: &Module| {
            module.parameters().into_iter().map(|(path, p)| (format!("{prefix}.{path}"), p)).collect::<Vec<_>>()
        };
        let parameters = [named("encoder", &encoder), named("projector", &projector)].concat();
        let rule = Rule::Sgd(Sgd { momentum: 0.9, ..Sgd::default() });
        let optimizer = Optimizer::new(rule, Schedule::constant(0.1)?)?;
        Ok(Self { encoder, projector, parameters, optimizer, precision: options.precision })
    }

    /// Forward pass, loss, backward pass, update.
    pub fn step(&mut self, views: &Tensor, number: usize) -> Result<()> {
        let forward = || self.projector.forward(&self.encoder.forward(views)?);
        let z = autocast_modules(self.precision, forward)?;
        let mut gradients = Gradients::of(&loss::nt_xent(&z, loss::NtXentOptions::default())?)?;
        self.optimizer.step(&self.parameters, &mut gradients, Now::new(number as u64 + 1, 0))?;
        Ok(())
    }
}

/// Channels of the encoder's features, and of what the projector's linear layers make of them.
pub(super) fn projector_sizes(options: &BenchOptions) -> [usize; 3] {
    let features = options.width * 8 * options.encoder.expansion();
    [features, features.min(512), 128]
}

/// Crop, flip, jitter and grayscale, as SimCLR's on CIFAR.
pub(super) fn augmentation(size: usize) -> Result<Chain> {
    Ok(Chain::new()
        .then(RandomResizedCrop::new((size, size))?)
        .then(HorizontalFlip::default())
        .then(ColorJitter::new(0.4, 0.4, 0.4, 0.1)?.with_probability(0.8)?)
        .then(Grayscale::new(0.2)?))
}
