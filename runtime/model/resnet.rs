//! ResNets without their classifier: images to features.

use super::block::{Kind, block, convolution, norm};
use crate::{
    Device, Result, Tensor,
    nn::{Init, Layer, Module, Parameter, max_pool2d, sequential},
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
        /// as many (32 times in resnet50 and resnet101).
        pub width: usize = 64, in 1..;
        /// Whether the weight of each block's last norm starts at 0, so that every block starts as its shortcut (Goyal et
        /// al. 2017).
        pub zero_init_residual: bool = false;
        /// Channels of the images.
        pub channels: usize = 3, in 1..;
    }
}

/// ResNet-10, one block in each stage: `[N, channels, H, W]` to features `[N, 8 · width]`. Errors as [`resnet18`].
pub fn resnet10(options: ResNetOptions) -> Result<Module> {
    resnet("resnet10", Kind::Basic, [1, 1, 1, 1], options)
}

/// ResNet-18: `[N, channels, H, W]` to features `[N, 8 · width]`.
///
/// # Errors
/// A width of 0, or one of which no network can be made.
pub fn resnet18(options: ResNetOptions) -> Result<Module> {
    resnet("resnet18", Kind::Basic, [2, 2, 2, 2], options)
}

/// ResNet-34: `[N, channels, H, W]` to features `[N, 8 · width]`. Errors as [`resnet18`].
pub fn resnet34(options: ResNetOptions) -> Result<Module> {
    resnet("resnet34", Kind::Basic, [3, 4, 6, 3], options)
}

/// ResNet-50: `[N, channels, H, W]` to features `[N, 32 · width]`. Errors as [`resnet18`].
pub fn resnet50(options: ResNetOptions) -> Result<Module> {
    resnet("resnet50", Kind::Bottleneck, [3, 4, 6, 3], options)
}

/// ResNet-101: `[N, channels, H, W]` to features `[N, 32 · width]`. Errors as [`resnet18`].
pub fn resnet101(options: ResNetOptions) -> Result<Module> {
    resnet("resnet101", Kind::Bottleneck, [3, 4, 23, 3], options)
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
    let ResNetOptions { stem, width, zero_init_residual, channels } = options;
    options.check(name)?;
    size::product(name, "width · 8 · expansion", &[width, 8, kind.expansion()])?;
    let (conv1, pool) = match stem {
        Stem::ImageNet => {
            let window = Window { kernel: [3, 3], stride: [2, 2], padding: [1, 1] };
            (convolution(channels, width, 7, 2, 3)?, Some(max_pool2d(window)))
        }
        Stem::Cifar => (convolution(channels, width, 3, 1, 1)?, None),
    };
    let mut inputs = width;
    let mut stages = Vec::new();
    for (stage, depth) in depths.into_iter().enumerate() {
        let channels = width << stage;
        let mut blocks = Vec::new();
        for position in 0..depth {
            let stride = if stage > 0 && position == 0 { 2 } else { 1 };
            let block = block(kind, inputs, channels, stride)?;
            if zero_init_residual {
                zero_last_norm(&block, kind)?;
            }
            blocks.push(block);
            inputs = channels * kind.expansion();
        }
        stages.push(sequential(blocks));
    }
    Ok(Module::new(ResNet { name, options, conv1, bn1: norm(width), pool, stages }))
}

/// Lets a block start as its shortcut.
fn zero_last_norm(block: &Module, kind: Kind) -> Result<()> {
    let last = format!("bn{}.weight", kind.depth());
    let taken = |path: &str, _: &Parameter| path == last;
    block.initialise(Init::Constant(0.0), 0, &Device::cpu(), taken, |_| false).map(drop)
}

impl Layer for ResNet {
    fn kind(&self) -> &str {
        self.name
    }

    fn describe(&self) -> String {
        let ResNetOptions { stem, width, zero_init_residual, channels } = self.options;
        let zero = if zero_init_residual { ", zero_init_residual = true" } else { "" };
        let of = if channels == 3 { String::new() } else { format!(", channels = {channels}") };
        format!("{}(stem = {stem}, width = {width}{zero}{of})", self.name)
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let images = super::images(self.name, inputs)?;
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
        nn::fixture::{check, fill, fixture, loss_of, noise, numbers, sizes},
        nn::structure_fixture::{check_network as check_other, check_shapes},
        tensor::Gradients,
    };

    fn check_network(stem: Stem, name: &str) {
        let expected = fixture(&format!("/networks/{name}"));
        let network = resnet18(ResNetOptions { stem, width: 4, ..Default::default() }).unwrap();
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

    fn small(width: usize) -> ResNetOptions {
        ResNetOptions { stem: Stem::Cifar, width, ..Default::default() }
    }

    #[test]
    fn one_block_a_stage_and_bottlenecks_are_torchvisions() {
        check_other("resnet10", &resnet10(small(4)).unwrap());
        check_other("bottlenecks", &resnet50(small(2)).unwrap());
        check_shapes("resnet10", &resnet10(ResNetOptions::default()).unwrap());
        check_shapes("resnet101", &resnet101(ResNetOptions::default()).unwrap());
    }

    #[test]
    fn a_block_whose_last_norm_starts_at_0_is_its_shortcut() {
        for (build, last) in [(resnet10 as fn(_) -> Result<Module>, "bn2"), (resnet50, "bn3")] {
            let network = build(ResNetOptions { zero_init_residual: true, ..small(2) }).unwrap();
            network.realise("encoder", 0, &Device::cpu()).unwrap();
            let sums = |name: &str| -> Vec<f32> {
                let own = network.parameters().into_iter().filter(|(path, _)| path.ends_with(name));
                own.flat_map(|(_, parameter)| parameter.value().unwrap().floats().unwrap()).collect()
            };
            assert!(sums(&format!("{last}.weight")).iter().all(|value| *value == 0.0));
            assert!(sums("bn1.weight").iter().all(|value| *value == 1.0));
            let block = network.child("layer1.0").unwrap();
            let width = block.parameters()[0].1.shape()[1];
            let x = Tensor::ones(&[1, width, 4, 4], &Device::cpu()).unwrap();
            block.set_training(false);
            let shortcut = block.children().iter().find(|(name, _)| name == "downsample");
            let want = shortcut.map_or(x.clone(), |(_, part)| part.forward(&x).unwrap()).relu().unwrap();
            assert_eq!(block.forward(&x).unwrap().floats().unwrap(), want.floats().unwrap());
            assert!(network.describe().ends_with("zero_init_residual = true)"));
        }
    }

    #[test]
    fn a_wrong_image_is_told_at_the_first_convolution() {
        let network = resnet18(ResNetOptions { stem: Stem::Cifar, width: 4, ..Default::default() }).unwrap();
        network.realise("encoder", 0, &Device::cpu()).unwrap();
        assert_eq!(network.describe(), "resnet18(stem = cifar, width = 4)");
        let error = network.forward(&Tensor::zeros(&[8, 4, 32, 32], &Device::cpu()).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "encoder.conv1: conv2d: wants [N, 3, H, W], got shape [8, 4, 32, 32]");
    }
}
