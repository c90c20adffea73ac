//! Every operation of a step's forward pass, found by walking a ResNet and its projector as `model` builds them.

use super::operation::{Kind, Operation};
use crate::bench::{
    BenchOptions, Encoder,
    simclr::{SMALL, projector_sizes},
};

/// The distinct operations of a step, in the order in which they first occur.
pub(super) fn operations(options: &BenchOptions) -> Vec<Operation> {
    let mut walk = Walk { at: vec![options.views(), 3, options.size, options.size], found: Vec::new() };
    if options.size < SMALL {
        walk.convolution(options.width, 3, 1, RELU);
    } else {
        walk.convolution(options.width, 7, 2, RELU);
        walk.step(Kind::MaxPool);
    }
    let depths = match options.encoder {
        Encoder::ResNet18 => [2, 2, 2, 2],
        Encoder::ResNet50 => [3, 4, 6, 3],
    };
    for (stage, depth) in depths.into_iter().enumerate() {
        for position in 0..depth {
            let stride = if stage > 0 && position == 0 { 2 } else { 1 };
            walk.block(options.encoder, options.width << stage, stride);
        }
    }
    walk.step(Kind::GlobalPool);
    let [_, hidden, outputs] = projector_sizes(options);
    for kind in [Kind::Linear { outputs: hidden }, RELU, Kind::Linear { outputs }, PLAIN] {
        walk.step(kind);
    }
    walk.step(Kind::NtXent);
    walk.found
}

struct Walk {
    /// The shape here.
    at: Vec<usize>,
    found: Vec<Operation>,
}

impl Walk {
    fn step(&mut self, kind: Kind) {
        let operation = Operation { kind, input: self.at.clone(), count: 1 };
        self.at = operation.output();
        let same = |known: &&mut Operation| known.kind == kind && known.input == operation.input;
        match self.found.iter_mut().find(same) {
            Some(known) => known.count += 1,
            None => self.found.push(operation),
        }
    }

    /// A convolution and its norm.
    fn convolution(&mut self, outputs: usize, kernel: usize, stride: usize, norm: Kind) {
        self.step(Kind::Convolution { outputs, kernel, stride });
        self.step(norm);
    }

    fn block(&mut self, encoder: Encoder, channels: usize, stride: usize) {
        let (before, outputs) = (self.at.clone(), channels * encoder.expansion());
        match encoder {
            Encoder::ResNet18 => {
                self.convolution(channels, 3, stride, RELU);
                self.convolution(channels, 3, 1, LAST);
            }
            Encoder::ResNet50 => {
                self.convolution(channels, 1, 1, RELU);
                self.convolution(channels, 3, stride, RELU);
                self.convolution(outputs, 1, 1, LAST);
            }
        }
        let after = self.at.clone();
        if stride != 1 || before[1] != outputs {
            self.at = before.clone();
            self.convolution(outputs, 1, stride, PLAIN);
        }
        self.at = before;
        self.step(Kind::ResidualAdd);
        self.at = after;
    }
}

/// A norm alone, one with ReLU, and the last one of a residual block.
const PLAIN: Kind = Kind::BatchNorm { added: false, relu: false };
const RELU: Kind = Kind::BatchNorm { added: false, relu: true };
const LAST: Kind = Kind::BatchNorm { added: true, relu: true };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, Tensor, bench::simclr::Training};

    fn options(encoder: Encoder, size: usize) -> BenchOptions {
        BenchOptions { encoder, size, batch: 2, width: 4, ..BenchOptions::default() }
    }

    #[test]
    fn there_are_as_many_weights_as_the_network_has() {
        for (encoder, size) in [(Encoder::ResNet18, 32), (Encoder::ResNet18, 64), (Encoder::ResNet50, 64)] {
            let options = options(encoder, size);
            let training = Training::new(&options, &Device::cpu()).unwrap();
            let wanted: usize = training.parameters.iter().map(|(_, p)| p.shape().iter().product::<usize>()).sum();
            let weights = |operation: &Operation| match operation.kind {
                Kind::BatchNorm { .. } => 2 * operation.input[1],
                Kind::Convolution { .. } | Kind::Linear { .. } => operation.operands()[1].iter().product(),
                _ => 0,
            };
            let found: usize = operations(&options).iter().map(|found| found.count * weights(found)).sum();
            // The last norm has no bias.
            assert_eq!(found - 128, wanted, "{encoder:?} {size}");
        }
    }

    #[test]
    fn outputs_have_the_shapes_that_computing_them_gives_at_odd_sides_too() {
        for (encoder, size) in [(Encoder::ResNet18, 13), (Encoder::ResNet50, 65)] {
            for operation in operations(&options(encoder, size)) {
                let operands = operation.operands();
                let operands: Vec<_> =
                    operands.iter().map(|shape| Tensor::ones(shape, &Device::cpu()).unwrap()).collect();
                let output = operation.body(&Device::cpu()).unwrap()(&operands).unwrap();
                assert_eq!(output.shape(), operation.output(), "{operation:?}");
            }
        }
    }
}
