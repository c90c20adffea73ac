//! Two-dimensional convolution as a layer.

use super::{Init, Layer, Module, Parameter, Role, module::single};
use crate::{
    Error, Result, Tensor,
    tensor::{Convolution, size},
};

/// What a convolution is besides its channel counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conv2dOptions {
    /// Height and width of the kernel.
    pub kernel: [usize; 2],
    /// Stride, padding and groups.
    pub convolution: Convolution,
    /// Whether it adds a bias.
    pub bias: bool,
    /// What the weight starts from; PyTorch's default where this is none.
    pub init: Option<Init>,
}

impl Conv2dOptions {
    /// A square kernel that moves by `stride` over an image with `padding` zeros around, with a bias.
    pub fn square(kernel: usize, stride: usize, padding: usize) -> Self {
        let convolution = Convolution { stride: [stride; 2], padding: [padding; 2], groups: 1 };
        Self { kernel: [kernel; 2], convolution, bias: true, init: None }
    }
}

struct Conv2d {
    inputs: usize,
    outputs: usize,
    options: Conv2dOptions,
    weight: Parameter,
    bias: Option<Parameter>,
}

/// `[N, inputs, H, W]` to `[N, outputs, H′, W′]`. Weight `[outputs, inputs / groups, h, w]` and bias start from
/// U(±1/√fan_in), as in PyTorch.
///
/// # Errors
/// Groups that do not divide both channel counts; a stride or kernel of 0; a weight of more than 2³¹ − 1 elements.
pub fn conv2d(inputs: usize, outputs: usize, options: Conv2dOptions) -> Result<Module> {
    let Conv2dOptions { kernel, convolution: Convolution { stride, groups, .. }, .. } = options;
    if groups == 0 || !inputs.is_multiple_of(groups) || !outputs.is_multiple_of(groups) {
        let want = format!("a divisor of both channel counts {inputs} and {outputs}");
        return Err(Error::argument("conv2d", "groups", want, groups));
    }
    for (name, value) in [("kernel", kernel), ("stride", stride), ("channels", [inputs, outputs])] {
        if value.contains(&0) {
            return Err(Error::argument("conv2d", name, "at least 1", 0));
        }
    }
    // Before the channels of a group are multiplied with the kernel.
    size::product("conv2d", "the weight", &[outputs, inputs / groups, kernel[0], kernel[1]])?;
    Ok(Module::new(Conv2d::new(inputs, outputs, options)))
}

impl Conv2d {
    fn new(inputs: usize, outputs: usize, options: Conv2dOptions) -> Self {
        let [height, width] = options.kernel;
        let shape = [outputs, inputs / options.convolution.groups, height, width];
        let default = Init::kaiming_uniform(shape[1..].iter().product());
        let weight = Parameter::new(&shape, options.init.unwrap_or(default), Role::Weight);
        let bias = options.bias.then(|| Parameter::new(&[outputs], default, Role::Bias));
        Self { inputs, outputs, options, weight, bias }
    }
}

impl Layer for Conv2d {
    fn kind(&self) -> &str {
        "conv2d"
    }

    fn describe(&self) -> String {
        let Self { inputs, outputs, options, .. } = self;
        let Convolution { stride, padding, groups } = options.convolution;
        let pair = |[rows, columns]: [usize; 2]| {
            if rows == columns { rows.to_string() } else { format!("{{{rows}, {columns}}}") }
        };
        let mut text = format!(
            "conv2d({inputs}, {outputs}, kernel = {}, stride = {}, padding = {}",
            pair(options.kernel),
            pair(stride),
            pair(padding)
        );
        if groups != 1 {
            text += &format!(", groups = {groups}");
        }
        if !options.bias {
            text += ", bias = false";
        }
        if let Some(init) = options.init {
            text += &format!(", init = {init}");
        }
        text + ")"
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let bias = self.bias.as_ref().map(Parameter::leaf).transpose()?;
        single("conv2d", inputs)?.conv2d(&self.weight.leaf()?, bias.as_ref(), self.options.convolution)
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
    use crate::{Device, nn::fixture::check_layer};

    fn layer(
        inputs: usize,
        outputs: usize,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
        groups: usize,
    ) -> Module {
        let convolution = Convolution { stride, padding, groups };
        conv2d(inputs, outputs, Conv2dOptions { kernel, convolution, bias: true, init: None }).unwrap()
    }

    #[test]
    fn values_and_gradients_are_pytorchs() {
        check_layer("conv2d 3x3", &layer(3, 4, [3, 3], [1, 1], [1, 1], 1));
        check_layer("conv2d 3x3 stride 2", &layer(8, 6, [3, 3], [2, 2], [1, 1], 1));
        check_layer("conv2d 7x7 stride 2", &layer(3, 5, [7, 7], [2, 2], [3, 3], 1));
        check_layer("conv2d 1x1 stride 2", &layer(6, 4, [1, 1], [2, 2], [0, 0], 1));
        check_layer("conv2d uneven", &layer(4, 3, [2, 3], [1, 2], [0, 1], 1));
        check_layer("conv2d groups", &layer(4, 6, [3, 3], [1, 1], [1, 1], 2));
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
    }
}
