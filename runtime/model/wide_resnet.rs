//! "Wide Residual Networks" (Zagoruyko and Komodakis, BMVC 2016): a norm and a ReLU before each convolution. Names are
//! those of the common PyTorch code (xternalz/WideResNet-pytorch).

use super::{
    block::{convolution, norm},
    images,
};
use crate::{
    Result, Tensor,
    nn::{Layer, Module, sequential},
    options::{Options, options},
    tensor::{Behind, size},
};

const OP: &str = "wide_resnet28_10";
/// Channels before the first stage.
const FIRST: usize = 16;

options! {
    /// What distinguishes two wide ResNets.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct WideResNetOptions {
        /// How many times wider than 16, 32 and 64 channels the stages are.
        pub widen: usize = 10, in 1..;
        /// Blocks in each of the three stages: 4 of a network of 28 layers.
        pub blocks: usize = 4, in 1..=64;
        /// Channels of the images.
        pub channels: usize = 3, in 1..;
    }
}

struct WideResNet {
    options: WideResNetOptions,
    conv1: Module,
    stages: Vec<Module>,
    bn1: Module,
}

/// A part that holds its blocks under the name `layer`.
struct Stage(Module);

struct Block {
    sizes: [usize; 2],
    stride: usize,
    bn1: Module,
    conv1: Module,
    bn2: Module,
    conv2: Module,
    shortcut: Option<Module>,
}

const RELU: Behind<'_> = Behind { residual: None, relu: true };

/// WRN-28-10: `[N, channels, H, W]` of small images to features `[N, 64 · widen]`.
///
/// # Errors
/// Options of which no network can be made.
pub fn wide_resnet28_10(options: WideResNetOptions) -> Result<Module> {
    options.check(OP)?;
    let WideResNetOptions { widen, blocks, channels } = options;
    size::product(OP, "widen · 64", &[widen, 64])?;
    let sizes = [FIRST, 16 * widen, 32 * widen, 64 * widen];
    let stage = |(number, pair): (usize, &[usize])| {
        let stride = if number == 0 { 1 } else { 2 };
        let blocks =
            (0..blocks).map(|at| if at == 0 { block(pair[0], pair[1], stride) } else { block(pair[1], pair[1], 1) });
        Ok(Module::new(Stage(sequential(blocks.collect::<Result<_>>()?))))
    };
    let stages = sizes.windows(2).enumerate().map(stage).collect::<Result<_>>()?;
    let conv1 = convolution(channels, FIRST, 3, 1, 1)?;
    Ok(Module::new(WideResNet { options, conv1, stages, bn1: norm(sizes[3]) }))
}

fn block(inputs: usize, outputs: usize, stride: usize) -> Result<Module> {
    let shortcut = if inputs == outputs { None } else { Some(convolution(inputs, outputs, 1, stride, 0)?) };
    let (conv1, conv2) = (convolution(inputs, outputs, 3, stride, 1)?, convolution(outputs, outputs, 3, 1, 1)?);
    let (bn1, bn2) = (norm(inputs), norm(outputs));
    Ok(Module::new(Block { sizes: [inputs, outputs], stride, bn1, conv1, bn2, conv2, shortcut }))
}

impl Layer for Block {
    fn kind(&self) -> &str {
        "block"
    }

    fn describe(&self) -> String {
        format!("block({}, {}, stride = {})", self.sizes[0], self.sizes[1], self.stride)
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = images("block", inputs)?;
        let normed = self.bn1.forward_with(input, RELU)?;
        let shortcut = match &self.shortcut {
            Some(shortcut) => shortcut.forward(&normed)?,
            None => input.clone(),
        };
        let value = self.bn2.forward_with(&self.conv1.forward(&normed)?, RELU)?;
        shortcut.add(&self.conv2.forward(&value)?)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        let Self { sizes, stride, .. } = *self;
        let [bn1, conv1, bn2, conv2] = [&self.bn1, &self.conv1, &self.bn2, &self.conv2].map(Module::fresh);
        let shortcut = self.shortcut.as_ref().map(Module::fresh);
        Box::new(Self { sizes, stride, bn1, conv1, bn2, conv2, shortcut })
    }

    fn children(&self) -> Vec<(String, Module)> {
        let own = [("bn1", &self.bn1), ("conv1", &self.conv1), ("bn2", &self.bn2), ("conv2", &self.conv2)];
        let own = own.into_iter().chain(self.shortcut.as_ref().map(|shortcut| ("convShortcut", shortcut)));
        own.map(|(name, part)| (name.to_owned(), part.clone())).collect()
    }
}

impl Layer for Stage {
    fn kind(&self) -> &str {
        "stage"
    }

    fn describe(&self) -> String {
        format!("stage({})", self.0.describe())
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        self.0.call(inputs)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self(self.0.fresh()))
    }

    fn children(&self) -> Vec<(String, Module)> {
        vec![("layer".into(), self.0.clone())]
    }
}

impl Layer for WideResNet {
    fn kind(&self) -> &str {
        OP
    }

    fn describe(&self) -> String {
        let WideResNetOptions { widen, blocks, channels } = self.options;
        let of = if channels == 3 { String::new() } else { format!(", channels = {channels}") };
        format!("{OP}(widen = {widen}, blocks = {blocks}{of})")
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let mut value = self.conv1.forward(images(OP, inputs)?)?;
        for stage in &self.stages {
            value = stage.forward(&value)?;
        }
        self.bn1.forward_with(&value, RELU)?.global_avg_pool()
    }

    fn fresh(&self) -> Box<dyn Layer> {
        let stages = self.stages.iter().map(Module::fresh).collect();
        Box::new(Self { options: self.options, conv1: self.conv1.fresh(), stages, bn1: self.bn1.fresh() })
    }

    fn children(&self) -> Vec<(String, Module)> {
        let stages = self.stages.iter().zip(1..).map(|(stage, n)| (format!("block{n}"), stage.clone()));
        let first = [("conv1".into(), self.conv1.clone())].into_iter();
        first.chain(stages).chain([("bn1".into(), self.bn1.clone())]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::structure_fixture::{check_network, check_shapes};

    #[test]
    fn values_gradients_names_and_shapes_are_those_of_the_common_code() {
        check_network(
            "wide_resnet",
            &wide_resnet28_10(WideResNetOptions { widen: 1, blocks: 2, ..Default::default() }).unwrap(),
        );
        check_shapes("wide_resnet28_10", &wide_resnet28_10(WideResNetOptions::default()).unwrap());
    }
}
