//! What holds for a whole step of a network.

use super::{ResNetOptions, Stem, resnet18, resnet50};
use crate::{
    Device, Tensor,
    nn::{Conv2dOptions, Module, batch_norm, conv2d, flatten, max_pool2d, relu, sequential},
    optim::{Now, Optimizer, Rule, Schedule, Sgd},
    rng::{DrawKey, Stream},
    tensor::{Gradients, Window, layout_copies},
};

/// How often a forward pass, a backward pass and an update put elements into another order.
fn copies_of_a_step(network: &Module, side: usize) -> u64 {
    network.realise("network", 0, &Device::cpu()).unwrap();
    let rule = Rule::Sgd(Sgd { momentum: 0.9, ..Sgd::default() });
    let mut optimizer = Optimizer::new(rule, Schedule::constant(0.1).unwrap()).unwrap();
    let shape = [3, 3, side, side];
    let images = Tensor::randn(&shape, Stream::new(3, "images"), DrawKey::default(), &Device::cpu()).unwrap();
    let mut step = |number| {
        let features = network.forward(&images).unwrap();
        let loss = features.mul(&features).unwrap().sum(None, false).unwrap();
        let mut gradients = Gradients::of(&loss).unwrap();
        optimizer.step(&network.parameters(), &mut gradients, Now::new(number, 0)).unwrap();
    };
    step(1);
    let before = layout_copies();
    step(2);
    layout_copies() - before
}

/// Vinyals et al., NeurIPS 2016, as `scripts/moonburn/few_shot.lua` puts it together.
fn conv4(width: usize) -> Module {
    let window = Window { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };
    let blocks = (0..4).flat_map(|block| {
        let options = Conv2dOptions { bias: false, ..Conv2dOptions::square(3, 1, 1) };
        let convolution = conv2d(if block == 0 { 3 } else { width }, width, options).unwrap();
        [convolution, batch_norm(width, Default::default()), relu(), max_pool2d(window)]
    });
    sequential(blocks.chain([flatten()]).collect())
}

#[test]
fn no_element_is_put_into_another_order_in_a_step() {
    for width in [5, 8] {
        for stem in [Stem::Cifar, Stem::ImageNet] {
            for network in [resnet18, resnet50] {
                let network = network(ResNetOptions { stem, width, ..Default::default() }).unwrap();
                assert_eq!(copies_of_a_step(&network, 33), 0, "{}", network.describe());
            }
        }
        // One pixel is left, of which any order is the same.
        assert_eq!(copies_of_a_step(&conv4(width), 28), 0, "conv4({width})");
    }
}
