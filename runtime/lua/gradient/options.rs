//! Options of backward passes.

use super::one_or_many::OneOrMany;
use crate::{Error, Result, Tensor, options::options, tensor::Pass};

options! {
    /// Options of `mb.grad`.
    pub struct GradOptions {
        /// Whether the gradients are on the tape themselves, so that they can be differentiated again.
        pub create_graph: bool = false;
        /// Whether the tape can be gone through once more. By default as create_graph.
        pub retain_graph: Option<bool> = None;
        /// The gradient by each output, of its shape: a tensor for one output, a list for several. 1 for scalars where
        /// left out.
        pub grad_outputs: Option<OneOrMany> = None;
    }

    /// Options of a tensor's `backward`.
    pub struct BackwardOptions {
        /// The gradient by the tensor itself, of its shape; 1 for a scalar where left out.
        pub gradient: Option<Tensor> = None;
        /// Whether the gradients are on the tape themselves. A leaf then holds its gradient, and that the leaf, until an
        /// update or zero_grad takes it; mb.grad holds nothing.
        pub create_graph: bool = false;
        /// Whether the tape can be gone through once more. By default as create_graph.
        pub retain_graph: Option<bool> = None;
    }
}

fn pass(create_graph: bool, retain_graph: Option<bool>) -> Pass {
    Pass { create_graph, retain_graph: retain_graph.unwrap_or(create_graph) }
}

impl GradOptions {
    pub(super) fn pass(&self) -> Pass {
        pass(self.create_graph, self.retain_graph)
    }

    /// The gradient by each output.
    pub(super) fn of_outputs(&self, outputs: &[Tensor]) -> Result<Vec<Option<Tensor>>> {
        match &self.grad_outputs {
            None => Ok(vec![None; outputs.len()]),
            Some(given) if given.0.len() == outputs.len() => Ok(given.0.iter().cloned().map(Some).collect()),
            Some(given) => {
                let want = format!("one for each of the {} outputs", outputs.len());
                Err(Error::argument("grad", "grad_outputs", want, given.0.len()))
            }
        }
    }
}

impl BackwardOptions {
    /// How the pass goes.
    pub fn pass(&self) -> Pass {
        pass(self.create_graph, self.retain_graph)
    }
}
