//! A linear map of the last dim.

use super::{Init, Layer, Module, Parameter, Role, module::single};
use crate::{Result, Tensor};

struct Linear {
    inputs: usize,
    outputs: usize,
    weight: Parameter,
    bias: Option<Parameter>,
}

/// `x · weightᵀ + bias`: `[..., inputs]` to `[..., outputs]`. The weight is `[outputs, inputs]` and starts, as the
/// bias does, from U(±1/√inputs), as in PyTorch.
pub fn linear(inputs: usize, outputs: usize, bias: bool) -> Module {
    Module::new(Linear::new(inputs, outputs, bias))
}

/// As [`linear`], whose weight starts from a distribution of one's own, or from PyTorch's default, and whose bias starts
/// at 0 where there is one.
pub fn linear_from(inputs: usize, outputs: usize, bias: bool, weight: Option<Init>) -> Module {
    let weight = weight.unwrap_or(Init::kaiming_uniform(inputs));
    Module::new(Linear::starting(inputs, outputs, weight, bias.then_some(Init::Constant(0.0))))
}

impl Linear {
    fn new(inputs: usize, outputs: usize, bias: bool) -> Self {
        let init = Init::kaiming_uniform(inputs);
        Self::starting(inputs, outputs, init, bias.then_some(init))
    }

    fn starting(inputs: usize, outputs: usize, weight: Init, bias: Option<Init>) -> Self {
        let weight = Parameter::new(&[outputs, inputs], weight, Role::Weight);
        Self { inputs, outputs, weight, bias: bias.map(|init| Parameter::new(&[outputs], init, Role::Bias)) }
    }
}

impl Layer for Linear {
    fn kind(&self) -> &str {
        "linear"
    }

    fn describe(&self) -> String {
        let Self { inputs, outputs, bias, .. } = self;
        format!("linear({inputs}, {outputs}{})", if bias.is_some() { "" } else { ", bias = false" })
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single("linear", inputs)?;
        let bias = self.bias.as_ref().map(Parameter::leaf).transpose()?;
        input.linear(&self.weight.leaf()?, bias.as_ref())
    }

    fn fresh(&self) -> Box<dyn Layer> {
        let (weight, bias) = (self.weight.fresh(), self.bias.as_ref().map(Parameter::fresh));
        Box::new(Self { weight, bias, ..*self })
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        let bias = self.bias.iter().map(|bias| ("bias".into(), bias.clone()));
        std::iter::once(("weight".into(), self.weight.clone())).chain(bias).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::nn::{fixture::check_layer, linear};

    #[test]
    fn values_and_gradients_are_pytorchs() {
        check_layer("linear", &linear(5, 3, true));
        check_layer("linear without bias", &linear(5, 3, false));
    }
}
