//! The forward pass of a module: its layer is asked. Here is where errors get its path.

use super::{Layer, Module};
use crate::{
    Error, Result, Tensor,
    guard::guard,
    tensor::{Behind, in_module},
};

impl Module {
    /// The output for one input.
    ///
    /// # Errors
    /// It has parameters without values; an input that does not fit.
    pub fn forward(&self, input: &Tensor) -> Result<Tensor> {
        self.call(std::slice::from_ref(input))
    }

    /// The output for any number of inputs. Errors as [`Module::forward`]; a module that gives several.
    pub fn call(&self, inputs: &[Tensor]) -> Result<Tensor> {
        self.compute(|layer| layer.forward(self, inputs))
    }

    /// The output for one input, and what is behind it. Errors as [`Module::forward`]; a residual of another shape.
    pub fn forward_with(&self, input: &Tensor, behind: Behind<'_>) -> Result<Tensor> {
        self.compute(|layer| layer.forward_with(self, input, behind))
    }

    /// Whether this module computes the next one as well, which is a ReLU, in the same pass over memory.
    pub(in crate::nn) fn joins(&self, next: &Self) -> bool {
        self.0.layer.is_joined() && next.0.layer.is_relu()
    }

    /// Every output for any number of inputs. Errors as [`Module::forward`].
    pub fn call_all(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.compute(|layer| layer.forward_all(self, inputs))
    }

    fn compute<T>(&self, forward: impl FnOnce(&dyn Layer) -> Result<T>) -> Result<T> {
        if !self.is_realised() && !self.has_values() {
            let reason = format!(
                "{} has no parameters yet: make it a component of the session, or realise it first",
                self.kind()
            );
            return Err(Error::State { op: "forward", reason });
        }
        let forward = || in_module(|| forward(&*self.0.layer));
        // A panic of a library below is the error of the layer that it comes from, which has no children.
        self.located(if self.0.children.is_empty() { guard(self.kind(), forward) } else { forward() })
    }

    /// What came of something that the module did, an error with the path of the innermost module that has a name.
    pub fn located<T>(&self, outcome: Result<T>) -> Result<T> {
        outcome.map_err(|error| match self.name() {
            Some(name) => error.within(&name),
            None => error,
        })
    }
}
