//! A kernel with the one that computes its gradient: what both bind must fit, which is checked when they are put
//! together.

use crate::{
    Error, Result,
    gpu::{Access, Binding, Kernel, Number},
};

/// What the gradient of a binding is called.
const GRADIENT: &str = "grad_";

/// The most inputs that can have a gradient.
pub(super) const MOST_GRADIENTS: usize = 8;

/// A kernel and, where it has a gradient, the kernel of that.
#[derive(Clone, Debug)]
pub struct Program {
    pub(super) forward: Kernel,
    pub(super) backward: Option<Kernel>,
}

impl Program {
    /// Puts them together. The backward kernel reads any of the inputs and the output, and `grad_OUTPUT`; it writes
    /// `grad_INPUT` for the inputs that have a gradient.
    ///
    /// # Errors
    /// A binding or a field of the backward kernel that the forward kernel has no counterpart of; more than one output
    /// beside a gradient.
    pub fn new(forward: Kernel, backward: Option<Kernel>) -> Result<Self> {
        let program = Self { forward, backward };
        if let Some(backward) = &program.backward {
            program.check(backward)?;
        }
        Ok(program)
    }

    /// The kernel itself.
    pub fn forward(&self) -> &Kernel {
        &self.forward
    }

    /// The kernel of its gradient.
    pub fn backward(&self) -> Option<&Kernel> {
        self.backward.as_ref()
    }

    /// The bindings that are read only, in the order of their numbers.
    pub fn inputs(&self) -> impl Iterator<Item = &Binding> {
        bindings(&self.forward, Access::Read)
    }

    /// The bindings that are written to, in the order of their numbers.
    pub fn outputs(&self) -> impl Iterator<Item = &Binding> {
        bindings(&self.forward, Access::Write)
    }

    /// The names of the uniform's fields.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        fields(&self.forward)
    }

    /// In a line: `kernel swish.wgsl(x: f32, beta) -> y: f32, with a gradient by x`.
    pub fn describe(&self) -> String {
        let list = |bindings: Vec<&Binding>| -> Vec<String> {
            let typed = |binding: &Binding| format!("{}: {}", binding.name, binding.element.name());
            bindings.into_iter().map(typed).collect()
        };
        let takes = [list(self.inputs().collect()), self.fields().map(str::to_owned).collect()].concat().join(", ");
        let gives = list(self.outputs().collect()).join(", ");
        let by: Vec<_> = self.inputs_with_gradient().map(|binding| binding.name.as_str()).collect();
        let gradient = if by.is_empty() { String::new() } else { format!(", with a gradient by {}", by.join(", ")) };
        format!("kernel {}({takes}) -> {gives}{gradient}", self.forward.name())
    }

    /// The inputs that have a gradient.
    pub(super) fn inputs_with_gradient(&self) -> impl Iterator<Item = &Binding> {
        let has = |name: &str| {
            let gradients = self.backward.iter().flat_map(|backward| bindings(backward, Access::Write));
            gradients.filter_map(|binding| binding.name.strip_prefix(GRADIENT)).any(|known| known == name)
        };
        self.inputs().filter(move |binding| has(&binding.name))
    }

    fn check(&self, backward: &Kernel) -> Result<()> {
        let refuse = |kernel: &Kernel, reason: String| Error::Kernel { kernel: kernel.name().into(), reason };
        let outputs: Vec<_> = self.outputs().collect();
        let [output] = outputs[..] else {
            let names = outputs.iter().map(|binding| binding.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(refuse(
                &self.forward,
                format!("a kernel with a gradient writes to one binding, not to {names}"),
            ));
        };
        if output.element.number != Number::Float {
            let number = output.element.number.name();
            return Err(refuse(&self.forward, format!("binding '{}' is {number} and has no gradient", output.name)));
        }
        let by_output = gradient_of(&output.name);
        let is_float = |binding: &&Binding| binding.element.number == Number::Float;
        for binding in bindings(backward, Access::Read) {
            let known = self.forward.interface().bindings.iter();
            let number = match known.clone().find(|known| known.name == binding.name) {
                Some(known) => known.element.number,
                None if binding.name == by_output => Number::Float,
                None => {
                    let known = known.map(|binding| binding.name.clone()).chain([by_output]);
                    return Err(Error::unknown(backward.name(), "binding", &binding.name, known));
                }
            };
            want_number(backward, binding, number)?;
        }
        for binding in bindings(backward, Access::Write) {
            let known: Vec<_> = self.inputs().filter(is_float).map(|binding| gradient_of(&binding.name)).collect();
            if !known.contains(&binding.name) {
                return Err(Error::unknown(backward.name(), "binding", &binding.name, known));
            }
            want_number(backward, binding, Number::Float)?;
        }
        if !bindings(backward, Access::Read).any(|binding| binding.name == by_output) {
            return Err(refuse(backward, format!("does not read '{by_output}', which its gradients depend on")));
        }
        let count = self.inputs_with_gradient().count();
        if count > MOST_GRADIENTS {
            return Err(refuse(backward, format!("writes {count} gradients, over the limit of {MOST_GRADIENTS}")));
        }
        match fields(backward).find(|name| self.fields().all(|known| known != *name)) {
            Some(name) => Err(Error::unknown(backward.name(), "field", name, self.fields())),
            None => Ok(()),
        }
    }
}

/// What the gradient of a binding is called.
pub(super) fn gradient_of(name: &str) -> String {
    format!("{GRADIENT}{name}")
}

pub(super) fn bindings(kernel: &Kernel, access: Access) -> impl Iterator<Item = &Binding> {
    kernel.interface().bindings.iter().filter(move |binding| binding.access == access)
}

pub(super) fn fields(kernel: &Kernel) -> impl Iterator<Item = &str> {
    kernel.interface().uniform.iter().flat_map(|uniform| &uniform.fields).map(|field| field.name.as_str())
}

fn want_number(kernel: &Kernel, binding: &Binding, number: Number) -> Result<()> {
    if binding.element.number == number {
        return Ok(());
    }
    let (found, want) = (binding.element.number.name(), number.name());
    let reason = format!("binding '{}' is an array of {found}, and must be of {want}", binding.name);
    Err(Error::Kernel { kernel: kernel.name().into(), reason })
}

/// An error unless a shape is whole vectors.
pub(super) fn check_lanes(kernel: &Kernel, binding: &Binding, shape: &[usize]) -> Result<()> {
    let lanes = binding.element.lanes;
    if shape.iter().product::<usize>().is_multiple_of(lanes) {
        return Ok(());
    }
    let name = &binding.name;
    let reason = format!("binding '{name}' is an array of vectors of {lanes}, which shape {shape:?} is no multiple of");
    Err(Error::Kernel { kernel: kernel.name().into(), reason })
}
