//! What the losses of the running backward pass were multiplied by, for whoever looks at its gradients on the way.

use std::cell::Cell;

use super::Tensor;
use crate::{Result, scoped};

thread_local! {
    static SCALE: Cell<f64> = const { Cell::new(1.0) };
}

/// Runs a backward pass of a loss that was multiplied by a scale.
pub(super) fn scaled<T>(scale: f64, pass: impl FnOnce() -> T) -> T {
    scoped::within(&SCALE, scale, pass)
}

/// Lets a hook see a gradient without the scale. What it gives is multiplied by it.
pub(super) fn hooked(gradient: &Tensor, hook: &impl Fn(&Tensor) -> Result<Option<Tensor>>) -> Result<Option<Tensor>> {
    let scale = SCALE.get();
    if scale == 1.0 {
        return hook(gradient);
    }
    hook(&gradient.mul_scalar(1.0 / scale)?)?.map(|other| other.mul_scalar(scale)).transpose()
}
