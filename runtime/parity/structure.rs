//! Layers whose weight is computed, and further networks, with the gradients of their parameters and their buffers.

use super::{
    Case, Group,
    derivative::{differentiate_layer, realised},
    noise::noise,
    tolerance::{LAYER, NETWORK},
};
use crate::{
    Result,
    model::{
        self, Conv4Options, ConvNextOptions, MlpNorm, MlpOptions, ResNet12Options, ResNetOptions, Stem, VitOptions,
        VitPool, WideResNetOptions,
    },
    nn::{self, Conv2dOptions, Module, SpectralNormOptions},
};

const IMAGES: [usize; 4] = [3, 3, 33, 35];
const SMALL: [usize; 4] = [3, 3, 17, 16];

pub(super) fn cases() -> Vec<Case> {
    let convolution = || nn::conv2d(3, 8, Conv2dOptions::square(3, 1, 1));
    vec![
        case("weight_norm", LAYER, &[37, 65], || nn::weight_norm(nn::linear(65, 21, true), None)),
        case("weight_norm of a convolution", LAYER, &SMALL, move || nn::weight_norm(convolution()?, Some(1))),
        case("spectral_norm", LAYER, &[37, 65], || {
            nn::spectral_norm(nn::linear(65, 21, true), None, SpectralNormOptions::default())
        }),
        case("spectral_norm of a convolution", LAYER, &SMALL, move || {
            nn::spectral_norm(convolution()?, None, SpectralNormOptions { iterations: 2, ..Default::default() })
        }),
        case("resnet10, zero_init_residual", NETWORK, &SMALL, || {
            model::resnet10(ResNetOptions {
                stem: Stem::Cifar,
                width: 4,
                zero_init_residual: true,
                ..Default::default()
            })
        }),
        case("resnet12", NETWORK, &IMAGES, || {
            model::resnet12(ResNet12Options { width: 4, pool: true, ..Default::default() })
        }),
        case("resnet12, not pooled", NETWORK, &IMAGES, || {
            model::resnet12(ResNet12Options { width: 2, pool: false, ..Default::default() })
        }),
        case("wide_resnet28_10", NETWORK, &SMALL, || {
            model::wide_resnet28_10(WideResNetOptions { widen: 1, blocks: 2, ..Default::default() })
        }),
        case("vit_tiny", NETWORK, &[3, 3, 16, 16], || model::vit_tiny(small(VitPool::Token))),
        case("vit_small, pooled", NETWORK, &[3, 3, 16, 16], || model::vit_small(small(VitPool::Mean))),
        case("convnext_tiny", NETWORK, &[3, 3, 64, 33], || {
            model::convnext_tiny(ConvNextOptions { width: 8, depths: vec![1, 1, 2, 1], ..Default::default() })
        }),
        case("mlp", NETWORK, &[37, 65], || {
            model::mlp(&[65, 33, 21, 7], MlpOptions { norm: MlpNorm::Layer, ..Default::default() })
        }),
        // In training mode a bias in front of a norm has the gradient 0, of which there is nothing but rounding to compare.
        case("conv4", NETWORK, &IMAGES, || {
            let model = model::conv4(Conv4Options { width: 8, ..Default::default() })?;
            model.set_training(false);
            Ok(model)
        }),
    ]
}

fn small(pool: VitPool) -> VitOptions {
    let (dim, heads) = (Some(24), Some(3));
    VitOptions { image: 16, patch: 4, depth: 3, dim, heads, pool, ..Default::default() }
}

fn case(name: &str, tolerance: f64, input: &'static [usize], make: impl Fn() -> Result<Module> + 'static) -> Case {
    Case::new(Group::Layer, name, tolerance, move |device| {
        differentiate_layer(&realised(make()?, device)?, &noise("input", input, device)?)
    })
}
