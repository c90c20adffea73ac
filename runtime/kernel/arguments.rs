//! What a kernel is called with, checked against what it binds.

use std::time::Duration;

use super::{
    Size,
    output::Output,
    program::{Program, check_lanes},
};
use crate::{
    Error, Result, Tensor,
    gpu::{Binding, Kernel},
    tensor::is_grad_enabled,
};

/// What a kernel is called with.
#[derive(Clone)]
pub struct Arguments {
    /// A tensor for each input, by its name.
    pub inputs: Vec<(String, Tensor)>,
    /// A number for each field of the uniform, by its name.
    pub scalars: Vec<(String, f64)>,
    /// What it gives, in the order of the bindings.
    pub outputs: Vec<Output>,
    /// The bindings of either kernel whose tensors `[N, C, …]` lie there as `[N, …, C]`.
    pub channels_last: Vec<String>,
    /// How large the launch is.
    pub size: Size,
    /// How large that of its gradient is.
    pub backward_size: Size,
    /// How long a launch may take.
    pub limit: Duration,
}

impl Program {
    /// Checks inputs and scalars against what the kernel binds.
    ///
    /// # Errors
    /// A name that is missing or unknown; a tensor of another type than its binding, or on another device than the
    /// first.
    pub fn check_inputs(&self, inputs: &[(String, Tensor)], scalars: &[(String, f64)]) -> Result<()> {
        self.check_names(inputs, scalars)?;
        let mut first: Option<(&str, &Tensor)> = None;
        for binding in self.inputs() {
            let name = binding.name.as_str();
            let Some((_, tensor)) = inputs.iter().find(|(known, _)| known == name) else {
                return Err(self.refuse(format!("input '{name}' is missing")));
            };
            check_type(&self.forward, binding, tensor)?;
            let (other_name, other) = *first.get_or_insert((name, tensor));
            if other.device() != tensor.device() {
                let (on, other) = (tensor.device().name(), other.device().name());
                return Err(self.refuse(format!("input '{name}' is on {on}, and '{other_name}' on {other}")));
            }
        }
        match self.fields().find(|name| scalars.iter().all(|(known, _)| known != name)) {
            Some(name) => Err(self.refuse(format!("scalar '{name}', a field of its uniform, is missing"))),
            None => Ok(()),
        }
    }

    /// An error for an input on the tape that the kernel has no gradient by: to cut the tape in silence would train
    /// wrongly.
    pub(super) fn check_tape(&self, inputs: &[(String, Tensor)]) -> Result<()> {
        let has_gradient = |name: &str| self.inputs_with_gradient().any(|binding| binding.name == name);
        let cut = inputs.iter().find(|(name, tensor)| tensor.is_tracked() && !has_gradient(name));
        match cut.filter(|_| is_grad_enabled()) {
            Some((name, _)) => Err(self.refuse(format!(
                "input '{name}' is on the tape, and there is no gradient by it: detach it, or write grad_{name} in a \
                 backward kernel"
            ))),
            None => Ok(()),
        }
    }

    /// An error for a name that is none of the kernel's.
    fn check_names(&self, inputs: &[(String, Tensor)], scalars: &[(String, f64)]) -> Result<()> {
        let inputs = inputs.iter().map(|(name, _)| (name, true));
        for (name, is_tensor) in inputs.chain(scalars.iter().map(|(name, _)| (name, false))) {
            let is_input = self.inputs().any(|binding| binding.name == *name);
            let is_field = self.fields().any(|field| field == name);
            match (is_input, is_field) {
                (true, _) if is_tensor => {}
                (_, true) if !is_tensor => {}
                (true, _) => return Err(self.refuse(format!("input '{name}' must be a tensor, got a number"))),
                (_, true) => return Err(self.refuse(format!("scalar '{name}' must be a number, got a tensor"))),
                _ if self.outputs().any(|binding| binding.name == *name) => {
                    let reason = format!("binding '{name}' is written to, so it is an output: tensors do not change");
                    return Err(self.refuse(reason));
                }
                _ => {
                    let known = self.inputs().map(|binding| binding.name.as_str()).chain(self.fields());
                    return Err(Error::unknown(self.forward.name(), "input", name, known));
                }
            }
        }
        Ok(())
    }

    pub(super) fn refuse(&self, reason: String) -> Error {
        Error::Kernel { kernel: self.forward.name().into(), reason }
    }
}

/// An error unless a tensor's elements are what the binding is an array of.
fn check_type(kernel: &Kernel, binding: &Binding, tensor: &Tensor) -> Result<()> {
    let refuse = |reason: String| Error::Kernel { kernel: kernel.name().into(), reason };
    let (name, element) = (&binding.name, binding.element);
    if !tensor.dtype().is_read_as(element.number) || tensor.is_empty() {
        let (number, takes) = (element.number.name(), element.number.kinds());
        let got = if tensor.is_empty() { format!("{:?}", tensor.shape()) } else { tensor.dtype().to_string() };
        return Err(refuse(format!("binding '{name}' is an array of {number}: wants {takes}, got {got}")));
    }
    check_lanes(kernel, binding, tensor.shape())
}
