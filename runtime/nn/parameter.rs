//! The tensors that a layer owns: parameters, which an optimizer moves, and buffers, which the layer moves itself.
//! A handle is shared by cloning; the tensor behind it is replaced, never written to.

use std::{cell::Cell, cell::RefCell, rc::Rc};

use serde::{Deserialize, Serialize};

use super::Init;
use crate::{Device, Error, Result, Tensor, tape::Hooks, tensor::is_grad_enabled};

/// What a parameter is to an optimizer: LARS leaves biases and norm parameters alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Of a linear layer or a convolution.
    Weight,
    /// Added to what a layer computes.
    Bias,
    /// The scale or shift of a normalisation.
    Norm,
}

/// A tensor that training moves.
#[derive(Clone)]
pub struct Parameter(Rc<Cells>);

struct Cells {
    shape: Vec<usize>,
    init: Init,
    role: Role,
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
        let shape = shape.to_vec();
        Self(Rc::new(Cells {
            shape,
            init,
            role,
            value: RefCell::default(),
            leaf: RefCell::default(),
            hooks: RefCell::default(),
            stand_in: RefCell::default(),
            frozen: Cell::default(),
        }))
    }

    /// Its shape, known before it has a value.
    pub fn shape(&self) -> &[usize] {
        &self.0.shape
    }

    /// What it is to an optimizer.
    pub fn role(&self) -> Role {
        self.0.role
    }

    /// The distribution that it starts from.
    pub fn init(&self) -> Init {
        self.0.init
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
        self.set(self.0.init.draw(seed, path, &self.0.shape, device)?)
    }
}

/// A tensor that a layer moves itself, such as a running mean.
#[derive(Clone)]
pub struct Buffer(Rc<BufferCells>);

struct BufferCells {
    shape: Vec<usize>,
    start: f64,
    value: RefCell<Option<Tensor>>,
}

impl Buffer {
    /// A buffer that will start with one value everywhere.
    pub fn new(shape: &[usize], start: f64) -> Self {
        Self(Rc::new(BufferCells { shape: shape.to_vec(), start, value: RefCell::default() }))
    }

    /// Its shape.
    pub fn shape(&self) -> &[usize] {
        &self.0.shape
    }

    /// Its value.
    ///
    /// # Errors
    /// It has none yet.
    pub fn value(&self) -> Result<Tensor> {
        self.0.value.borrow().clone().ok_or_else(|| Error::State { op: "buffer", reason: "has no value yet".into() })
    }

    /// Replaces the value.
    ///
    /// # Errors
    /// Another shape or kind.
    pub fn set(&self, value: Tensor) -> Result<()> {
        value.want_float("buffer")?;
        if value.shape() != self.shape() {
            return Err(Error::Shapes { op: "buffer", left: self.shape().to_vec(), right: value.shape().to_vec() });
        }
        self.0.value.replace(Some(value.to_be_kept()));
        Ok(())
    }

    pub(super) fn realise(&self, device: &Device) -> Result<()> {
        if self.0.value.borrow().is_some() {
            return Ok(());
        }
        self.set(Tensor::full(self.0.start, &self.0.shape, crate::tensor::Kind::Float, device)?)
    }
}
