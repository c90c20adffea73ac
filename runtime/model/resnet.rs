//! ResNets without their classifier: images to features.

use super::block::{Kind, block, convolution, norm};
use crate::{
    Error, Result, Tensor,
    nn::{Layer, Module, max_pool2d, sequential},
    options::{Options, choices, options},
    tensor::{Behind, Window, size},
};

choices! {
    /// What the image meets first.
    pub enum Stem of "resnet" "stem" {
        /// A 7×7 convolution of stride 2, then a 3×3 max-pool of stride 2.
        #[default]
        ImageNet = "imagenet",
        /// A 3×3 convolution of stride 1 and no pooling, for small images.
        Cifar = "cifar",
    }
}

options! {
    /// What distinguishes two ResNets of one depth.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ResNetOptions {
        /// The first layers: "imagenet" (7×7 stride 2, max pooling) or "cifar" (3×3 stride 1, none).
        pub stem: Stem = Stem::ImageNet;
        /// Channels of the first stage; each later stage has twice those of the one before, so the features are 8 times
        /// as many (32 times in resnet50).
        pub width: usize = 64, in 1..;
    }
}

/// ResNet-18: `[N, 3, H, W]` to features `[N, 8 · width]`.
///
/// # Errors
/// A width of 0, or one of which no network can be made.
pub fn resnet18(options: ResNetOptions) -> Result<Module> {
    resnet("resnet18", Kind::Basic, [2, 2, 2, 2], options)
}

/// ResNet-34: `[N, 3, H, W]` to features `[N, 8 · width]`. Errors as [`resnet18`].
pub fn resnet34(options: ResNetOptions) -> Result<Module> {
    resnet("resnet34", Kind::Basic, [3, 4, 6, 3], options)
}

/// ResNet-50: `[N, 3, H, W]` to features `[N, 32 · width]`. Errors as [`resnet18`].
pub fn resnet50(options: ResNetOptions) -> Result<Module> {
    resnet("resnet50", Kind::Bottleneck, [3, 4, 6, 3], options)
}

struct ResNet {
    name: &'static str,
    options: ResNetOptions,
    conv1: Module,
    bn1: Module,
    pool: Option<Module>,
    stages: Vec<Module>,
}

fn resnet(name: &'static str, kind: Kind, depths: [usize; 4], options: ResNetOptions) -> Result<Module> {
    let ResNetOptions { stem, width } = options;
    options.check(name)?;
    size::product(name, "width · 8 · expansion", &[width, 8, kind.expansion()])?;
    let (conv1, pool) = match stem {
        Stem::ImageNet => {
            let window = Window { kernel: [3, 3], stride: [2, 2], padding: [1, 1] };
            (convolution(3, width, 7, 2, 3)?, Some(max_pool2d(window)))
        }
        Stem::Cifar => (convolution(3, width, 3, 1, 1)?, None),
    };
    let mut inputs = width;
    let mut stages = Vec::new();
    for (stage, depth) in depths.into_iter().enumerate() {
        let channels = width << stage;
        let mut blocks = Vec::new();
        for position in 0..depth {
            let stride = if stage > 0 && position == 0 { 2 } else { 1 };
            blocks.push(block(kind, inputs, channels, stride)?);
            inputs = channels * kind.expansion();
        }
        stages.push(sequential(blocks));
    }
    Ok(Module::new(ResNet { name, options, conv1, bn1: norm(width), pool, stages }))
}

impl Layer for ResNet {
    fn kind(&self) -> &str {
        self.name
    }

