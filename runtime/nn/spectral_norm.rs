//! Spectral normalisation (Miyato et al. 2018): a weight divided by its largest singular value, which a power iteration
//! follows.

use super::{Beginning, Buffer, Layer, Module, Parameter, standing_in::StandingIn};
use crate::{
    Result, Tensor,
    options::{Options, options, over},
    rng::DrawKey,
    tensor::no_grad,
};

const OP: &str = "spectral_norm";
const ORIGINAL: &str = "parametrizations.weight.original";
const LEFT: &str = "parametrizations.weight.0._u";
const RIGHT: &str = "parametrizations.weight.0._v";

/// Iterations where the vectors begin, as in PyTorch.
const AT_FIRST: usize = 15;

options! {
    /// How a spectral norm is followed.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct SpectralNormOptions {
        /// Power iterations in each forward pass in training mode.
        pub iterations: usize = 1, in 1..;
        /// What a vector's length is at least divided by.
        pub epsilon: f64 = 1e-12, in over(0.0);
    }
}

struct SpectralNorm {
    inner: StandingIn,
    options: SpectralNormOptions,
    original: Parameter,
    left: Buffer,
    right: Buffer,
}

/// A layer whose weight is W / σ(W), σ the largest singular value of W as a matrix whose rows are a dim of it: the first
/// where none is given, the second of a transposed convolution. In training mode each forward pass moves the vectors u
/// and v by power iterations before it uses them; gradients take them as constants. Names are PyTorch's:
/// `parametrizations.weight.original` is W, the buffers `parametrizations.weight.0._u` and `_v` are u and v.
///
/// # Errors
/// A layer that has values already, is made of others, or has no weight with this dim; options out of range.
pub fn spectral_norm(layer: Module, dim: Option<usize>, options: SpectralNormOptions) -> Result<Module> {
    options.check(OP)?;
    Ok(Module::new(SpectralNorm::of(StandingIn::new(OP, layer, dim)?, options)))
}

impl SpectralNorm {
    fn of(inner: StandingIn, options: SpectralNormOptions) -> Self {
        let original = inner.weight().fresh();
        let count = original.shape().iter().product::<usize>();
        let rows = inner.row_count();
        let columns = count.checked_div(rows).unwrap_or(0);
        let [left, right] = [rows, columns].map(|size| Buffer::new(&[size], 0.0));
        Self { inner, options, original, left, right }
    }

    /// x / max(‖x‖, ε).
    fn normalised(&self, vector: &Tensor) -> Result<Tensor> {
        vector.div(&vector.norm(None, false)?.clamp_min(self.options.epsilon)?)
    }

    /// u ← W·v / ‖W·v‖, v ← Wᵀ·u / ‖Wᵀ·u‖.
    fn iterate(&self, rows: &Tensor, times: usize) -> Result<()> {
        no_grad(|| {
            let (rows, mut right) = (rows.detach(), self.right.value()?);
            let turned = rows.transpose(0, 1)?;
            let mut left = self.left.value()?;
            for _ in 0..times {
                left = self.normalised(&rows.mv(&right)?)?;
                right = self.normalised(&turned.mv(&left)?)?;
            }
            self.left.set(left)?;
            self.right.set(right)
        })
    }

    fn weight(&self, moves: bool) -> Result<Tensor> {
        let original = self.original.leaf()?;
        if original.rank() == 1 {
            return self.normalised(&original);
        }
        let rows = self.inner.rows(&original)?;
        if moves {
            self.iterate(&rows, self.options.iterations)?;
        }
        let sigma = self.left.value()?.dot(&rows.mv(&self.right.value()?)?)?;
        original.div(&sigma)
    }
}

impl Layer for SpectralNorm {
    fn kind(&self) -> &str {
        OP
    }

    fn describe(&self) -> String {
        let dim = self.inner.dim();
        let mut text = format!("{OP}({}", self.inner.describe());
        if dim != 0 {
            text += &format!(", dim = {}", crate::position::number(dim));
        }
        let (own, usual) = (self.options, SpectralNormOptions::default());
        if own.iterations != usual.iterations {
            text += &format!(", iterations = {}", own.iterations);
        }
        if own.epsilon != usual.epsilon {
            text += &format!(", epsilon = {}", own.epsilon);
        }
        text + ")"
    }

