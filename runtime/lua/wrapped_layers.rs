//! Layers whose weight is computed from other parameters.

use super::{api::Api, position::Dim};
use crate::{
    Result,
    nn::{self, Module, SpectralNormOptions},
    options::options,
};

options! {
    /// Options of `mb.nn.weight_norm`.
    pub struct WeightNormOptions {
        /// The dim of the weight whose positions have a length each; the first by default.
        pub dim: Option<Dim> = None;
    }
    /// Options of `mb.nn.spectral_norm`.
    pub struct SpectralOptions as "SpectralNormOptions" {
        /// The dim of the weight that is the rows of the matrix; by default the first, of a transposed convolution the
        /// second.
        pub dim: Option<Dim> = None;
        ..norm: SpectralNormOptions;
    }
}

/// Declares the functions.
pub fn declare(api: &mut Api) {
    api.function(
        "nn.weight_norm",
        "layer, options",
        "A layer whose weight is g · v / ‖v‖, a length g for each position of a dim (Salimans and Kingma 2016). Its \
         parameters are named as those of PyTorch's parametrization: parametrizations.weight.original0 is g, original1 v. \
         The layer must have no values yet.",
        |layer: Module, options: WeightNormOptions| {
            let dim = dim_of("weight_norm", &layer, options.dim)?;
            nn::weight_norm(layer, dim)
        },
    )
    .example(
        r#"local layer = mb.nn.weight_norm(mb.nn.linear(3, 2)):realise("layer")
for path, value in layer:named_parameters() do print(path, table.concat(value.shape, " x ")) end
--> bias 2
--> parametrizations.weight.original0 2 x 1
--> parametrizations.weight.original1 2 x 3
print(layer.weight:allclose(layer["parametrizations.weight.original1"])) --> true"#,
    );
    api.function(
        "nn.spectral_norm",
        "layer, options",
        "A layer whose weight is W / σ, the largest singular value of W (Miyato et al. 2018), as in a GAN's discriminator. \
         Each forward pass in training mode moves two vectors, which are buffers, by power iterations, and takes σ by them. \
         W is the parameter parametrizations.weight.original, as in PyTorch. The layer must have no values yet.",
        |layer: Module, options: SpectralOptions| {
            let dim = dim_of("spectral_norm", &layer, options.dim)?;
            nn::spectral_norm(layer, dim, options.norm)
        },
    )
    .example(
        r#"local layer = mb.nn.spectral_norm(mb.nn.linear(8, 4)):realise("layer")
for _ = 1, 30 do layer(mb.ones(1, 8)) end
print(mb.linalg.svdvals(layer.weight:detach())[1]:item() < 1.001) --> true
for path in layer:named_buffers() do print(path) end
--> parametrizations.weight.0._u
--> parametrizations.weight.0._v"#,
    );
}

/// A dim of a layer's weight, from 0. What has no weight is told by the core.
fn dim_of(op: &'static str, layer: &Module, dim: Option<Dim>) -> Result<Option<usize>> {
    let weight = layer.parameters().into_iter().find(|(name, _)| name == "weight");
    dim.zip(weight).map(|(dim, (_, weight))| dim.of(op, weight.shape().len())).transpose()
}
