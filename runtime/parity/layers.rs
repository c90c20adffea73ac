//! Every layer as a module, with the gradients of its parameters and its buffers; then networks of them.

mod attention;
mod convolutions;
mod functions;
mod norms;
mod recurrent;

use super::{
    Case, Group, Output,
    derivative::{buffers, differentiate_layer, realised},
    noise::noise,
    tolerance::{ARITHMETIC, EXACT, LAYER, NETWORK, SUM},
};
use crate::{
    Result,
    model::{ResNetOptions, Stem, resnet18, resnet50},
    nn::{self, BatchNormOptions, Conv2dOptions, Module},
    options::Pair,
    tensor::Window,
};

const IMAGES: [usize; 4] = [3, 6, 13, 11];

pub(super) fn cases() -> Vec<Case> {
    let window = Window { kernel: [3, 3], stride: [2, 2], padding: [1, 1] };
    let grouped = Conv2dOptions { stride: Pair([2, 1]), groups: 3, ..Conv2dOptions::square(3, 1, 1) };
    let dilated = Conv2dOptions { dilation: Pair([2, 3]), ..Conv2dOptions::square(3, 1, 2) };
    let constant = BatchNormOptions { weight: false, bias: false, ..Default::default() };
    let own = vec![
        layer("linear", SUM, &[37, 65], || Ok(nn::linear(65, 21, true))),
        layer("linear without bias, of 3 dims", SUM, &[5, 7, 64], || Ok(nn::linear(64, 32, false))),
        layer("conv2d layer", SUM, &IMAGES, || nn::conv2d(6, 8, Conv2dOptions::square(3, 1, 1))),
        layer("conv2d layer in groups", SUM, &IMAGES, move || nn::conv2d(6, 9, grouped)),
        layer("conv2d layer, dilated", SUM, &IMAGES, move || nn::conv2d(6, 8, dilated)),
        layer("batch_norm, training", LAYER, &IMAGES, || Ok(nn::batch_norm(6, BatchNormOptions::default()))),
        layer("batch_norm of rows, training", LAYER, &[37, 65], move || Ok(nn::batch_norm(65, constant))),
        layer("batch_norm, evaluation", LAYER, &IMAGES, || {
            let module = nn::batch_norm(6, BatchNormOptions::default());
            module.set_training(false);
            Ok(module)
        }),
        layer("relu layer", EXACT, &IMAGES, || Ok(nn::relu())),
        layer("max_pool2d layer", SUM, &IMAGES, move || Ok(nn::max_pool2d(window))),
        layer("avg_pool2d layer", SUM, &IMAGES, move || Ok(nn::avg_pool2d(window))),
        layer("global_avg_pool layer", SUM, &IMAGES, || Ok(nn::global_avg_pool())),
        layer("flatten and identity", EXACT, &IMAGES, || Ok(nn::sequential(vec![nn::flatten(), nn::identity()]))),
        layer("projector", LAYER, &[33, 65], || nn::projector(&[65, 48, 17])),
        layer("resnet18, cifar stem", NETWORK, &[4, 3, 32, 32], || network(Stem::Cifar)),
        layer("resnet18, imagenet stem", NETWORK, &[4, 3, 64, 64], || network(Stem::ImageNet)),
        layer("resnet50, cifar stem", NETWORK, &[4, 3, 16, 16], || {
            resnet50(ResNetOptions { stem: Stem::Cifar, width: 4, ..Default::default() })
        }),
        follower(),
    ];
    let others = [functions::cases(), norms::cases(), attention::cases(), convolutions::cases(), recurrent::cases()];
    own.into_iter().chain(others.into_iter().flatten()).collect()
}

fn layer(name: &str, tolerance: f64, input: &'static [usize], make: impl Fn() -> Result<Module> + 'static) -> Case {
    Case::new(Group::Layer, name, tolerance, move |device| {
        differentiate_layer(&realised(make()?, device)?, &noise("input", input, device)?)
    })
}

fn network(stem: Stem) -> Result<Module> {
    resnet18(ResNetOptions { stem, width: 4, ..Default::default() })
}

/// A target network that follows another.
fn follower() -> Case {
    Case::new(Group::Layer, "copy and moving average", ARITHMETIC, |device| {
        let make = || nn::sequential(vec![nn::linear(33, 21, true), nn::batch_norm(21, BatchNormOptions::default())]);
        let online = make();
        online.realise("online", 1, device)?;
        let target = realised(make(), device)?.copy()?;
        (0..3).try_for_each(|_| target.ema_update(&online, 0.9))?;
        let values = target.parameters().into_iter();
        let values = values.map(|(name, parameter)| Ok(Output::forward(name, parameter.value()?.floats()?)));
        values.chain(buffers(&target)?.into_iter().map(Ok)).collect()
    })
}
