//! Two-dimensional convolution as a layer.

use super::{Init, Layer, Module, Padding, PaddingMode, Parameter, Role, module::single, padding::Around};
use crate::{
    Error, Result, Tensor,
    options::{Options, Pair, options},
    tensor::{Convolution, size},
};

const OP: &str = "conv2d";

options! {
    /// What a convolution is besides its channel counts.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Conv2dOptions {
        /// The side of the kernel, or its height and width.
        pub kernel: Pair = Pair::square(3), in 1.., unit "pixels";
        /// From one position to the next, or down and across.
        pub stride: Pair = Pair::square(1), in 1.., unit "pixels";
        /// Added on every side, or above and below, and left and right; "same" for a result of the image's size.
        pub padding: Padding<Pair> = Padding::square(0), unit "pixels";
        /// From one value of the kernel to the next, or down and across.
        pub dilation: Pair = Pair::square(1), in 1.., unit "pixels";
        /// Groups of channels that do not see each other.
        pub groups: usize = 1, in 1..;
        /// Whether a bias is added.
        pub bias: bool = true;
        /// What is added around the image.
        pub padding_mode: PaddingMode = PaddingMode::Zeros;
    }
}

impl Conv2dOptions {
    /// A square kernel that moves by `stride` over an image with `padding` zeros around, with a bias.
    pub fn square(kernel: usize, stride: usize, padding: usize) -> Self {
        let [kernel, stride] = [kernel, stride].map(Pair::square);
        Self { kernel, stride, padding: Padding::square(padding), ..Self::default() }
    }

    /// What is added around the image.
    fn around(&self) -> Result<Around> {
        Around::new(OP, self.padding, self.padding_mode, [self.kernel.0, self.stride.0, self.dilation.0])
    }
}

struct Conv2d {
    inputs: usize,
    outputs: usize,
    options: Conv2dOptions,
    /// What the weight starts from; PyTorch's default where this is none.
    init: Option<Init>,
    weight: Parameter,
    bias: Option<Parameter>,
}

/// `[N, inputs, H, W]` to `[N, outputs, H′, W′]`. Weight `[outputs, inputs / groups, h, w]` and bias start from
/// U(±1/√fan_in), as in PyTorch.
///
/// # Errors
/// Groups that do not divide both channel counts; a stride, dilation or kernel of 0; a weight of more than 2³¹ − 1 elements.
pub fn conv2d(inputs: usize, outputs: usize, options: Conv2dOptions) -> Result<Module> {
    conv2d_from(inputs, outputs, options, None)
}

/// As [`conv2d`], with a weight that starts from a distribution of one's own.
pub fn conv2d_from(inputs: usize, outputs: usize, options: Conv2dOptions, init: Option<Init>) -> Result<Module> {
    options.check(OP)?;
    options.around()?;
    let Conv2dOptions { kernel: Pair(kernel), groups, .. } = options;
    if !inputs.is_multiple_of(groups) || !outputs.is_multiple_of(groups) {
        let want = format!("a divisor of both channel counts {inputs} and {outputs}");
        return Err(Error::argument(OP, "groups", want, groups));
    }
    if inputs == 0 || outputs == 0 {
        return Err(Error::argument(OP, "channels", "at least 1", 0));
    }
    // Before the channels of a group are multiplied with the kernel.
    size::product(OP, "the weight", &[outputs, inputs / groups, kernel[0], kernel[1]])?;
    Ok(Module::new(Conv2d::new(inputs, outputs, options, init)))
}

impl Conv2d {
    fn new(inputs: usize, outputs: usize, options: Conv2dOptions, init: Option<Init>) -> Self {
        let Pair([height, width]) = options.kernel;
        let shape = [outputs, inputs / options.groups, height, width];
        let default = Init::kaiming_uniform(shape[1..].iter().product());
        let weight = Parameter::new(&shape, init.unwrap_or(default), Role::Weight);
        let bias = options.bias.then(|| Parameter::new(&[outputs], default, Role::Bias));
        Self { inputs, outputs, options, init, weight, bias }
    }
}

/// An error unless the input is float images of so many channels.
pub(super) fn want_images(op: &'static str, input: &Tensor, channels: usize) -> Result<()> {
    input.want_float(op)?;
    match input.rank() == 4 && input.shape()[1] == channels {
        true => Ok(()),
        false => {
            let want = format!("wants [N, {channels}, H, W]");
            Err(Error::Shape { op: op.into(), want, got: input.shape().to_vec() })
        }
    }
}

impl Layer for Conv2d {
    fn kind(&self) -> &str {
        OP
    }

