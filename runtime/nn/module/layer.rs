//! What a kind of layer says of itself, and its place in a tree of modules. Each of the two refers to the other.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    rc::Rc,
};

use super::Beginning;
use crate::{
    Error, Result, Tensor,
    nn::{Buffer, Parameter},
    tensor::Behind,
};

/// What a module computes and owns.
pub trait Layer {
    /// Its name in messages, such as `conv2d`.
    fn kind(&self) -> &str;

    /// Its kind and everything that distinguishes it from another: two layers are alike where this is equal.
    fn describe(&self) -> String;

    /// The output. `module` is the module that holds the layer.
    ///
    /// # Errors
    /// Inputs that do not fit.
    fn forward(&self, module: &Module, inputs: &[Tensor]) -> Result<Tensor>;

    /// Every output, of a layer that may have several. Errors as [`Layer::forward`].
    fn forward_all(&self, module: &Module, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        self.forward(module, inputs).map(|output| vec![output])
    }

    /// The output for one input, and what is behind it: a layer that computes both at once says so in
    /// [`Layer::is_joined`]. Errors as [`Layer::forward`].
    fn forward_with(&self, module: &Module, input: &Tensor, behind: Behind<'_>) -> Result<Tensor> {
        behind.of(self.forward(module, std::slice::from_ref(input))?)
    }

    /// Whether it computes what is behind it in the same pass over memory.
    fn is_joined(&self) -> bool {
        false
    }

    /// Whether it is max(x, 0), which the layer in front of it may compute as well.
    fn is_relu(&self) -> bool {
        false
    }

    /// An equal layer with parameters of its own.
    fn fresh(&self) -> Box<dyn Layer>;

    /// Its own parameters, those of children not included.
    fn parameters(&self) -> Vec<(String, Parameter)> {
        Vec::new()
    }

    /// Its own buffers.
    fn buffers(&self) -> Vec<(String, Buffer)> {
        Vec::new()
    }

    /// The modules that it is made of.
    fn children(&self) -> Vec<(String, Module)> {
        Vec::new()
    }

    /// Sets what starts from the values of others, once these are drawn.
    ///
    /// # Errors
    /// A device failed.
    fn begin(&self, _: &Beginning<'_>) -> Result<()> {
        Ok(())
    }

    /// A value that the layer computes of its parameters under the name of one, such as a normalised weight.
    ///
    /// # Errors
    /// They have no values yet.
    fn computed(&self, _: &str) -> Result<Option<Tensor>> {
        Ok(None)
    }

    /// Whether its parts have numbers instead of names, from 0.
    fn is_list(&self) -> bool {
        false
    }

    /// What whoever made it has attached to it.
    fn attached(&self) -> Option<&dyn Any> {
        None
    }
}

/// What is called after a forward pass, with the module, its inputs and its outputs: what takes the place of the outputs,
/// if anything does.
pub type Hook = Rc<dyn Fn(&Module, &[Tensor], &[Tensor]) -> Result<Option<Vec<Tensor>>>>;

/// A layer in a tree of modules.
#[derive(Clone)]
pub struct Module(pub(super) Rc<Node>);

/// A module, which its handles share.
pub(super) struct Node {
    pub(super) layer: Box<dyn Layer>,
    pub(super) children: Vec<(String, Module)>,
    pub(super) parameters: Vec<(String, Parameter)>,
    pub(super) buffers: Vec<(String, Buffer)>,
    /// How deep modules are nested from here, itself included, and how many there are. A module in two places counts
    /// twice.
    pub(super) depth: usize,
    pub(super) size: usize,
    pub(super) name: RefCell<Option<String>>,
    pub(super) training: Cell<bool>,
    /// What is called after its forward pass, each with a number.
    pub(super) hooks: RefCell<Vec<(u64, Hook)>>,
}

/// The one input of a layer that takes one.
pub(in crate::nn) fn single<'a>(op: &str, inputs: &'a [Tensor]) -> Result<&'a Tensor> {
    match inputs {
        [input] => Ok(input),
        _ => Err(Error::argument(op, "input", "one tensor", format!("{} tensors", inputs.len()))),
    }
}
