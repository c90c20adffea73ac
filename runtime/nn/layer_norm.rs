//! Normalisation over the last dims: by mean and variance (layer_norm), or by the mean square alone (rms_norm).

use super::{Init, Layer, Module, Parameter, Role, module::single};
use crate::{
    Error, Result, Tensor,
    options::{Options, options, over},
    tensor::{Affine, format_shape, size},
};

options! {
    /// What a layer normalisation is besides its sizes.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct LayerNormOptions {
        /// Added to the variance.
        pub epsilon: f64 = 1e-5, in over(0.0);
        /// Whether the result is scaled.
        pub weight: bool = true;
        /// Whether the result is shifted.
        pub bias: bool = true;
    }

    /// What a normalisation by the mean square is besides its sizes.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct RmsNormOptions {
        /// Added to the mean square: as PyTorch's, float32's distance from 1 to the next number.
        pub epsilon: f64 = 1.1920929e-7, in over(0.0);
        /// Whether the result is scaled.
        pub weight: bool = true;
    }
}

struct LayerNorm {
    kind: &'static str,
    sizes: Vec<usize>,
    /// Whether the mean is taken away.
    centred: bool,
    epsilon: f64,
    usual: f64,
    weight: Option<Parameter>,
    bias: Option<Parameter>,
}

/// Mean 0 and variance 1 of each row, which is the last dims together (Ba et al. 2016), then scaled and shifted by a weight
/// and a bias of these sizes.
///
/// # Errors
/// No sizes; one of 0; options out of range.
pub fn layer_norm(sizes: &[usize], options: LayerNormOptions) -> Result<Module> {
    options.check("layer_norm")?;
    let LayerNormOptions { epsilon, weight, bias } = options;
    LayerNorm::module("layer_norm", sizes, epsilon, [weight, bias])
}

/// Each row divided by √(mean of its squares + ε) (Zhang and Sennrich 2019), then scaled.
///
/// # Errors
/// As [`layer_norm`].
pub fn rms_norm(sizes: &[usize], options: RmsNormOptions) -> Result<Module> {
    options.check("rms_norm")?;
    LayerNorm::module("rms_norm", sizes, options.epsilon, [options.weight, false])
}

impl LayerNorm {
    fn module(kind: &'static str, sizes: &[usize], epsilon: f64, affine: [bool; 2]) -> Result<Module> {
        if sizes.is_empty() || sizes.contains(&0) {
            let got = if sizes.is_empty() { "none".into() } else { format_shape(sizes) };
            return Err(Error::argument(kind, "sizes", "at least one, each at least 1", got));
        }
        size::product(kind, "sizes", sizes)?;
        Ok(Module::new(Self::new(kind, sizes, epsilon, affine)))
    }

    fn new(kind: &'static str, sizes: &[usize], epsilon: f64, [weight, bias]: [bool; 2]) -> Self {
        let parameter = |start| Parameter::new(sizes, Init::Constant(start), Role::Norm);
        let centred = kind == "layer_norm";
        let usual = if centred { LayerNormOptions::default().epsilon } else { RmsNormOptions::default().epsilon };
        let (weight, bias) = (weight.then(|| parameter(1.0)), bias.then(|| parameter(0.0)));
        Self { kind, sizes: sizes.to_vec(), centred, epsilon, usual, weight, bias }
    }

    fn check(&self, input: &Tensor) -> Result<()> {
        if input.shape().ends_with(&self.sizes) {
            return Ok(());
        }
        let sizes = self.sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
        let want = format!("wants [..., {sizes}]");
        Err(Error::Shape { op: self.kind.into(), want, got: input.shape().to_vec() })
    }
}

impl Layer for LayerNorm {
    fn kind(&self) -> &str {
        self.kind
    }

    fn describe(&self) -> String {
        let sizes = match &self.sizes[..] {
            [size] => size.to_string(),
            sizes => format!("{{{}}}", sizes.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
        };
        let mut text = format!("{}({sizes}", self.kind);
        if self.epsilon != self.usual {
            text += &format!(", epsilon = {}", self.epsilon);
        }
        if self.weight.is_none() {
            text += ", weight = false";
        }
        if self.centred && self.bias.is_none() {
            text += ", bias = false";
        }
        text + ")"
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single(self.kind, inputs)?;
        input.want_float(self.kind)?;
        self.check(input)?;
        let leaf = |parameter: &Option<Parameter>| parameter.as_ref().map(Parameter::leaf).transpose();
        let (weight, bias) = (leaf(&self.weight)?, leaf(&self.bias)?);
        let affine = Affine { weight: weight.as_ref(), bias: bias.as_ref() };
        match self.centred {
            true => input.standardised("layer_norm", self.sizes.len(), affine, self.epsilon),
            false => input.over_mean_square(self.sizes.len(), affine, self.epsilon),
        }
    }

    fn fresh(&self) -> Box<dyn Layer> {
        let affine = [self.weight.is_some(), self.bias.is_some()];
        Box::new(Self::new(self.kind, &self.sizes, self.epsilon, affine))
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

    fn plain(sizes: &[usize]) -> Module {
        layer_norm(sizes, LayerNormOptions::default()).unwrap()
    }

    #[test]
    fn values_and_gradients_are_pytorchs() {
        check("layer_norm", &plain(&[7]));
        check("layer_norm of two dims", &plain(&[3, 5]));
        let bare = LayerNormOptions { weight: false, bias: false, epsilon: 1e-3 };
        check("layer_norm without affine", &layer_norm(&[6], bare).unwrap());
        let unshifted = LayerNormOptions { bias: false, ..Default::default() };
        check("layer_norm without bias", &layer_norm(&[4], unshifted).unwrap());
        check("layer_norm of one value", &plain(&[1]));
        check("layer_norm of no rows", &plain(&[3]));
        check("rms_norm", &rms_norm(&[7], RmsNormOptions { epsilon: 1e-6, ..Default::default() }).unwrap());
        check("rms_norm bare", &rms_norm(&[2, 3], RmsNormOptions { weight: false, ..Default::default() }).unwrap());
    }

    #[test]
    fn it_says_what_it_is_and_what_it_wants() {
        assert_eq!(plain(&[3, 5]).describe(), "layer_norm({3, 5})");
        let options = LayerNormOptions { epsilon: 1e-6, bias: false, weight: false };
        assert_eq!(
            layer_norm(&[8], options).unwrap().describe(),
            "layer_norm(8, epsilon = 0.000001, weight = false, bias = false)"
        );
        let module = plain(&[3, 5]);
        module.realise("norm", 0, &Device::cpu()).unwrap();
        let error = module.forward(&Tensor::zeros(&[3, 4], &Device::cpu()).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "norm: layer_norm: wants [..., 3, 5], got shape [3, 4]");
        let message = |sizes: &[usize]| layer_norm(sizes, LayerNormOptions::default()).unwrap_err().to_string();
        assert_eq!(message(&[]), "layer_norm: sizes must be at least one, each at least 1, got none");
        assert_eq!(message(&[3, 0]), "layer_norm: sizes must be at least one, each at least 1, got [3, 0]");
    }
}
