//! Cosine similarity.

use crate::{Result, Tensor, tensor::shape};

/// No norm counts as smaller.
const LEAST: f64 = 1e-8;

impl Tensor {
    /// a·b / (max(‖a‖, 1e-8) · max(‖b‖, 1e-8)) along a dim of the broadcast shape, which goes away, with PyTorch's
    /// gradients: a norm that is cut counts as a constant only where it is 0.
    ///
    /// # Errors
    /// Tensors that are not float; shapes that do not broadcast; no such dim.
    pub fn cosine_similarity(&self, other: &Self, dim: usize) -> Result<Self> {
        const OP: &str = "cosine_similarity";
        self.want_computed(OP)?;
        other.want_computed(OP)?;
        self.want_device(OP, other)?;
        let out = shape::broadcast(OP, self.shape(), other.shape())?;
        shape::check_dim(OP, &out, dim)?;
        let unit = |tensor: &Self| {
            let tensor = tensor.expand(&out)?;
            let norm = tensor.norm(Some(dim), true)?;
            let value = norm.detach();
            let cut = value.clamp(LEAST, f64::INFINITY)?.sub(&value)?;
            tensor.div(&norm.add(&cut)?)
        };
        unit(self)?.mul(&unit(other)?)?.sum(Some(dim), false)
    }
}
