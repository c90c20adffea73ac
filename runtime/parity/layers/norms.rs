//! Layers that normalise parts of their input by what these hold.

use super::plain::{IMAGES, layer};
use crate::{
    nn::{self, GroupNormOptions, InstanceNormOptions, LayerNormOptions, RmsNormOptions},
    parity::{Case, tolerance::LAYER},
};

pub(super) fn cases() -> Vec<Case> {
    let bare = LayerNormOptions { weight: false, bias: false, ..Default::default() };
    let affine = InstanceNormOptions { weight: true, bias: true, ..Default::default() };
    vec![
        layer("layer_norm", LAYER, &[9, 5, 65], || nn::layer_norm(&[65], LayerNormOptions::default())),
        layer("layer_norm of two dims", LAYER, &[9, 5, 33], move || nn::layer_norm(&[5, 33], bare)),
        layer("rms_norm", LAYER, &[37, 65], || nn::rms_norm(&[65], RmsNormOptions::default())),
        layer("group_norm", LAYER, &IMAGES, || nn::group_norm(3, 6, GroupNormOptions::default())),
        layer("instance_norm", LAYER, &IMAGES, move || nn::instance_norm(6, affine)),
    ]
}
