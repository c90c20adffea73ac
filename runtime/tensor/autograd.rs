//! Gradients of a scalar through Burn's autodiff: leaves, the backward pass, detaching.
//! First order: the tape of a loss is used up by one backward pass.

use burn_backend::{AutodiffBackend, ops::FloatTensorOps};
use burn_dispatch::{Dispatch, DispatchAutodiffContext, DispatchTensor};

use super::{Kind, Tensor, no_grad::is_grad_enabled, operation};
use crate::{Error, Result, guard::guard, position::number};

impl Tensor {
    /// Whether the tensor belongs to a tape.
    pub fn is_tracked(&self) -> bool {
        self.kind == Kind::Float
            && self.raw.autodiff != DispatchAutodiffContext::Disabled
            && Dispatch::is_tracked(&self.raw)
    }

    /// A leaf with the same values, whose gradient a backward pass keeps.
    ///
    /// # Errors
    /// The tensor is not float.
    pub fn requires_grad(&self) -> Result<Self> {
        self.want_float("requires_grad")?;
        let leaf = Dispatch::float_set_require_grad(Dispatch::from_inner(self.untracked_raw()), true);
        Ok(Self { raw: leaf, ..self.clone() })
    }

    /// The same values as a constant.
    pub fn detach(&self) -> Self {
        Self { raw: self.untracked_raw(), ..self.clone() }
    }

    pub(crate) fn untracked_raw(&self) -> DispatchTensor {
        without_tape(self.raw.clone(), self.kind)
    }

    pub(super) fn into_untracked_raw(self) -> DispatchTensor {
        without_tape(self.raw, self.kind)
    }
}

fn without_tape(raw: DispatchTensor, kind: Kind) -> DispatchTensor {
    let has_tape = kind == Kind::Float && raw.autodiff != DispatchAutodiffContext::Disabled;
    if has_tape { Dispatch::inner(raw) } else { raw }
}

/// What a backward pass left at the leaves.
pub struct Gradients {
    found: <Dispatch as AutodiffBackend>::Gradients,
    /// What the loss was multiplied by.
    scale: f64,
}

impl Gradients {
    /// The backward pass from a scalar loss. It uses up the tape.
    ///
    /// # Errors
    /// A loss that is not a float scalar, that depends on no tensor that requires a gradient, or whose tape is gone.
    pub fn of(loss: &Tensor) -> Result<Self> {
        Self::of_scaled(loss, 1.0)
    }

    /// The backward pass from a scalar loss times a factor, by which each gradient is divided again: a format of little
    /// range then holds gradients that are small. The factor should be a power of 2. Errors as [`Gradients::of`].
    pub fn of_scaled(loss: &Tensor, scale: f64) -> Result<Self> {
        loss.want_float("backward")?;
        if loss.len() != 1 {
            let want = "the loss must be a scalar".into();
            return Err(Error::Shape { op: "backward".into(), want, got: loss.shape.clone() });
        }
        if !loss.is_tracked() {
            let why = if is_grad_enabled() { "" } else { ": nothing is recorded inside no_grad" };
            let reason = format!("the loss depends on nothing that requires a gradient{why}");
            return Err(Error::State { op: "backward", reason });
        }
        // Burn offers no way to ask whether the tape is still there, and panics where it is not.
        let scaled = if scale == 1.0 { loss.clone() } else { loss.mul_scalar(scale)? };
        match guard("backward", || Ok(Dispatch::backward(scaled.raw.clone()))) {
            Err(Error::Internal { message, .. }) if message.contains("already been consumed") => {
                let reason =
                    "an earlier backward pass has used up the tape; compute the loss anew, or add the losses and \
                              differentiate once"
                        .into();
                Err(Error::State { op: "backward", reason })
            }
            gradients => {
                gradients.map(|found| Self { found, scale }).map_err(|error| operation::take_failure().unwrap_or(error))
            }
        }
    }

    /// Takes the gradient at a leaf; none where the loss does not depend on it, or where it was taken.
    pub fn take(&mut self, leaf: &Tensor) -> Option<Tensor> {
        if !leaf.is_tracked() {
            return None;
        }
        let raw = Dispatch::grad_remove(&leaf.raw, &mut self.found)?;
        let raw = if self.scale == 1.0 { raw } else { Dispatch::float_mul_scalar(raw, (1.0 / self.scale).into()) };
        Some(leaf.with(raw, Kind::Float, leaf.shape.clone()))
    }
}

/// d loss / d input for each input, in order; zeros where the loss does not depend on the input.
///
/// # Errors
/// As [`Gradients::of`]; an input that is no leaf made by [`Tensor::requires_grad`].
pub fn gradients(loss: &Tensor, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    for (position, input) in inputs.iter().enumerate() {
        let position = number(position);
        let reason = match input.is_tracked() {
            true if Dispatch::float_is_require_grad(&input.raw) => continue,
            true => format!(
                "input {position} was computed from other tensors, and a gradient is kept only by what requires_grad \
                 made or by a module's parameters: differentiate by those, or compute the loss from this one's \
                 detach():requires_grad()"
            ),
            false => format!(
                "input {position} does not require a gradient: make it by requires_grad, and compute the loss from that"
            ),
        };
        return Err(Error::State { op: "grad", reason });
    }
    let mut found = Gradients::of(loss)?;
    inputs
        .iter()
        .map(|input| match found.take(input) {
            Some(gradient) => Ok(gradient),
            None => Tensor::zeros(&input.shape, &input.device),
        })
        .collect()
}
