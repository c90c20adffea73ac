//! ResNet-12, few-shot learning's: "Meta-Learning with Differentiable Convex Optimization" (Lee et al., CVPR 2019), with
//! the names of its authors' code. Drop block is left out.

use super::{block::norm, images};
use crate::{
    Error, Result, Tensor,
    nn::{Conv2dOptions, Init, Layer, Module, conv2d_from, sequential},
    options::{Options, options},
    tensor::{Behind, Window, size},
};

const OP: &str = "resnet12";
/// What is below 0 is multiplied by it.
const SLOPE: f64 = 0.1;

options! {
    /// What distinguishes two ResNet-12.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ResNet12Options {
        /// Channels of the first stage, an even number; the later ones have 2.5, 5 and 10 times as many.
        pub width: usize = 64, in 2..;
        /// Whether the features are means over the image; otherwise they are all of its last places, [N, 10 · width · h · w].
        pub pool: bool = true;
        /// Channels of the images.
        pub channels: usize = 3, in 1..;
    }
}

struct ResNet12 {
    options: ResNet12Options,
    stages: Vec<Module>,
}

struct Block {
    sizes: [usize; 2],
    /// Convolutions and their norms, in order.
    steps: Vec<(Module, Module)>,
    downsample: Module,
}

/// Four stages of one block of three convolutions, each stage at half the side of the one before: `[N, channels, H, W]` to
/// features `[N, 10 · width]`, or not pooled.
///
/// # Errors
/// An odd width, or one of which no network can be made.
pub fn resnet12(options: ResNet12Options) -> Result<Module> {
    options.check(OP)?;
    let width = options.width;
    if !width.is_multiple_of(2) {
        return Err(Error::argument(OP, "width", "an even number", width));
    }
    size::product(OP, "width · 10", &[width, 10])?;
    let sizes = [options.channels, width, width / 2 * 5, width * 5, width * 10];
    let stages = sizes.windows(2).map(|pair| Ok(sequential(vec![block(pair[0], pair[1])?])));
    Ok(Module::new(ResNet12 { options, stages: stages.collect::<Result<_>>()? }))
}

fn block(inputs: usize, outputs: usize) -> Result<Module> {
    let step = |inputs| Ok((convolution(inputs, outputs, 3)?, norm(outputs)));
    let steps = [inputs, outputs, outputs].into_iter().map(step).collect::<Result<_>>()?;
    let downsample = sequential(vec![convolution(inputs, outputs, 1)?, norm(outputs)]);
    Ok(Module::new(Block { sizes: [inputs, outputs], steps, downsample }))
}

fn convolution(inputs: usize, outputs: usize, kernel: usize) -> Result<Module> {
    let options = Conv2dOptions { bias: false, ..Conv2dOptions::square(kernel, 1, kernel / 2) };
    let fan = size::product(OP, "outputs of a convolution", &[outputs, kernel, kernel])?;
    conv2d_from(inputs, outputs, options, Some(Init::kaiming_normal(fan)))
}

impl Layer for Block {
    fn kind(&self) -> &str {
        "block"
    }

    fn describe(&self) -> String {
        format!("block({}, {})", self.sizes[0], self.sizes[1])
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = images("block", inputs)?;
        let shortcut = self.downsample.forward(input)?;
        let mut value = input.clone();
        for (position, (convolution, norm)) in self.steps.iter().enumerate() {
            let is_last = position + 1 == self.steps.len();
            let behind = Behind { residual: is_last.then_some(&shortcut), relu: false };
            value = norm.forward_with(&convolution.forward(&value)?, behind)?.leaky_relu(SLOPE)?;
        }
        value.max_pool2d(Window { kernel: [2, 2], stride: [2, 2], padding: [0, 0] })
    }

    fn fresh(&self) -> Box<dyn Layer> {
        let steps = self.steps.iter().map(|(convolution, norm)| (convolution.fresh(), norm.fresh())).collect();
        Box::new(Self { sizes: self.sizes, steps, downsample: self.downsample.fresh() })
    }

    fn children(&self) -> Vec<(String, Module)> {
        let steps = self.steps.iter().zip(1..).flat_map(|((convolution, norm), n)| {
            [(format!("conv{n}"), convolution.clone()), (format!("bn{n}"), norm.clone())]
        });
        steps.chain([("downsample".into(), self.downsample.clone())]).collect()
    }
}

impl Layer for ResNet12 {
    fn kind(&self) -> &str {
        OP
    }

    fn describe(&self) -> String {
        let ResNet12Options { width, pool, channels } = self.options;
        let pool = if pool { "" } else { ", pool = false" };
        let of = if channels == 3 { String::new() } else { format!(", channels = {channels}") };
        format!("{OP}(width = {width}{pool}{of})")
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let mut value = images(OP, inputs)?.clone();
        for stage in &self.stages {
            value = stage.forward(&value)?;
        }
        if self.options.pool { value.global_avg_pool() } else { value.flatten(1, 3) }
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self { options: self.options, stages: self.stages.iter().map(Module::fresh).collect() })
    }

    fn children(&self) -> Vec<(String, Module)> {
        self.stages.iter().zip(1..).map(|(stage, n)| (format!("layer{n}"), stage.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::structure_fixture::{check_network, check_shapes};

    #[test]
    fn values_gradients_names_and_shapes_are_those_of_the_authors() {
        check_network("resnet12", &resnet12(ResNet12Options { width: 4, pool: true, ..Default::default() }).unwrap());
        check_network(
            "resnet12 unpooled",
            &resnet12(ResNet12Options { width: 2, pool: false, ..Default::default() }).unwrap(),
        );
        check_shapes("resnet12", &resnet12(ResNet12Options::default()).unwrap());
        let error = resnet12(ResNet12Options { width: 5, pool: true, ..Default::default() }).unwrap_err().to_string();
        assert_eq!(error, "resnet12: width must be an even number, got 5");
    }
}
