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
        self.compute(|layer| {
            let output = layer.forward(self, inputs)?;
            if !self.is_hooked() {
                return Ok(output);
            }
            match self.hooked(inputs, vec![output])?.as_slice() {
                [output] => Ok(output.clone()),
                outputs => {
                    let reason = format!("a hook of {} gave {} values in the place of one", self.kind(), outputs.len());
                    Err(Error::State { op: "hook", reason })
                }
            }
        })
    }

    /// The output for one input, and what is behind it. Errors as [`Module::forward`]; a residual of another shape.
    pub fn forward_with(&self, input: &Tensor, behind: Behind<'_>) -> Result<Tensor> {
        // A hook sees what the module gives by itself.
        if self.is_hooked() {
            return self.located(behind.of(self.forward(input)?));
        }
        self.compute(|layer| layer.forward_with(self, input, behind))
    }

    /// Whether this module computes the next one as well, which is a ReLU, in the same pass over memory. Not where a hook
    /// is to see what each of the two gives.
    pub(in crate::nn) fn joins(&self, next: &Self) -> bool {
        self.0.layer.is_joined() && next.0.layer.is_relu() && !self.is_hooked() && !next.is_hooked()
    }

    /// Every output for any number of inputs. Errors as [`Module::forward`].
    pub fn call_all(&self, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.compute(|layer| {
            let outputs = layer.forward_all(self, inputs)?;
            if self.is_hooked() { self.hooked(inputs, outputs) } else { Ok(outputs) }
        })
    }

    /// Runs a method of the module as its forward pass is run: in the precision of modules, with the module's path in
    /// errors. Errors as [`Module::forward`].
    pub fn run<T>(&self, method: impl FnOnce() -> Result<T>) -> Result<T> {
        self.compute(|_| method())
    }

    fn compute<T>(&self, forward: impl FnOnce(&dyn Layer) -> Result<T>) -> Result<T> {
        if !self.is_realised() && !self.has_values() {
            return Err(self.without_values("forward"));
        }
        let forward = || in_module(|| forward(&*self.0.layer));
        // A panic of a library below is the error of the layer that it comes from, which has no children.
        self.located(if self.0.children.is_empty() { guard(self.kind(), forward) } else { forward() })
    }

    /// An error if a parameter or a buffer has no value yet.
    pub fn want_values(&self, op: &'static str) -> Result<()> {
        if self.values_are_set() { Ok(()) } else { Err(self.without_values(op)) }
    }

    fn without_values(&self, op: &'static str) -> Error {
        let kind = self.kind();
        let reason = format!("{kind} has no parameters yet: make it a component of the session, or realise it first");
        Error::State { op, reason }
    }

    /// What came of something that the module did, an error with the path of the innermost module that has a name.
    pub fn located<T>(&self, outcome: Result<T>) -> Result<T> {
        outcome.map_err(|error| match self.name() {
            Some(name) => error.within(&name),
            None => error,
        })
    }
}
