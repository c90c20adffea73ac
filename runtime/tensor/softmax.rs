//! Softmax, its logarithm, and normalisation to unit length.

use burn_backend::ops::ActivationOps;
use burn_dispatch::Dispatch;

use super::{Kind, Tensor, shape};
use crate::Result;

impl Tensor {
    /// exp(x) / Σ exp(x) along a dim, without overflow.
    pub fn softmax(&self, dim: usize) -> Result<Self> {
        self.want_float("softmax")?;
        shape::check_dim("softmax", &self.shape, dim)?;
        Ok(self.with(Dispatch::softmax(self.raw(), dim), Kind::Float, self.shape.clone()))
    }

    /// ln softmax(x) along a dim, without overflow.
    pub fn log_softmax(&self, dim: usize) -> Result<Self> {
        self.want_float("log_softmax")?;
        shape::check_dim("log_softmax", &self.shape, dim)?;
        Ok(self.with(Dispatch::log_softmax(self.raw(), dim), Kind::Float, self.shape.clone()))
    }

    /// x / max(‖x‖₂, 1e-12) along a dim, as PyTorch's `F.normalize`.
    pub fn normalize(&self, dim: usize) -> Result<Self> {
        self.want_float("normalize")?;
        shape::check_dim("normalize", &self.shape, dim)?;
        // The clamp is inside the root, so that a zero row has a zero gradient instead of NaN.
        let squares = self.mul(self)?.sum(Some(dim), true)?;
        self.div(&squares.clamp(1e-24, f64::INFINITY)?.sqrt()?)
    }
}
