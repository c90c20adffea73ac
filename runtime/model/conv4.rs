//! Conv-4, few-shot learning's small network (Vinyals et al., NeurIPS 2016), with the names of Snell et al.'s code.

use crate::{
    Result,
    nn::{Conv2dOptions, Module, batch_norm, conv2d, flatten, max_pool2d, relu, sequential},
    options::{Options, options},
    tensor::Window,
};

const OP: &str = "conv4";

options! {
    /// What distinguishes two Conv-4.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Conv4Options {
        /// Channels of every block.
        pub width: usize = 64, in 1..;
        /// Channels of the images.
        pub channels: usize = 3, in 1..;
    }
}

/// Four blocks of a 3×3 convolution, batch norm, ReLU and a 2×2 max-pool: `[N, channels, H, W]` to features
/// `[N, width · ⌊H / 16⌋ · ⌊W / 16⌋]`, such as 1600 of 84×84.
///
/// # Errors
/// Options of which no network can be made.
pub fn conv4(options: Conv4Options) -> Result<Module> {
    options.check(OP)?;
    let Conv4Options { width, channels } = options;
    let window = Window { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };
    let block = |inputs| {
        let convolution = conv2d(inputs, width, Conv2dOptions::square(3, 1, 1))?;
        Ok(sequential(vec![convolution, batch_norm(width, Default::default()), relu(), max_pool2d(window)]))
    };
    let blocks = [channels, width, width, width].into_iter().map(block);
    Ok(sequential(blocks.chain([Ok(flatten())]).collect::<Result<_>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::structure_fixture::{check_network, check_shapes};

    #[test]
    fn values_gradients_names_and_shapes_are_those_of_the_authors() {
        check_network("conv4", &conv4(Conv4Options { width: 5, ..Default::default() }).unwrap());
        check_shapes("conv4", &conv4(Conv4Options::default()).unwrap());
    }
}
