//! Activations as layers.

use super::{Layer, Module, module::single};
use crate::{Result, Tensor};

struct Relu;

/// max(x, 0), elementwise.
pub fn relu() -> Module {
    Module::new(Relu)
}

impl Layer for Relu {
    fn kind(&self) -> &str {
        "relu"
    }

    fn describe(&self) -> String {
        "relu()".into()
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        single("relu", inputs)?.relu()
    }

    fn is_relu(&self) -> bool {
        true
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self)
    }
}

#[cfg(test)]
mod tests {
    use crate::nn::{fixture::check_layer, relu};

    #[test]
    fn values_and_gradients_are_pytorchs() {
        check_layer("relu", &relu());
    }
}