    fn forward(&self, module: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        self.inner.forward(module, self.weight(module.is_training())?, inputs)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self::of(self.inner.fresh(), self.options))
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        self.inner.parameters(vec![(ORIGINAL.to_owned(), self.original.clone())])
    }

    fn buffers(&self) -> Vec<(String, Buffer)> {
        let own = [(LEFT, &self.left), (RIGHT, &self.right)];
        let own = own.map(|(name, buffer)| (name.to_owned(), buffer.clone()));
        // Of a vector there is nothing to follow.
        let own = own.into_iter().filter(|_| self.original.shape().len() > 1);
        self.inner.buffers().into_iter().chain(own).collect()
    }

    fn begin(&self, beginning: &Beginning<'_>) -> Result<()> {
        // Vectors of another weight are of no use, and neither is one without the other.
        if self.original.shape().len() < 2 || ![ORIGINAL, LEFT, RIGHT].iter().any(|name| beginning.is_new(name)) {
            return Ok(());
        }
        for (name, buffer) in [(LEFT, &self.left), (RIGHT, &self.right)] {
            let stream = beginning.stream(name);
            let drawn = Tensor::randn(buffer.shape(), stream, DrawKey::default(), beginning.device)?;
            buffer.set(self.normalised(&drawn)?)?;
        }
        self.iterate(&self.inner.rows(&self.original.value()?)?, AT_FIRST)
    }

    fn computed(&self, name: &str) -> Result<Option<Tensor>> {
        if name == "weight" { self.weight(false).map(Some) } else { Ok(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::{Conv2dOptions, conv2d, linear, structure_fixture::check_layer},
    };

    #[test]
    fn values_gradients_and_vectors_are_pytorchs() {
        let plain = SpectralNormOptions::default();
        check_layer("spectral_norm linear", &spectral_norm(linear(5, 3, true), None, plain).unwrap());
        let thrice = SpectralNormOptions { iterations: 3, ..plain };
        check_layer("spectral_norm linear dim 1", &spectral_norm(linear(5, 3, false), Some(1), thrice).unwrap());
        let layer = conv2d(3, 4, Conv2dOptions::square(3, 1, 1)).unwrap();
        check_layer("spectral_norm conv2d", &spectral_norm(layer, None, plain).unwrap());
        let evaluated = spectral_norm(linear(5, 3, true), None, plain).unwrap();
        evaluated.set_training(false);
        check_layer("spectral_norm eval", &evaluated);
    }

    #[test]
    fn a_weight_that_an_edit_has_given_another_width_gets_vectors_of_its_own() {
        let device = Device::cpu();
        let layer = |inputs, outputs| spectral_norm(linear(inputs, outputs, true), None, Default::default()).unwrap();
        for (inputs, outputs) in [(5, 4), (6, 3)] {
            let (before, after) = (layer(6, 4), layer(inputs, outputs));
            before.realise("layer", 3, &device).unwrap();
            after.inherit(&before.state().into_iter().collect(), &device).unwrap();
            after.realise("layer", 3, &device).unwrap();
            after.set_training(false);
            let values = after.own("weight").unwrap().detach().svdvals().unwrap().floats().unwrap();
            assert!((values[0] - 1.0).abs() < 0.05, "{values:?}");
        }
    }

    #[test]
    fn the_largest_singular_value_of_the_weight_is_one_and_only_training_moves_the_vectors() {
        let device = Device::cpu();
        let layer = spectral_norm(linear(6, 4, true), None, SpectralNormOptions::default()).unwrap();
        layer.realise("layer", 3, &device).unwrap();
        let input = Tensor::ones(&[2, 6], &device).unwrap();
        (0..50).for_each(|_| drop(layer.forward(&input).unwrap()));
        let values = layer.own("weight").unwrap().detach().svdvals().unwrap().floats().unwrap();
        assert!((values[0] - 1.0).abs() < 1e-4 && values[1] < 1.0, "{values:?}");
        let vectors = || layer.buffers().iter().map(|(_, own)| own.value().unwrap().floats().unwrap()).collect();
        layer.set_training(false);
        let before: Vec<Vec<f32>> = vectors();
        layer.forward(&input).unwrap();
        assert_eq!(vectors(), before);
        let copy = layer.copy().unwrap();
        copy.realise("copy", 4, &device).unwrap();
        assert_eq!(copy.forward(&input).unwrap().floats().unwrap(), layer.forward(&input).unwrap().floats().unwrap());
    }
}
