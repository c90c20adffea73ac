//! The forward pass of a module: its layer is asked, and errors get its path.

use super::{Layer, Module};
use crate::{Error, Result, Tensor, tensor::in_module};

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
        let output = in_module(|| forward(&*self.0.layer));
        // A container's error comes from a child, which has named itself.
        if self.0.children.is_empty() { output.map_err(|error| self.locate(error)) } else { output }
    }

    /// Puts the module's path in front of an error about the input.
    fn locate(&self, error: Error) -> Error {
        let Some(name) = self.name() else { return error };
        match error {
            Error::Shape { op, want, got } => Error::Shape { op: format!("{name}: {op}"), want, got },
            Error::Argument { op, name: argument, want, got } => {
                Error::Argument { op: format!("{name}: {op}"), name: argument, want, got }
            }
            other => other,
        }
    }
}
