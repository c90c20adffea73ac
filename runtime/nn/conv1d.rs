//! One-dimensional convolution as a layer: the two-dimensional one over images of height 1.

use super::{Init, Layer, Module, Padding, PaddingMode, Parameter, Role, module::single, padding::Around};
use crate::{
    Error, Result, Tensor,
    options::{Options, Pair, options},
    tensor::{Convolution, size},
};

const OP: &str = "conv1d";

options! {
    /// What a one-dimensional convolution is besides its channel counts.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Conv1dOptions {
        /// The length of the kernel.
        pub kernel: usize = 3, in 1..;
        /// From one position to the next.
        pub stride: usize = 1, in 1..;
        /// Added at both ends; "same" for a result of the input's length.
        pub padding: Padding<usize> = Padding::Sides(0);
        /// From one value of the kernel to the next.
        pub dilation: usize = 1, in 1..;
        /// Groups of channels that do not see each other.
        pub groups: usize = 1, in 1..;
        /// Whether a bias is added.
        pub bias: bool = true;
        /// What is added at the ends.
        pub padding_mode: PaddingMode = PaddingMode::Zeros;
    }
}

impl Conv1dOptions {
    fn around(&self) -> Result<Around> {
        if self.padding == Padding::Same && self.stride != 1 {
            return Err(Error::argument(OP, "stride", "1 for a padding of \"same\"", self.stride));
        }
        let padding = match self.padding {
            Padding::Same => Padding::Same,
            Padding::Sides(sides) => Padding::Sides(Pair([0, sides])),
        };
        Around::new(OP, padding, self.padding_mode, [[1, self.kernel], [1, self.stride], [1, self.dilation]])
    }
}

struct Conv1d {
    inputs: usize,
    outputs: usize,
    options: Conv1dOptions,
    weight: Parameter,
    bias: Option<Parameter>,
}

/// `[N, inputs, L]` to `[N, outputs, L′]`. Weight `[outputs, inputs / groups, kernel]` and bias start from U(±1/√fan_in), as
/// in PyTorch.
///
/// # Errors
/// Groups that do not divide both channel counts; options out of range; a weight that is too large.
pub fn conv1d(inputs: usize, outputs: usize, options: Conv1dOptions) -> Result<Module> {
    options.check(OP)?;
    options.around()?;
    let Conv1dOptions { kernel, groups, .. } = options;
    check_channels(OP, [inputs, outputs], groups)?;
    size::product(OP, "the weight", &[outputs, inputs / groups, kernel])?;
    Ok(Module::new(Conv1d::new(inputs, outputs, options)))
}

/// An error unless the groups divide both channel counts, of which none is 0.
pub(super) fn check_channels(op: &'static str, [inputs, outputs]: [usize; 2], groups: usize) -> Result<()> {
    if inputs == 0 || outputs == 0 {
        return Err(Error::argument(op, "channels", "at least 1", 0));
    }
    if !inputs.is_multiple_of(groups) || !outputs.is_multiple_of(groups) {
        let want = format!("a divisor of both channel counts {inputs} and {outputs}");
        return Err(Error::argument(op, "groups", want, groups));
    }
    Ok(())
}

impl Conv1d {
    fn new(inputs: usize, outputs: usize, options: Conv1dOptions) -> Self {
        let shape = [outputs, inputs / options.groups, options.kernel];
        let init = Init::kaiming_uniform(shape[1] * shape[2]);
        let weight = Parameter::new(&shape, init, Role::Weight);
        let bias = options.bias.then(|| Parameter::new(&[outputs], init, Role::Bias));
        Self { inputs, outputs, options, weight, bias }
    }
}

impl Layer for Conv1d {
    fn kind(&self) -> &str {
        OP
    }

    fn describe(&self) -> String {
        let Conv1dOptions { kernel, stride, padding, dilation, groups, bias, padding_mode } = self.options;
        let mut text = format!(
            "conv1d({}, {}, kernel = {kernel}, stride = {stride}, padding = {padding}",
            self.inputs, self.outputs
        );
        if dilation != 1 {
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
        text + ")"
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single(OP, inputs)?;
        input.want_float(OP)?;
        let wrong = |want| Error::Shape { op: OP.into(), want, got: input.shape().to_vec() };
        if input.rank() != 3 || input.shape()[1] != self.inputs {
            return Err(wrong(format!("wants [N, {}, L]", self.inputs)));
        }
        let (lines, padding) = self.options.around()?.of(&input.unsqueeze(2)?)?;
        let Conv1dOptions { stride, dilation, groups, kernel, .. } = self.options;
        let reach = size::reach(OP, kernel, dilation)?;
        if lines.shape()[3] + 2 * padding[1] < reach {
            let around = lines.shape()[3] + 2 * padding[1] - input.shape()[2];
            return Err(wrong(format!("wants a length of at least {}", reach - around)));
        }
        let convolution = Convolution { stride: [1, stride], padding, dilation: [1, dilation], groups };
        let bias = self.bias.as_ref().map(Parameter::leaf).transpose()?;
        lines.conv2d(&self.weight.leaf()?.unsqueeze(2)?, bias.as_ref(), convolution)?.squeeze(Some(2))
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
        let plain = Conv1dOptions::default();
        let of = |inputs, outputs, options| conv1d(inputs, outputs, options).unwrap();
        let moved = Conv1dOptions { kernel: 4, stride: 2, padding: Padding::Sides(3), dilation: 2, ..plain };
        check("conv1d", &of(3, 4, moved));
        check("conv1d depthwise", &of(4, 8, Conv1dOptions { groups: 4, bias: false, ..plain }));
        check("conv1d same", &of(2, 3, Conv1dOptions { kernel: 4, padding: Padding::Same, ..plain }));
        let reflect = PaddingMode::Reflect;
        check(
            "conv1d reflect",
            &of(2, 3, Conv1dOptions { padding: Padding::Sides(2), padding_mode: reflect, ..plain }),
        );
    }

    #[test]
    fn mistakes_are_told() {
        let plain = Conv1dOptions::default();
        let message = |options| conv1d(4, 6, options).unwrap_err().to_string();
        assert_eq!(
            message(Conv1dOptions { groups: 4, ..plain }),
            "conv1d: groups must be a divisor of both channel counts 4 and 6, got 4"
        );
        assert_eq!(
            message(Conv1dOptions { stride: 2, padding: Padding::Same, ..plain }),
            "conv1d: stride must be 1 for a padding of \"same\", got 2"
        );
        let module = conv1d(4, 6, plain).unwrap();
        assert_eq!(module.describe(), "conv1d(4, 6, kernel = 3, stride = 1, padding = 0)");
        module.realise("c", 0, &Device::cpu()).unwrap();
        let run =
            |shape: &[usize]| module.forward(&Tensor::zeros(shape, &Device::cpu()).unwrap()).unwrap_err().to_string();
        assert_eq!(run(&[2, 3, 9]), "c: conv1d: wants [N, 4, L], got shape [2, 3, 9]");
        assert_eq!(run(&[2, 4, 2]), "c: conv1d: wants a length of at least 3, got shape [2, 4, 2]");
    }
}
