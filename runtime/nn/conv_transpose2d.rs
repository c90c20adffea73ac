//! Transposed convolution as a layer.

use super::{Init, Layer, Module, Parameter, Role, conv1d::check_channels, convolution::want_images, module::single};
use crate::{
    Error, Result, Tensor,
    options::{Options, Pair, options},
    tensor::{Convolution, size},
};

const OP: &str = "conv_transpose2d";

options! {
    /// What a transposed convolution is besides its channel counts.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ConvTranspose2dOptions {
        /// The side of the kernel, or its height and width.
        pub kernel: Pair = Pair::square(3), in 1.., unit "pixels";
        /// From one place of the result to the next, or down and across.
        pub stride: Pair = Pair::square(1), in 1.., unit "pixels";
        /// Taken away on every side, or above and below, and left and right.
        pub padding: Pair = Pair::square(0), unit "pixels";
        /// Added below and on the right, or on either: less than the stride.
        pub output_padding: Pair = Pair::square(0), unit "pixels";
        /// From one value of the kernel to the next, or down and across.
        pub dilation: Pair = Pair::square(1), in 1.., unit "pixels";
        /// Groups of channels that do not see each other.
        pub groups: usize = 1, in 1..;
        /// Whether a bias is added.
        pub bias: bool = true;
    }
}

struct ConvTranspose2d {
    inputs: usize,
    outputs: usize,
    options: ConvTranspose2dOptions,
    weight: Parameter,
    bias: Option<Parameter>,
}

/// `[N, inputs, H, W]` to `[N, outputs, H′, W′]`, each value of the input spread out by the kernel: what turns the sizes of a
/// convolution with the same options round. Weight `[inputs, outputs / groups, h, w]` and bias start from U(±1/√fan_in), where
/// fan_in is that of PyTorch, outputs / groups · h · w.
///
/// # Errors
/// Groups that do not divide both channel counts; an `output_padding` that is not below the stride; options out of range.
pub fn conv_transpose2d(inputs: usize, outputs: usize, options: ConvTranspose2dOptions) -> Result<Module> {
    options.check(OP)?;
    let ConvTranspose2dOptions { kernel: Pair(kernel), groups, stride, output_padding, .. } = options;
    check_channels(OP, [inputs, outputs], groups)?;
    if (0..2).any(|dim| output_padding.0[dim] >= stride.0[dim]) {
        return Err(Error::argument(OP, "output_padding", format!("below the stride, {stride}"), output_padding));
    }
    size::product(OP, "the weight", &[inputs, outputs / groups, kernel[0], kernel[1]])?;
    Ok(Module::new(ConvTranspose2d::new(inputs, outputs, options)))
}

impl ConvTranspose2d {
    fn new(inputs: usize, outputs: usize, options: ConvTranspose2dOptions) -> Self {
        let Pair([height, width]) = options.kernel;
        let shape = [inputs, outputs / options.groups, height, width];
        let init = Init::kaiming_uniform(shape[1..].iter().product());
        let weight = Parameter::new(&shape, init, Role::Weight);
        let bias = options.bias.then(|| Parameter::new(&[outputs], init, Role::Bias));
        Self { inputs, outputs, options, weight, bias }
    }
}

impl Layer for ConvTranspose2d {
    fn kind(&self) -> &str {
        OP
    }

    fn describe(&self) -> String {
        let Self { inputs, outputs, options, .. } = self;
        let ConvTranspose2dOptions { kernel, stride, padding, output_padding, dilation, groups, bias } = *options;
        let mut text = format!("{OP}({inputs}, {outputs}, kernel = {kernel}, stride = {stride}, padding = {padding}");
        for (name, value, usual) in [("output_padding", output_padding, 0), ("dilation", dilation, 1)] {
            if value != Pair::square(usual) {
                text += &format!(", {name} = {value}");
            }
        }
        if groups != 1 {
            text += &format!(", groups = {groups}");
        }
        if !bias {
            text += ", bias = false";
        }
        text + ")"
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single(OP, inputs)?;
        want_images(OP, input, self.inputs)?;
        let ConvTranspose2dOptions { stride, padding, output_padding, dilation, groups, .. } = self.options;
        let convolution = Convolution { stride: stride.0, padding: padding.0, dilation: dilation.0, groups };
        let bias = self.bias.as_ref().map(Parameter::leaf).transpose()?;
        input.conv_transpose2d(&self.weight.leaf()?, bias.as_ref(), convolution, output_padding.0)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self::new(self.inputs, self.outputs, self.options))
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        let bias = self.bias.iter().map(|bias| ("bias".into(), bias.clone()));
        std::iter::once(("weight".into(), self.weight.clone())).chain(bias).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, nn::reference::check};

    #[test]
    fn values_and_gradients_are_pytorchs() {
        let of = |inputs, outputs, options| conv_transpose2d(inputs, outputs, options).unwrap();
        let plain = ConvTranspose2dOptions::default();
        check("conv_transpose2d", &of(3, 4, plain));
        let [kernel, stride, padding] = [[3, 4], [2, 3], [1, 2]].map(Pair);
        let uneven = ConvTranspose2dOptions { kernel, stride, padding, output_padding: Pair([1, 2]), ..plain };
        check("conv_transpose2d uneven", &of(4, 3, uneven));
        let dilation = Pair([2, 3]);
        check(
            "conv_transpose2d in groups",
            &of(4, 6, ConvTranspose2dOptions { groups: 2, dilation, bias: false, ..plain }),
        );
        check("conv_transpose2d of one", &of(1, 1, ConvTranspose2dOptions { kernel: Pair::square(2), ..plain }));
    }

    #[test]
    fn mistakes_are_told() {
        let plain = ConvTranspose2dOptions::default();
        let message = |options| conv_transpose2d(4, 6, options).unwrap_err().to_string();
        assert_eq!(
            message(ConvTranspose2dOptions { output_padding: Pair([0, 1]), ..plain }),
            "conv_transpose2d: output_padding must be below the stride, 1, got {0, 1}"
        );
        let module = conv_transpose2d(4, 6, ConvTranspose2dOptions { padding: Pair::square(2), ..plain }).unwrap();
        module.realise("up", 0, &Device::cpu()).unwrap();
        let run =
            |shape: &[usize]| module.forward(&Tensor::zeros(shape, &Device::cpu()).unwrap()).unwrap_err().to_string();
        assert_eq!(run(&[2, 3, 9, 9]), "up: conv_transpose2d: wants [N, 4, H, W], got shape [2, 3, 9, 9]");
        assert_eq!(
            run(&[2, 4, 2, 9]),
            "up: conv_transpose2d: wants an image of which something is left without the padding, got shape [2, 4, 2, 9]"
        );
    }
}
