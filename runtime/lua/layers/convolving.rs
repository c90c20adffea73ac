//! Convolutions.

use crate::{
    lua::api::Api,
    nn::{self, Conv1dOptions, Conv2dOptions, ConvTranspose2dOptions},
};

pub(super) fn declare(api: &mut Api) {
    api.function(
        "nn.conv2d",
        "inputs, outputs, options",
        "Convolution of [N, inputs, H, W] to [N, outputs, H', W']. Depthwise with groups = inputs.",
        |inputs: usize, outputs: usize, options: Conv2dOptions| nn::conv2d(inputs, outputs, options),
    )
    .example(
        r#"local layer = mb.nn.conv2d(3, 16, { stride = 2, padding = 1 }):realise("layer")
print(table.concat(layer(mb.rand(8, 3, 32, 32)).shape, " x ")) --> 8 x 16 x 16 x 16"#,
    );
    api.function(
        "nn.conv1d",
        "inputs, outputs, options",
        "Convolution of [N, inputs, L] to [N, outputs, L'].",
        |inputs: usize, outputs: usize, options: Conv1dOptions| nn::conv1d(inputs, outputs, options),
    )
    .example(
        r#"local layer = mb.nn.conv1d(2, 4, { kernel = 5, padding = "same" }):realise("layer")
print(table.concat(layer(mb.rand(8, 2, 30)).shape, " x ")) --> 8 x 4 x 30"#,
    );
    api.function(
        "nn.conv_transpose2d",
        "inputs, outputs, options",
        "Transposed convolution of [N, inputs, H, W] to [N, outputs, H', W']: each value is spread out by the kernel, and H' = \
         (H - 1) · stride - 2 · padding + dilation · (kernel - 1) + output_padding + 1. What turns the sizes of a convolution \
         with the same options round. The weight is [inputs, outputs / groups, height, width].",
        |inputs: usize, outputs: usize, options: ConvTranspose2dOptions| nn::conv_transpose2d(inputs, outputs, options),
    )
    .example(
        r#"local up = mb.nn.conv_transpose2d(8, 3, { kernel = 4, stride = 2, padding = 1 }):realise("up")
print(table.concat(up(mb.rand(2, 8, 7, 7)).shape, " x ")) --> 2 x 3 x 14 x 14"#,
    );
}
