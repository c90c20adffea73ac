//! Convolutions besides the plain ones, and layers that change the size of images.

use super::plain::{IMAGES, layer};
use crate::{
    nn::{
        self, Conv1dOptions, Conv2dOptions, ConvTranspose2dOptions, Padding, PaddingMode, Pool1dOptions,
        UpsampleOptions,
    },
    options::Pair,
    parity::{
        Case,
        tolerance::{EXACT, LAYER, SUM},
    },
    tensor::ResizeMode,
};

pub(super) fn cases() -> Vec<Case> {
    let window = Pool1dOptions { kernel: 3, stride: Some(2), padding: 1 };
    let depthwise = Conv2dOptions { groups: 6, ..Conv2dOptions::square(3, 1, 1) };
    let same = Conv2dOptions { kernel: Pair([4, 3]), padding: Padding::Same, ..Default::default() };
    let mirrored = Conv2dOptions { padding_mode: PaddingMode::Reflect, ..Conv2dOptions::square(5, 2, 2) };
    let strided = Conv1dOptions { kernel: 5, stride: 2, padding: Padding::Sides(3), ..Default::default() };
    let [kernel, stride, output_padding] = [[3, 4], [2, 3], [1, 2]].map(Pair);
    let up = ConvTranspose2dOptions {
        kernel,
        stride,
        output_padding,
        padding: Pair::square(1),
        groups: 3,
        ..Default::default()
    };
    let resized = |mode, align_corners| {
        let size = Some(Pair([21, 7]));
        move || nn::upsample(UpsampleOptions { size, scale: None, mode, align_corners })
    };
    vec![
        layer("conv2d layer, depthwise", SUM, &IMAGES, move || nn::conv2d(6, 12, depthwise)),
        layer("conv2d layer, same size", SUM, &IMAGES, move || nn::conv2d(6, 8, same)),
        layer("conv2d layer, mirrored", SUM, &IMAGES, move || nn::conv2d(6, 8, mirrored)),
        layer("conv1d layer", SUM, &[3, 6, 37], move || nn::conv1d(6, 8, strided)),
        layer("max_pool1d layer", SUM, &[3, 6, 37], move || nn::max_pool1d(window)),
        layer("avg_pool1d layer", SUM, &[3, 6, 37], move || nn::avg_pool1d(window)),
        layer("batch_norm of sequences", LAYER, &[3, 6, 37], || Ok(nn::batch_norm(6, Default::default()))),
        layer("conv_transpose2d layer", SUM, &IMAGES, move || nn::conv_transpose2d(6, 9, up)),
        layer("adaptive_avg_pool2d layer", SUM, &IMAGES, || nn::adaptive_avg_pool2d(Pair([5, 14]))),
        layer("adaptive_max_pool2d layer", SUM, &IMAGES, || nn::adaptive_max_pool2d(Pair([5, 14]))),
        layer("upsample layer, nearest", SUM, &IMAGES, resized(ResizeMode::Nearest, false)),
        layer("upsample layer, bilinear", SUM, &IMAGES, resized(ResizeMode::Bilinear, false)),
        layer("upsample layer, bicubic", SUM, &IMAGES, resized(ResizeMode::Bicubic, true)),
        layer("pixel_shuffle layer", EXACT, &[2, 18, 5, 7], || nn::pixel_shuffle(3)),
        layer("pixel_unshuffle layer", EXACT, &[2, 2, 9, 6], || nn::pixel_unshuffle(3)),
    ]
}
