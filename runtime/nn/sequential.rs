//! Modules one after another.

use super::{Layer, Module, module::single};
use crate::{Result, Tensor};

struct Sequential(Vec<Module>);

/// Each module's output is the next one's input. The children's names are `0`, `1`, …, as in PyTorch.
pub fn sequential(modules: Vec<Module>) -> Module {
    Module::new(Sequential(modules))
}

impl Layer for Sequential {
    fn kind(&self) -> &str {
        "sequential"
    }

    fn describe(&self) -> String {
        format!("sequential({})", self.0.iter().map(Module::describe).collect::<Vec<_>>().join(", "))
    }

    fn forward(&self, _: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        let input = single("sequential", inputs)?.clone();
        self.0.iter().try_fold(input, |value, module| module.forward(&value))
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self(self.0.iter().map(Module::fresh).collect()))
    }

    fn children(&self) -> Vec<(String, Module)> {
        self.0.iter().enumerate().map(|(position, module)| (position.to_string(), module.clone())).collect()
    }
}
