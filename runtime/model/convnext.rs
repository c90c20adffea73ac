//! "A ConvNet for the 2020s" (Liu et al., CVPR 2022), with torchvision's names.

use super::images;
use crate::{
    Device, Error, Result, Tensor,
    nn::{
        Conv2dOptions, Function, GeluOptions, Init, Layer, LayerNormOptions, Module, Parameter, Role, conv2d,
        drop_path, flatten, function, layer_norm, linear, sequential,
    },
    options::{Options, options},
    tensor::{TruncatedNormal, size},
};

const OP: &str = "convnext_tiny";
/// Added to the variance by the norms.
const EPSILON: f64 = 1e-6;

options! {
    /// What distinguishes two ConvNeXts.
    #[derive(Clone, Debug, PartialEq)]
    pub struct ConvNextOptions {
        /// Channels of the first stage; each later stage has twice those of the one before.
        pub width: usize = 96, in 1..;
        /// How many blocks the four stages have.
        pub depths: Vec<usize> = vec![3, 3, 9, 3];
        /// The probability with which the residual branch of the last block is dropped, for each image; it grows from 0 in
        /// the first block.
        pub drop_path: f64 = 0.0, in 0.0..=1.0;
        /// What the scales of the residual branches start from.
        pub layer_scale: f64 = 1e-6, in ..;
        /// Channels of the images.
        pub channels: usize = 3, in 1..;
    }
}

/// ConvNeXt-T: `[N, channels, H, W]` to features `[N, 8 · width]`, of sides that 32 goes into.
///
/// # Errors
/// Depths that are not four numbers over 0; options of which no network can be made.
pub fn convnext_tiny(options: ConvNextOptions) -> Result<Module> {
    options.check(OP)?;
    let ConvNextOptions { width, depths, drop_path, layer_scale, channels } = options.clone();
    if depths.len() != 4 || depths.contains(&0) || depths.iter().any(|depth| *depth > 100) {
        return Err(Error::argument(OP, "depths", "four numbers from 1 to 100", format!("{depths:?}")));
    }
    size::product(OP, "width · 8 · 4", &[width, 32])?;
    let (total, mut number) = (depths.iter().sum::<usize>(), 0);
    let mut features =
        vec![sequential(vec![conv2d(channels, width, Conv2dOptions::square(4, 4, 0))?, channel_norm(width)?])];
    for (stage, depth) in depths.into_iter().enumerate() {
        let channels = width << stage;
        if stage > 0 {
            let half = conv2d(channels / 2, channels, Conv2dOptions::square(2, 2, 0))?;
            features.push(sequential(vec![channel_norm(channels / 2)?, half]));
        }
        let mut blocks = Vec::new();
        for _ in 0..depth {
            let share = if total > 1 { number as f64 / (total - 1) as f64 } else { 0.0 };
            blocks.push(block(channels, drop_path * share, layer_scale)?);
            number += 1;
        }
        features.push(sequential(blocks));
    }
    let classifier = sequential(vec![channel_norm(8 * width)?, flatten()]);
    let network = Module::new(ConvNext { options, features: sequential(features), classifier });
    begin(&network)?;
    Ok(network)
}

/// torchvision's beginning: weights of convolutions and linear layers from a normal distribution that is cut far out, their
/// biases 0.
fn begin(network: &Module) -> Result<()> {
    let (device, no) = (Device::cpu(), |_: &Parameter| false);
    let weights = Init::truncated_normal(TruncatedNormal { mean: 0.0, std: 0.02, min: -2.0, max: 2.0 })?;
    let is_weight = |path: &str, own: &Parameter| own.role() == Role::Weight && path.ends_with(".weight");
    network.initialise(weights, 0, &device, is_weight, no)?;
    network.initialise(Init::Constant(0.0), 0, &device, |_, own| own.role() == Role::Bias, no)?;
    Ok(())
}

struct ConvNext {
    options: ConvNextOptions,
    features: Module,
    classifier: Module,
}

/// A residual branch of a depthwise convolution and a perceptron over channels, scaled for each channel.
struct Block {
    channels: usize,
    layer_scale: f64,
    scale: Parameter,
    body: Module,
    drop: Module,
}

fn block(channels: usize, drop: f64, layer_scale: f64) -> Result<Module> {
    let seven = Conv2dOptions { groups: channels, ..Conv2dOptions::square(7, 1, 3) };
    let hidden = size::product(OP, "the hidden size", &[channels, 4])?;
    let body = sequential(vec![
        conv2d(channels, channels, seven)?,
        Module::new(Turn::ChannelsLast),
        layer_norm(&[channels], LayerNormOptions { epsilon: EPSILON, ..Default::default() })?,
        linear(channels, hidden, true),
        function(Function::Gelu(GeluOptions::default()))?,
        linear(hidden, channels, true),
        Module::new(Turn::ChannelsFirst),
    ]);
    let scale = Parameter::new(&[channels, 1, 1], Init::Constant(layer_scale), Role::Norm);
    Ok(Module::new(Block { channels, layer_scale, scale, body, drop: drop_path(drop)? }))
}

