//! A tensor that an optimizer moves. A handle is shared by cloning; the tensor behind it is replaced, never written to.

use std::{
    cell::{Cell, RefCell},
    fmt,
    rc::Rc,
};

use super::{Init, Role};
use crate::{
    Device, Error, Result, Tensor,
    tape::Hooks,
    tensor::{DType, is_grad_enabled},
};

/// A tensor that training moves.
#[derive(Clone)]
pub struct Parameter(Rc<Cells>);

/// What a parameter starts from.
#[derive(Clone)]
pub enum Start {
    /// A distribution, or one value.
    Drawn(Init),
    /// The elements of a tensor.
    Given(Tensor),
    /// What its layer works out from others' values; 1 until then.
    Computed,
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drawn(init) => write!(f, "{init}"),
            Self::Given(_) => f.write_str("given"),
            Self::Computed => f.write_str("computed"),
        }
    }
}

struct Cells {
    shape: Vec<usize>,
    start: RefCell<Start>,
    role: Role,
    /// Whether its value came from a state.
    is_inherited: Cell<bool>,
    value: RefCell<Option<Tensor>>,
    leaf: RefCell<Option<Tensor>>,
    /// The hooks of the leaf before, for the next one.
    hooks: RefCell<Option<Hooks<Tensor>>>,
    /// What a functional call uses instead.
    stand_in: RefCell<Option<Tensor>>,
    frozen: Cell<bool>,
}

impl Parameter {
    /// A parameter without a value yet.
    pub fn new(shape: &[usize], init: Init, role: Role) -> Self {
        Self::starting(shape, Start::Drawn(init), role)
    }

    /// A parameter that will start with the elements of a tensor, as float32.
    ///
    /// # Errors
    /// A tensor that is not float.
    pub fn of(tensor: &Tensor, role: Role) -> Result<Self> {
        tensor.want_float("parameter")?;
        let start = tensor.detach().to_dtype(DType::Float32)?.to_owned_tensor();
        Ok(Self::starting(tensor.shape(), Start::Given(start), role))
    }

    /// A parameter that starts as this one does, and has no value yet.
    pub fn fresh(&self) -> Self {
        Self::starting(self.shape(), self.start(), self.role())
    }

    /// A parameter that its layer works out from others' values.
    pub(super) fn computed(shape: &[usize], role: Role) -> Self {
        Self::starting(shape, Start::Computed, role)
    }

    fn starting(shape: &[usize], start: Start, role: Role) -> Self {
        Self(Rc::new(Cells {
            shape: shape.to_vec(),
            start: RefCell::new(start),
            role,
            is_inherited: Cell::default(),
            value: RefCell::default(),
            leaf: RefCell::default(),
            hooks: RefCell::default(),
            stand_in: RefCell::default(),
            frozen: Cell::default(),
        }))
    }

    /// What tells it from other parameters, as long as it lives.
    pub fn id(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }

    /// Its shape, known before it has a value.
    pub fn shape(&self) -> &[usize] {
        &self.0.shape
    }

    /// What it is to an optimizer.
    pub fn role(&self) -> Role {
        self.0.role
    }

    /// What it starts from.
    pub fn start(&self) -> Start {
        self.0.start.borrow().clone()
    }

    /// Lets it start from something else. A value that it has stays.
    pub(super) fn set_start(&self, start: Start) {
        self.0.start.replace(start);
    }

    /// Forgets the value, so that it gets a first one again with its name.
    pub(super) fn forget(&self) {
        self.clear_leaf();
        self.0.value.take();
    }

    /// Whether its value came from a state, so that it was not drawn.
    pub fn is_inherited(&self) -> bool {
        self.0.is_inherited.get()
    }

    /// Takes its value from a state. Errors as [`Parameter::set`].
    pub(super) fn inherit(&self, value: Tensor) -> Result<()> {
        self.0.is_inherited.set(true);
        self.set(value)
    }

    /// Whether it has a value, or another tensor stands in for one.
    pub(super) fn is_usable(&self) -> bool {
        self.0.value.borrow().is_some() || self.0.stand_in.borrow().is_some()
    }

    /// Its value, without a tape.
    ///
    /// # Errors
    /// It has none yet.
    pub fn value(&self) -> Result<Tensor> {
        self.0.value.borrow().clone().ok_or_else(|| Error::State { op: "parameter", reason: "has no value yet".into() })
    }

    /// Replaces the value, and with it the leaf.
    ///
    /// # Errors
    /// Another shape or kind.
    pub fn set(&self, value: Tensor) -> Result<()> {
        value.want_float("parameter")?;
        if value.shape() != self.shape() {
            return Err(Error::Shapes { op: "parameter", left: self.shape().to_vec(), right: value.shape().to_vec() });
        }
        self.0.value.replace(Some(value.to_be_kept()));
        self.clear_leaf();
        Ok(())
    }

    /// The value as an operand of a layer: one and the same leaf until the value is set, so that the gradients of
    /// several forward passes meet in it; a constant where it is frozen or gradients are off.
    pub fn leaf(&self) -> Result<Tensor> {
        if let Some(stand_in) = self.0.stand_in.borrow().as_ref() {
            return Ok(stand_in.clone());
        }
        if !is_grad_enabled() || self.0.frozen.get() {
            return self.value();
        }
        if let Some(leaf) = self.0.leaf.borrow().as_ref() {
            return Ok(leaf.clone());
        }
        let leaf = self.value()?.requires_grad()?;
        self.0.hooks.take().into_iter().for_each(|hooks| leaf.share_hooks(hooks));
        self.0.leaf.replace(Some(leaf.clone()));
        Ok(leaf)
    }

    /// The leaf that forward passes have used since the value was set.
    pub fn used_leaf(&self) -> Option<Tensor> {
        self.0.leaf.borrow().clone()
    }

    /// Forgets the gradient that backward passes have added up at the leaf.
    pub fn zero_grad(&self) {
        self.used_leaf().iter().filter_map(|leaf| leaf.zero_grad().err()).for_each(drop);
    }

    /// Forgets the leaf: the next forward pass makes a new one, with the same hooks.
    pub fn clear_leaf(&self) {
        if let Some(leaf) = self.0.leaf.take() {
            self.0.hooks.replace(leaf.hooks());
            leaf.replaced();
        }
    }

    /// Whether forward passes treat it as a constant.
    pub fn is_frozen(&self) -> bool {
        self.0.frozen.get()
    }

    /// Makes it a constant, or no longer.
    pub fn set_frozen(&self, frozen: bool) {
        self.0.frozen.set(frozen);
        self.clear_leaf();
    }

    /// Lets another tensor stand in for the value in forward passes, or none; returns the one before.
    pub(super) fn stand_in(&self, tensor: Option<Tensor>) -> Option<Tensor> {
        self.0.stand_in.replace(tensor)
    }

    pub(super) fn realise(&self, seed: u64, path: &str, device: &Device) -> Result<()> {
        // A copy of another parameter comes with its value.
        if self.0.value.borrow().is_some() {
            return Ok(());
        }
        self.begin_anew(seed, path, device)
    }

    /// Gives it its first value, a function of seed and path alone.
    pub(super) fn begin_anew(&self, seed: u64, path: &str, device: &Device) -> Result<()> {
        match self.start() {
            Start::Drawn(init) => self.set(init.draw(seed, path, self.shape(), device)?),
            Start::Given(tensor) => self.set(tensor.to_device(device)?),
            Start::Computed => self.set(Tensor::ones(&self.0.shape, device)?),
        }
    }
}
