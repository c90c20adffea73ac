//! Weight normalisation (Salimans and Kingma 2016): a weight's length apart from its direction.

use super::{Beginning, Buffer, Layer, Module, Parameter, Role, Start, standing_in::StandingIn};
use crate::{Result, Tensor};

const OP: &str = "weight_norm";
const LENGTH: &str = "parametrizations.weight.original0";
const DIRECTION: &str = "parametrizations.weight.original1";

struct WeightNorm {
    inner: StandingIn,
    length: Parameter,
    direction: Parameter,
}

/// A layer whose weight is g · v / ‖v‖, with a length g for each position of a dim, the first where none is given. The
/// weight starts as the layer's own would. Names are PyTorch's: `parametrizations.weight.original0` is g, `original1` v.
///
/// # Errors
/// A layer that has values already, is made of others, or has no weight with this dim.
pub fn weight_norm(layer: Module, dim: Option<usize>) -> Result<Module> {
    Ok(Module::new(WeightNorm::of(StandingIn::new(OP, layer, Some(dim.unwrap_or(0)))?)))
}

impl WeightNorm {
    fn of(inner: StandingIn) -> Self {
        let mut shape = vec![1; inner.weight().shape().len()];
        shape[inner.dim()] = inner.row_count();
        let length = Parameter::computed(&shape, Role::Norm);
        let direction = inner.weight().fresh();
        Self { inner, length, direction }
    }

    /// ‖v‖ of each row, in the shape of g.
    fn norms(&self, direction: &Tensor) -> Result<Tensor> {
        self.inner.rows(direction)?.norm(1, false)?.reshape(self.length.shape())
    }

    fn weight(&self) -> Result<Tensor> {
        let direction = self.direction.leaf()?;
        direction.mul(&self.length.leaf()?.div(&self.norms(&direction)?)?)
    }
}

impl Layer for WeightNorm {
    fn kind(&self) -> &str {
        OP
    }

    fn describe(&self) -> String {
        let dim = self.inner.dim();
        let dim = if dim == 0 { String::new() } else { format!(", dim = {}", crate::position::number(dim)) };
        format!("{OP}({}{dim})", self.inner.describe())
    }

    fn forward(&self, module: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        self.inner.forward(module, self.weight()?, inputs)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self::of(self.inner.fresh()))
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        let own = [(LENGTH, &self.length), (DIRECTION, &self.direction)];
        self.inner.parameters(own.map(|(name, parameter)| (name.to_owned(), parameter.clone())).to_vec())
    }

    fn buffers(&self) -> Vec<(String, Buffer)> {
        self.inner.buffers()
    }

    fn begin(&self, beginning: &Beginning<'_>) -> Result<()> {
        // One that was chosen for itself stays, and so does one of a state whose direction does.
        let is_new = beginning.is_new(LENGTH) || beginning.is_new(DIRECTION);
        if is_new && matches!(self.length.start(), Start::Computed) {
            self.length.set(self.norms(&self.direction.value()?)?)?;
        }
        Ok(())
    }

    fn computed(&self, name: &str) -> Result<Option<Tensor>> {
        if name == "weight" { self.weight().map(Some) } else { Ok(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::{Conv2dOptions, batch_norm, conv2d, linear, relu, sequential, structure_fixture::check_layer},
    };

    #[test]
    fn values_and_gradients_are_pytorchs() {
        check_layer("weight_norm linear", &weight_norm(linear(5, 3, true), None).unwrap());
        check_layer("weight_norm linear dim 1", &weight_norm(linear(5, 3, false), Some(1)).unwrap());
        let layer = conv2d(3, 4, Conv2dOptions::square(3, 1, 1)).unwrap();
        check_layer("weight_norm conv2d", &weight_norm(layer, None).unwrap());
    }

    #[test]
    fn it_starts_as_the_layer_itself_would_and_a_copy_keeps_its_values() {
        let device = Device::cpu();
        let layer = weight_norm(linear(4, 3, true), None).unwrap();
        layer.realise("layer", 2, &device).unwrap();
        let direction = layer.own(DIRECTION).unwrap();
        let error = layer.own("weight").unwrap().sub(&direction).unwrap().abs().unwrap().max(None, false).unwrap();
        assert!(error.item().unwrap() < 1e-6);
        layer.parameters()[1].1.set(Tensor::full(2.0, &[3, 1], crate::tensor::Kind::Float, &device).unwrap()).unwrap();
        let copy = layer.copy().unwrap();
        copy.realise("copy", 9, &device).unwrap();
        let input = Tensor::ones(&[2, 4], &device).unwrap();
        let values = |module: &Module| module.forward(&input).unwrap().floats().unwrap();
        assert_eq!(values(&copy), values(&layer));
    }

    #[test]
    fn what_has_no_weight_of_its_own_is_refused() {
        let told = |layer: Module| weight_norm(layer, None).unwrap_err().to_string();
        assert_eq!(told(relu()), "weight_norm: relu has no weight");
        let inside = sequential(vec![linear(2, 2, true)]);
        assert!(told(inside).starts_with("weight_norm: sequential is made of others"));
        let named = linear(2, 2, true);
        named.realise("layer", 0, &Device::cpu()).unwrap();
        assert_eq!(told(named), "weight_norm: linear has values already; wrap a layer before it gets a name");
        let error = weight_norm(linear(2, 2, true), Some(2)).unwrap_err().to_string();
        assert_eq!(error, "weight_norm: dim must be at most 2, the dims of the weight, got 3");
        let norm = weight_norm(batch_norm(3, Default::default()), None).unwrap();
        norm.realise("norm", 0, &Device::cpu()).unwrap();
        assert!(norm.forward(&Tensor::ones(&[2, 3], &Device::cpu()).unwrap()).is_ok());
    }
}