    fn describe(&self) -> String {
        let Self { inputs, outputs, options, .. } = self;
        let Conv2dOptions { kernel, stride, padding, dilation, groups, bias, padding_mode } = *options;
        let mut text = format!("conv2d({inputs}, {outputs}, kernel = {kernel}, stride = {stride}, padding = {padding}");
        if dilation != Pair::square(1) {
            text += &format!(", dilation = {dilation}");
        }
        if groups != 1 {
            text += &format!(", groups = {groups}");
        }
        if !bias {
            text += ", bias = false";
        }
        if padding_mode != PaddingMode::Zeros {
            text += &format!(", padding_mode = \"{padding_mode}\"");
        }
        if let Some(init) = self.init {
            text += &format!(", init = {init}");
        }
        text + ")"
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let bias = self.bias.as_ref().map(Parameter::leaf).transpose()?;
        let input = single(OP, inputs)?;
        // Whether it is one is told before it is padded.
        want_images(OP, input, self.inputs)?;
        let (input, padding) = self.options.around()?.of(input)?;
        let Conv2dOptions { stride, dilation, groups, .. } = self.options;
        let convolution = Convolution { stride: stride.0, padding, dilation: dilation.0, groups };
        input.conv2d(&self.weight.leaf()?, bias.as_ref(), convolution)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self::new(self.inputs, self.outputs, self.options, self.init))
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        let bias = self.bias.iter().map(|bias| ("bias".into(), bias.clone()));
        std::iter::once(("weight".into(), self.weight.clone())).chain(bias).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::{fixture::check_layer, reference::check},
    };

    fn layer(
        inputs: usize,
        outputs: usize,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
        groups: usize,
    ) -> Module {
        let [kernel, stride, padding] = [kernel, stride, padding].map(Pair);
        let padding = padding.into();
        conv2d(inputs, outputs, Conv2dOptions { kernel, stride, padding, groups, ..Conv2dOptions::default() }).unwrap()
    }

    #[test]
    fn values_and_gradients_are_pytorchs() {
        check_layer("conv2d 3x3", &layer(3, 4, [3, 3], [1, 1], [1, 1], 1));
        check_layer("conv2d 3x3 stride 2", &layer(8, 6, [3, 3], [2, 2], [1, 1], 1));
        check_layer("conv2d 7x7 stride 2", &layer(3, 5, [7, 7], [2, 2], [3, 3], 1));
        check_layer("conv2d 1x1 stride 2", &layer(6, 4, [1, 1], [2, 2], [0, 0], 1));
        check_layer("conv2d uneven", &layer(4, 3, [2, 3], [1, 2], [0, 1], 1));
        check_layer("conv2d groups", &layer(4, 6, [3, 3], [1, 1], [1, 1], 2));
        let dilated = Conv2dOptions { dilation: Pair([2, 3]), ..Conv2dOptions::square(3, 1, 2) };
        check_layer("conv2d dilated", &conv2d(3, 4, dilated).unwrap());
    }

    #[test]
    fn what_stands_around_an_image_is_as_in_pytorch() {
        let of = |inputs, outputs, options| conv2d(inputs, outputs, options).unwrap();
        let plain = Conv2dOptions::default();
        let (kernel, dilation) = (Pair([4, 3]), Pair([1, 2]));
        check("conv2d same", &of(2, 3, Conv2dOptions { kernel, dilation, padding: Padding::Same, ..plain }));
        let padded =
            |sides: [usize; 2], padding_mode| Conv2dOptions { padding: Pair(sides).into(), padding_mode, ..plain };
        let reflect = Conv2dOptions { stride: Pair::square(2), ..padded([2, 1], PaddingMode::Reflect) };
        check("conv2d reflect", &of(2, 3, reflect));
        check("conv2d replicate", &of(2, 3, padded([2, 2], PaddingMode::Replicate)));
        check("conv2d circular", &of(2, 4, Conv2dOptions { groups: 2, ..padded([1, 2], PaddingMode::Circular) }));
        let uneven = Conv2dOptions { kernel: Pair([3, 2]), stride: Pair([1, 2]), ..Conv2dOptions::square(3, 1, 1) };
        check("conv2d depthwise", &of(4, 8, Conv2dOptions { groups: 4, bias: false, ..uneven }));
    }

    #[test]
    fn a_padding_that_cannot_be_is_told() {
        let same = Conv2dOptions { padding: Padding::Same, ..Conv2dOptions::square(3, 2, 0) };
        let error = conv2d(2, 3, same).unwrap_err().to_string();
        assert_eq!(error, "conv2d: stride must be 1 for a padding of \"same\", got 2");
        let reflect = Conv2dOptions { padding_mode: PaddingMode::Reflect, ..Conv2dOptions::square(3, 1, 3) };
        let module = conv2d(2, 3, reflect).unwrap();
        assert_eq!(module.describe(), "conv2d(2, 3, kernel = 3, stride = 1, padding = 3, padding_mode = \"reflect\")");
        module.realise("c", 0, &Device::cpu()).unwrap();
        let error = module.forward(&Tensor::zeros(&[1, 2, 8, 3], &Device::cpu()).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "c: pad: every width must be less than the dim, whose size is 3, got 3");
    }

    #[test]
    fn a_wrong_channel_count_is_told_with_the_layers_path() {
        let layer = layer(3, 64, [3, 3], [1, 1], [1, 1], 1);
        assert_eq!(layer.describe(), "conv2d(3, 64, kernel = 3, stride = 1, padding = 1)");
        layer.realise("encoder.conv1", 0, &Device::cpu()).unwrap();
        let error = layer.forward(&Tensor::zeros(&[8, 4, 32, 32], &Device::cpu()).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "encoder.conv1: conv2d: wants [N, 3, H, W], got shape [8, 4, 32, 32]");
    }

    #[test]
    fn a_kernel_larger_than_the_image_is_an_error() {
        let layer = layer(1, 1, [5, 5], [1, 1], [1, 1], 1);
        layer.realise("c", 0, &Device::cpu()).unwrap();
        let error = layer.forward(&Tensor::zeros(&[1, 1, 2, 8], &Device::cpu()).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "c: conv2d: wants an image of at least 3×3, got shape [1, 1, 2, 8]");
        let dilated = Conv2dOptions { dilation: Pair([3, 1]), ..Conv2dOptions::square(3, 1, 1) };
        let layer = conv2d(1, 1, dilated).unwrap();
        assert_eq!(layer.describe(), "conv2d(1, 1, kernel = 3, stride = 1, padding = 1, dilation = {3, 1})");
        layer.realise("c", 0, &Device::cpu()).unwrap();
        let error = layer.forward(&Tensor::zeros(&[1, 1, 4, 8], &Device::cpu()).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "c: conv2d: wants an image of at least 5×1, got shape [1, 1, 4, 8]");
    }
}