/// The channels at the other end of the dims.
#[derive(Clone, Copy)]
enum Turn {
    ChannelsLast,
    ChannelsFirst,
}

impl Layer for Turn {
    fn kind(&self) -> &str {
        "permute"
    }

    fn describe(&self) -> String {
        match self {
            Self::ChannelsLast => "permute(1, 3, 4, 2)".into(),
            Self::ChannelsFirst => "permute(1, 4, 2, 3)".into(),
        }
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        images(self.kind(), inputs)?.permute(match self {
            Self::ChannelsLast => &[0, 2, 3, 1],
            Self::ChannelsFirst => &[0, 3, 1, 2],
        })
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(*self)
    }
}

/// Layer normalisation over the channels of `[N, C, H, W]`.
struct ChannelNorm {
    channels: usize,
    /// Whose parameters are this layer's own.
    norm: Module,
}

fn channel_norm(channels: usize) -> Result<Module> {
    let norm = layer_norm(&[channels], LayerNormOptions { epsilon: EPSILON, ..Default::default() })?;
    Ok(Module::new(ChannelNorm { channels, norm }))
}

impl Layer for ChannelNorm {
    fn kind(&self) -> &str {
        "layer_norm"
    }

    fn describe(&self) -> String {
        format!("layer_norm({}, over channels)", self.channels)
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        self.norm.forward(&images(self.kind(), inputs)?.permute(&[0, 2, 3, 1])?)?.permute(&[0, 3, 1, 2])
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self { channels: self.channels, norm: self.norm.fresh() })
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        self.norm.parameters()
    }
}

impl Layer for Block {
    fn kind(&self) -> &str {
        "block"
    }

    fn describe(&self) -> String {
        format!("block({}, layer_scale = {}, {})", self.channels, self.layer_scale, self.drop.describe())
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let branch = self.scale.leaf()?.mul(&self.body.call(inputs)?)?;
        self.drop.forward(&branch)?.add(images(self.kind(), inputs)?)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        let Self { channels, layer_scale, .. } = *self;
        Box::new(Self {
            channels,
            layer_scale,
            scale: self.scale.fresh(),
            body: self.body.fresh(),
            drop: self.drop.fresh(),
        })
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        vec![("layer_scale".into(), self.scale.clone())]
    }

    fn children(&self) -> Vec<(String, Module)> {
        vec![("block".into(), self.body.clone()), ("stochastic_depth".into(), self.drop.clone())]
    }
}

impl Layer for ConvNext {
    fn kind(&self) -> &str {
        OP
    }

    fn describe(&self) -> String {
        let ConvNextOptions { width, depths, drop_path, layer_scale, channels } = &self.options;
        let mut text = format!("{OP}(width = {width}, depths = {depths:?}, layer_scale = {layer_scale}");
        if *drop_path != 0.0 {
            text += &format!(", drop_path = {drop_path}");
        }
        if *channels != 3 {
            text += &format!(", channels = {channels}");
        }
        text + ")"
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let found = self.features.forward(images(OP, inputs)?)?;
        let count = found.shape()[..2].to_vec();
        self.classifier.forward(&found.global_avg_pool()?.reshape(&[count[0], count[1], 1, 1])?)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        let (features, classifier) = (self.features.fresh(), self.classifier.fresh());
        Box::new(Self { options: self.options.clone(), features, classifier })
    }

    fn children(&self) -> Vec<(String, Module)> {
        vec![("features".into(), self.features.clone()), ("classifier".into(), self.classifier.clone())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::structure_fixture::{check_network, check_shapes};

    #[test]
    fn values_gradients_names_and_shapes_are_torchvisions() {
        let small = ConvNextOptions { width: 4, depths: vec![1, 1, 2, 1], ..Default::default() };
        check_network("convnext", &convnext_tiny(small).unwrap());
        check_shapes("convnext_tiny", &convnext_tiny(ConvNextOptions::default()).unwrap());
    }

    #[test]
    fn it_begins_as_torchvisions_and_refuses_other_depths() {
        let small = ConvNextOptions { width: 8, depths: vec![1, 1, 1, 1], ..Default::default() };
        let network = convnext_tiny(small.clone()).unwrap();
        network.realise("encoder", 0, &Device::cpu()).unwrap();
        let of = |name: &str| {
            let own = network.parameters().into_iter().find(|(path, _)| path == name).unwrap().1;
            own.value().unwrap().floats().unwrap()
        };
        let weights = of("features.7.0.block.3.weight");
        let spread = (weights.iter().map(|x| x * x).sum::<f32>() / weights.len() as f32).sqrt();
        assert!((spread - 0.02).abs() < 0.001, "{spread}");
        assert!(of("features.0.0.bias").iter().all(|x| *x == 0.0));
        assert!(of("features.0.1.weight").iter().all(|x| *x == 1.0));
        assert!(of("features.1.0.layer_scale").iter().all(|x| *x == 1e-6));
        let error = convnext_tiny(ConvNextOptions { depths: vec![1, 2], ..small }).unwrap_err().to_string();
        assert_eq!(error, "convnext_tiny: depths must be four numbers from 1 to 100, got [1, 2]");
    }
}
