//! Normalisation of groups of channels by their own mean and variance, of each image on its own (Wu and He 2018); of
//! single channels it is instance normalisation (Ulyanov et al. 2016).

use super::{Init, Layer, Module, Parameter, Role, module::single};
use crate::{
    Error, Result, Tensor,
    options::{Options, options, over},
    tensor::{Affine, size},
};

options! {
    /// What a group normalisation is besides its groups and channels.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct GroupNormOptions {
        /// Added to the variance.
        pub epsilon: f64 = 1e-5, in over(0.0);
        /// Whether the result is scaled.
        pub weight: bool = true;
        /// Whether the result is shifted.
        pub bias: bool = true;
    }

    /// What an instance normalisation is besides its channels.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct InstanceNormOptions {
        /// Added to the variance.
        pub epsilon: f64 = 1e-5, in over(0.0);
        /// Whether the result is scaled.
        pub weight: bool = false;
        /// Whether the result is shifted.
        pub bias: bool = false;
    }
}

struct GroupNorm {
    /// None of instance normalisation, in which every channel is a group.
    groups: Option<usize>,
    channels: usize,
    epsilon: f64,
    weight: Option<Parameter>,
    bias: Option<Parameter>,
}

/// Normalises `[N, channels, ...]`: the channels of a group together, over all positions of an image.
///
/// # Errors
/// Groups that do not divide the channels; options out of range.
pub fn group_norm(groups: usize, channels: usize, options: GroupNormOptions) -> Result<Module> {
    const OP: &str = "group_norm";
    options.check(OP)?;
    let GroupNormOptions { epsilon, weight, bias } = options;
    if groups == 0 || channels == 0 || !channels.is_multiple_of(groups) {
        return Err(Error::argument(OP, "groups", format!("a divisor of the {channels} channels"), groups));
    }
    size::check(OP, "channels", channels)?;
    Ok(Module::new(GroupNorm::new(Some(groups), channels, epsilon, [weight, bias])))
}

/// Normalises each channel of each image of `[N, channels, H, W]`. As PyTorch's, it has no weight, no bias and no running
/// statistics unless asked for the first two.
///
/// # Errors
/// No channels; options out of range.
pub fn instance_norm(channels: usize, options: InstanceNormOptions) -> Result<Module> {
    const OP: &str = "instance_norm";
    options.check(OP)?;
    let InstanceNormOptions { epsilon, weight, bias } = options;
    if channels == 0 {
        return Err(Error::argument(OP, "channels", "at least 1", 0));
    }
    size::check(OP, "channels", channels)?;
    Ok(Module::new(GroupNorm::new(None, channels, epsilon, [weight, bias])))
}

impl GroupNorm {
    fn new(groups: Option<usize>, channels: usize, epsilon: f64, [weight, bias]: [bool; 2]) -> Self {
        let parameter = |start| Parameter::new(&[channels], Init::Constant(start), Role::Norm);
        Self { groups, channels, epsilon, weight: weight.then(|| parameter(1.0)), bias: bias.then(|| parameter(0.0)) }
    }

    fn op(&self) -> &'static str {
        if self.groups.is_some() { "group_norm" } else { "instance_norm" }
    }

    fn check(&self, input: &Tensor) -> Result<()> {
        input.want_float(self.op())?;
        let least = if self.groups.is_some() { 2 } else { 3 };
        let wrong = |want| Err(Error::Shape { op: self.op().into(), want, got: input.shape().to_vec() });
        if input.rank() < least || input.shape()[1] != self.channels {
            return wrong(format!("wants [N, {}, {}...]", self.channels, if least == 3 { "L, " } else { "" }));
        }
        if self.groups.is_none() && input.shape()[2..].iter().product::<usize>() == 1 {
            return wrong("wants more than 1 value per channel of an image".into());
        }
        Ok(())
    }
}

impl Layer for GroupNorm {
    fn kind(&self) -> &str {
        self.op()
    }

    fn describe(&self) -> String {
        let mut text = match self.groups {
            Some(groups) => format!("group_norm({groups}, {}", self.channels),
            None => format!("instance_norm({}", self.channels),
        };
        if self.epsilon != GroupNormOptions::default().epsilon {
            text += &format!(", epsilon = {}", self.epsilon);
        }
        for (name, parameter) in [("weight", &self.weight), ("bias", &self.bias)] {
            if parameter.is_some() != self.groups.is_some() {
                text += &format!(", {name} = {}", parameter.is_some());
            }
        }
        text + ")"
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single(self.op(), inputs)?;
        self.check(input)?;
        let (images, groups) = (input.shape()[0], self.groups.unwrap_or(self.channels));
        let (own, positions) = (self.channels / groups, input.shape()[2..].iter().product());
        let leaf = |parameter: &Option<Parameter>| {
            parameter.as_ref().map(|parameter| parameter.leaf()?.reshape(&[1, groups, own, 1])).transpose()
        };
        let (weight, bias) = (leaf(&self.weight)?, leaf(&self.bias)?);
        let affine = Affine { weight: weight.as_ref(), bias: bias.as_ref() };
        let parts = input.reshape(&[images, groups, own, positions])?;
        parts.standardised(self.op(), 2, affine, self.epsilon)?.reshape(input.shape())
    }

    fn fresh(&self) -> Box<dyn Layer> {
        let affine = [self.weight.is_some(), self.bias.is_some()];
        Box::new(Self::new(self.groups, self.channels, self.epsilon, affine))
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        let named = |name: &str, parameter: &Option<Parameter>| parameter.clone().map(|own| (name.to_owned(), own));
        [named("weight", &self.weight), named("bias", &self.bias)].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, nn::reference::check};

    #[test]
    fn values_and_gradients_are_pytorchs() {
        check("group_norm", &group_norm(3, 6, GroupNormOptions::default()).unwrap());
        check("group_norm of rows", &group_norm(2, 4, GroupNormOptions::default()).unwrap());
        let bare = GroupNormOptions { weight: false, bias: false, epsilon: 1e-3 };
        check("group_norm bare", &group_norm(1, 3, bare).unwrap());
        check("instance_norm", &instance_norm(3, InstanceNormOptions::default()).unwrap());
        let affine = InstanceNormOptions { weight: true, bias: true, ..Default::default() };
        check("instance_norm affine", &instance_norm(2, affine).unwrap());
    }

    #[test]
    fn mistakes_are_told() {
        let error = group_norm(4, 6, GroupNormOptions::default()).unwrap_err().to_string();
        assert_eq!(error, "group_norm: groups must be a divisor of the 6 channels, got 4");
        let run = |module: Module, shape: &[usize]| {
            module.realise("norm", 0, &Device::cpu()).unwrap();
            module.forward(&Tensor::zeros(shape, &Device::cpu()).unwrap()).unwrap_err().to_string()
        };
        let norm = || group_norm(3, 6, GroupNormOptions::default()).unwrap();
        assert_eq!(run(norm(), &[2, 5, 3]), "norm: group_norm: wants [N, 6, ...], got shape [2, 5, 3]");
        let norm = || instance_norm(2, InstanceNormOptions::default()).unwrap();
        assert_eq!(run(norm(), &[3, 2]), "norm: instance_norm: wants [N, 2, L, ...], got shape [3, 2]");
        assert_eq!(
            run(norm(), &[3, 2, 1, 1]),
            "norm: instance_norm: wants more than 1 value per channel of an image, got shape [3, 2, 1, 1]"
        );
        let affine = InstanceNormOptions { weight: true, ..Default::default() };
        assert_eq!(instance_norm(4, affine).unwrap().describe(), "instance_norm(4, weight = true)");
    }
}
