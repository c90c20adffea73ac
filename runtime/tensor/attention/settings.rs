//! How attention attends.

use crate::tensor::{Dropping, Tensor};

pub(super) const OP: &str = "scaled_dot_product_attention";

/// What a score becomes that does not take part: e to the power of its distance from any other is 0.
pub(super) const OUT: f64 = -1e30;

/// How attention attends.
#[derive(Clone, Copy, Default)]
pub struct Attention<'a> {
    /// Broadcasts to the scores `[..., L, S]`. A bool mask is true where a key takes part; a float mask is added.
    pub mask: Option<&'a Tensor>,
    /// Whether query i sees the keys up to the i-th alone.
    pub causal: bool,
    /// What scores are multiplied by; 1 / √(size of a query) where this is none.
    pub scale: Option<f64>,
    /// Which weights are dropped.
    pub dropout: Option<Dropping>,
}
