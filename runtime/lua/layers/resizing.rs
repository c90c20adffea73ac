//! Layers that change the height and width of images.

use crate::{
    lua::{api::Api, object::named},
    nn,
    options::Pair,
    tensor::ResizeMode,
};

named! {
    ResizeMode;
}

pub(super) fn declare(api: &mut Api) {
    api.function(
        "nn.adaptive_avg_pool2d",
        "size",
        "[N, C, H, W] to [N, C, height, width]: the means of windows that together cover the image. The size is a number or \
         { height, width }, and may be larger than the image.",
        |size: Pair| nn::adaptive_avg_pool2d(size),
    )
    .example(
        r"local image = mb.tensor { { { { 1.0, 3.0, 5.0, 7.0 } } } }
print(mb.nn.adaptive_avg_pool2d({ 1, 2 })(image)[1][1][1])
--> tensor [2] float32 on cpu
--> [2.0000, 6.0000]",
    );
    api.function(
        "nn.adaptive_max_pool2d",
        "size",
        "As adaptive_avg_pool2d, the largest of each window; the gradient goes to the first of equals.",
        |size: Pair| nn::adaptive_max_pool2d(size),
    )
    .example(
        r"local image = mb.tensor { { { { 1.0, 3.0, 5.0, 7.0 } } } }
print(mb.nn.adaptive_max_pool2d({ 1, 2 })(image)[1][1][1])
--> tensor [2] float32 on cpu
--> [3.0000, 7.0000]",
    );
    api.function(
        "nn.upsample",
        "options",
        "Images [N, C, H, W] of another height and width, as by PyTorch's interpolate: to options.size, or to options.scale \
         times their own.",
        nn::upsample,
    )
    .example(
        r#"local image = mb.tensor { { { { 0.0, 4.0 } } } }
print(mb.nn.upsample({ size = { 1, 4 }, mode = "bilinear" })(image)[1][1][1])
--> tensor [4] float32 on cpu
--> [0.0000, 1.0000, 3.0000, 4.0000]
print(mb.nn.upsample({ scale = 2 })(image)[1][1])
--> tensor [2, 4] float32 on cpu
--> [[0.0000, 0.0000, 4.0000, 4.0000],
-->  [0.0000, 0.0000, 4.0000, 4.0000]]"#,
    );
    api.function(
        "nn.pixel_shuffle",
        "factor",
        "[N, C · factor², H, W] to [N, C, H · factor, W · factor]: pixels from channels (Shi et al. 2016).",
        nn::pixel_shuffle,
    )
    .example(r#"print(table.concat(mb.nn.pixel_shuffle(2)(mb.rand(3, 8, 5, 5)).shape, " x ")) --> 3 x 2 x 10 x 10"#);
    api.function(
        "nn.pixel_unshuffle",
        "factor",
        "[N, C, H · factor, W · factor] to [N, C · factor², H, W]: the reverse of pixel_shuffle.",
        nn::pixel_unshuffle,
    )
    .example(
        r"local x = mb.rand(3, 8, 5, 5)
print(mb.nn.pixel_unshuffle(2)(mb.nn.pixel_shuffle(2)(x)):equal(x)) --> true",
    );
}