    fn describe(&self) -> String {
        format!("{}(stem = {:?}, width = {})", self.name, self.options.stem, self.options.width).to_lowercase()
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let [images] = inputs else {
            return Err(Error::argument(self.name, "input", "one tensor", format!("{} tensors", inputs.len())));
        };
        let behind = Behind { residual: None, relu: true };
        let mut value = self.bn1.forward_with(&self.conv1.forward(images)?, behind)?;
        for part in self.pool.iter().chain(&self.stages) {
            value = part.forward(&value)?;
        }
        value.global_avg_pool()
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self {
            name: self.name,
            options: self.options,
            conv1: self.conv1.fresh(),
            bn1: self.bn1.fresh(),
            pool: self.pool.as_ref().map(Module::fresh),
            stages: self.stages.iter().map(Module::fresh).collect(),
        })
    }

    fn children(&self) -> Vec<(String, Module)> {
        let stem = [("conv1".into(), self.conv1.clone()), ("bn1".into(), self.bn1.clone())];
        let pool = self.pool.iter().map(|pool| ("maxpool".into(), pool.clone()));
        let stages = self.stages.iter().zip(1..).map(|(stage, n)| (format!("layer{n}"), stage.clone()));
        stem.into_iter().chain(pool).chain(stages).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::fixture::{check, fill, fixture, loss_of, noise, numbers, sizes},
        tensor::Gradients,
    };

    fn check_network(stem: Stem, name: &str) {
        let expected = fixture(&format!("/networks/{name}"));
        let network = resnet18(ResNetOptions { stem, width: 4 }).unwrap();
        network.realise("encoder", 0, &Device::cpu()).unwrap();
        fill(&network);
        let input = noise("input", &sizes(&expected["input"])).requires_grad().unwrap();
        let output = network.forward(&input).unwrap();
        check("train", &output.floats().unwrap(), &numbers(&expected["train"]), 1e-4);
        let mut gradients = Gradients::of(&loss_of(&output)).unwrap();
        let norm = gradients.take(&input).unwrap().norm(None, false).unwrap().item().unwrap();
        check(
            "input gradient's norm",
            &[norm as f32],
            &[expected["input_gradient_norm"].as_f64().unwrap() as f32],
            1e-4,
        );
        for (name, parameter) in network.parameters() {
            let gradient = gradients.take(&parameter.used_leaf().unwrap()).unwrap();
            let norm = gradient.norm(None, false).unwrap().item().unwrap() as f32;
            check(
                &format!("norm of {name}"),
                &[norm],
                &[expected["gradient_norms"][&name].as_f64().unwrap() as f32],
                1e-4,
            );
            if let Some(want) = expected["gradients"].get(&name) {
                check(&format!("gradient of {name}"), &gradient.floats().unwrap(), &numbers(want), 1e-4);
            }
        }
        for (name, buffer) in network.buffers() {
            if let Some(want) = expected["buffers"].get(&name) {
                check(&name, &buffer.value().unwrap().floats().unwrap(), &numbers(want), 1e-4);
            }
        }
        network.set_training(false);
        check("eval", &network.forward(&input).unwrap().floats().unwrap(), &numbers(&expected["eval"]), 1e-4);
    }

    #[test]
    fn with_the_cifar_stem_values_gradients_and_statistics_are_torchvisions() {
        check_network(Stem::Cifar, "cifar");
    }

    #[test]
    fn with_the_imagenet_stem_values_gradients_and_statistics_are_torchvisions() {
        check_network(Stem::ImageNet, "imagenet");
    }

    #[test]
    fn names_and_shapes_are_torchvisions() {
        for (name, build) in [("resnet18", resnet18 as fn(_) -> _), ("resnet34", resnet34), ("resnet50", resnet50)] {
            let network: Module = build(ResNetOptions::default()).unwrap();
            let parameters =
                network.parameters().into_iter().map(|(name, parameter)| (name, parameter.shape().to_vec()));
            let buffers = network.buffers().into_iter().map(|(name, buffer)| (name, buffer.shape().to_vec()));
            let expected = fixture(&format!("/shapes/{name}"));
            let expected = expected
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| (entry[0].as_str().unwrap().to_owned(), sizes(&entry[1])));
            assert_eq!(parameters.chain(buffers).collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        }
        assert_eq!(resnet18(ResNetOptions::default()).unwrap().count(), 11_176_512);
    }

    #[test]
    fn a_wrong_image_is_told_at_the_first_convolution() {
        let network = resnet18(ResNetOptions { stem: Stem::Cifar, width: 4 }).unwrap();
        network.realise("encoder", 0, &Device::cpu()).unwrap();
        assert_eq!(network.describe(), "resnet18(stem = cifar, width = 4)");
        let error = network.forward(&Tensor::zeros(&[8, 4, 32, 32], &Device::cpu()).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "encoder.conv1: conv2d: wants [N, 3, H, W], got shape [8, 4, 32, 32]");
    }
}
