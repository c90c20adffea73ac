//! Layers that normalise parts of their input by what these parts hold.

use crate::{
    lua::{api::Api, one_or_more::OneOrMore},
    nn::{self, GroupNormOptions, InstanceNormOptions, LayerNormOptions, RmsNormOptions},
};

pub(super) fn declare(api: &mut Api) {
    api.function(
        "nn.layer_norm",
        "sizes, options",
        "Layer normalisation (Ba et al. 2016) over the last dims, whose sizes are a number or a list: mean 0 and variance \
         1 together, then x · weight + bias. The variance is divided by the number of values.",
        |sizes: OneOrMore<usize>, options: LayerNormOptions| nn::layer_norm(&sizes.all(), options),
    )
    .example(
        r#"local norm = mb.nn.layer_norm(2):realise("norm")
print(norm(mb.tensor { { 1.0, 3.0 } }))
--> tensor [1, 2] float32 on cpu, requires grad
--> [[-1.0000, 1.0000]]"#,
    );
    api.function(
        "nn.rms_norm",
        "sizes, options",
        "Over the last dims, x / √(mean(x²) + epsilon) · weight (Zhang and Sennrich 2019). Sizes are a number or a list.",
        |sizes: OneOrMore<usize>, options: RmsNormOptions| nn::rms_norm(&sizes.all(), options),
    )
    .example(
        r"local norm = mb.nn.rms_norm(2, { weight = false })
print(norm(mb.tensor { { 1.0, 7.0 } }))
--> tensor [1, 2] float32 on cpu
--> [[0.2000, 1.4000]]",
    );
    api.function(
        "nn.group_norm",
        "groups, channels, options",
        "Group normalisation (Wu and He 2018) of [N, channels, ...]: the channels of a group together, over all positions \
         of an image. The groups divide the channels.",
        |groups: usize, channels: usize, options: GroupNormOptions| nn::group_norm(groups, channels, options),
    )
    .example(
        r#"local norm = mb.nn.group_norm(2, 4):realise("norm")
local y = norm(mb.rand(3, 4, 5, 5)):reshape(3, 2, -1)
print(y:mean(3):abs():max():item() < 1e-5) --> true"#,
    );
    api.function(
        "nn.instance_norm",
        "channels, options",
        "Instance normalisation (Ulyanov et al. 2016) of [N, channels, H, W] or [N, channels, L]: each channel of each \
         image on its own. As PyTorch's, without weight, bias and running statistics.",
        |channels: usize, options: InstanceNormOptions| nn::instance_norm(channels, options),
    )
    .example(
        r"local y = mb.nn.instance_norm(3)(mb.rand(2, 3, 8, 8))
print(y:flatten(3):mean(3):abs():max():item() < 1e-5) --> true",
    );
}
