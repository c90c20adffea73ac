//! The residual blocks of "Deep Residual Learning for Image Recognition" (He et al., CVPR 2016), as torchvision
//! builds them: a bottleneck's stride is in its 3×3 convolution.

use super::images;
use crate::{
    Result, Tensor,
    nn::{BatchNormOptions, Conv2dOptions, Init, Layer, Module, batch_norm, conv2d_from, sequential},
    tensor::{Behind, size},
};

/// Which block a network is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Two 3×3 convolutions.
    Basic,
    /// 1×1, 3×3 and 1×1, the last with 4 times the channels.
    Bottleneck,
}

impl Kind {
    /// How many convolutions a block has one after another.
    pub(super) fn depth(self) -> usize {
        match self {
            Self::Basic => 2,
            Self::Bottleneck => 3,
        }
    }

    /// Output channels per channel of the 3×3 convolution.
    pub(super) fn expansion(self) -> usize {
        match self {
            Self::Basic => 1,
            Self::Bottleneck => 4,
        }
    }
}

struct Block {
    description: String,
    /// Convolutions and their norms, in order.
    steps: Vec<(Module, Module)>,
    downsample: Option<Module>,
}

/// relu(steps(x) + shortcut(x)), with a ReLU between steps; the shortcut is a 1×1 convolution where shapes differ.
pub(super) fn block(kind: Kind, inputs: usize, channels: usize, stride: usize) -> Result<Module> {
    let outputs = size::product("resnet", "channels", &[channels, kind.expansion()])?;
    let sizes = match kind {
        Kind::Basic => vec![(inputs, channels, 3, stride), (channels, channels, 3, 1)],
        Kind::Bottleneck => vec![(inputs, channels, 1, 1), (channels, channels, 3, stride), (channels, outputs, 1, 1)],
    };
    let steps = sizes
        .into_iter()
        .map(|(from, to, kernel, stride)| Ok((convolution(from, to, kernel, stride, kernel / 2)?, norm(to))));
    let downsample = if stride != 1 || inputs != outputs {
        Some(sequential(vec![convolution(inputs, outputs, 1, stride, 0)?, norm(outputs)]))
    } else {
        None
    };
    let description = format!("{kind:?}({inputs}, {channels}, stride = {stride})").to_lowercase();
    Ok(Module::new(Block { description, steps: steps.collect::<Result<_>>()?, downsample }))
}

/// A convolution without bias, initialised as torchvision's ResNets are.
pub(super) fn convolution(
    inputs: usize,
    outputs: usize,
    kernel: usize,
    stride: usize,
    padding: usize,
) -> Result<Module> {
    let fan = size::product("resnet", "outputs of a convolution", &[outputs, kernel, kernel])?;
    let init = Some(Init::kaiming_normal(fan));
    let options = Conv2dOptions { bias: false, ..Conv2dOptions::square(kernel, stride, padding) };
    conv2d_from(inputs, outputs, options, init)
}

pub(super) fn norm(channels: usize) -> Module {
    batch_norm(channels, BatchNormOptions::default())
}

impl Layer for Block {
    fn kind(&self) -> &str {
        "block"
    }

    fn describe(&self) -> String {
        self.description.clone()
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = images("block", inputs)?;
        let shortcut = match &self.downsample {
            Some(downsample) => downsample.forward(input)?,
            None => input.clone(),
        };
        let mut value = input.clone();
        for (position, (convolution, norm)) in self.steps.iter().enumerate() {
            let is_last = position + 1 == self.steps.len();
            let behind = Behind { residual: is_last.then_some(&shortcut), relu: true };
            value = norm.forward_with(&convolution.forward(&value)?, behind)?;
        }
        Ok(value)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        let steps = self.steps.iter().map(|(convolution, norm)| (convolution.fresh(), norm.fresh())).collect();
        Box::new(Self {
            description: self.description.clone(),
            steps,
            downsample: self.downsample.as_ref().map(Module::fresh),
        })
    }

    fn children(&self) -> Vec<(String, Module)> {
        let steps = self.steps.iter().zip(1..);
        let named = steps.flat_map(|((convolution, norm), n)| {
            [(format!("conv{n}"), convolution.clone()), (format!("bn{n}"), norm.clone())]
        });
        named.chain(self.downsample.iter().map(|module| ("downsample".into(), module.clone()))).collect()
    }
}
