//! A perceptron of several layers, with the names of torchvision's `MLP`.

use crate::{
    Error, Result,
    nn::{
        Function, GeluOptions, Module, batch_norm, dropout, function, identity, layer_norm, linear, relu, sequential,
    },
    options::{Options, choices, options},
};

const OP: &str = "mlp";

choices! {
    /// What stands behind each linear layer but the last.
    pub enum MlpActivation of "mlp" "activation" {
        /// max(x, 0).
        #[default]
        Relu = "relu",
        /// x · Φ(x).
        Gelu = "gelu",
        /// The hyperbolic tangent.
        Tanh = "tanh",
    }
}

choices! {
    /// What stands before each activation.
    pub enum MlpNorm of "mlp" "norm" {
        /// Nothing.
        #[default]
        None = "none",
        /// Batch normalisation.
        Batch = "batch_norm",
        /// Layer normalisation.
        Layer = "layer_norm",
    }
}

options! {
    /// What a perceptron is besides its sizes.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct MlpOptions {
        /// What stands behind each linear layer but the last.
        pub activation: MlpActivation = MlpActivation::Relu;
        /// What stands between a linear layer and its activation.
        pub norm: MlpNorm = MlpNorm::None;
        /// Whether linear layers have a bias.
        pub bias: bool = true;
        /// The probability with which each value of a hidden layer is dropped, and each of the result.
        pub dropout: f64 = 0.0, in 0.0..=1.0;
    }
}

/// Linear layers between each two sizes, with norm, activation and dropout behind all but the last, and dropout behind that
/// one: `[N, sizes[0]]` to `[N, last]`. Positions are torchvision's: dropout has one also where it drops nothing.
///
/// # Errors
/// Fewer than 2 sizes, or one of 0; options out of range.
pub fn mlp(sizes: &[usize], options: MlpOptions) -> Result<Module> {
    options.check(OP)?;
    if sizes.len() < 2 || sizes.contains(&0) {
        return Err(Error::argument(OP, "sizes", "at least 2 numbers over 0", format!("{sizes:?}")));
    }
    let drop = || if options.dropout == 0.0 { Ok(identity()) } else { dropout(options.dropout) };
    let mut layers = Vec::new();
    for (position, pair) in sizes.windows(2).enumerate() {
        layers.push(linear(pair[0], pair[1], options.bias).checked()?);
        if position + 2 < sizes.len() {
            match options.norm {
                MlpNorm::None => {}
                MlpNorm::Batch => layers.push(batch_norm(pair[1], Default::default())),
                MlpNorm::Layer => layers.push(layer_norm(&[pair[1]], Default::default())?),
            }
            layers.push(match options.activation {
                MlpActivation::Relu => relu(),
                MlpActivation::Gelu => function(Function::Gelu(GeluOptions::default()))?,
                MlpActivation::Tanh => function(Function::Tanh)?,
            });
        }
        layers.push(drop()?);
    }
    Ok(sequential(layers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::structure_fixture::check_network;

    #[test]
    fn values_gradients_and_names_are_torchvisions() {
        check_network("mlp", &mlp(&[5, 7, 4, 3], MlpOptions::default()).unwrap());
        let options =
            MlpOptions { activation: MlpActivation::Gelu, norm: MlpNorm::Batch, bias: false, ..Default::default() };
        check_network("mlp normed", &mlp(&[5, 7, 3], options).unwrap());
        let error = mlp(&[5], MlpOptions::default()).unwrap_err().to_string();
        assert_eq!(error, "mlp: sizes must be at least 2 numbers over 0, got [5]");
    }
}
