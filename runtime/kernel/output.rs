//! What a kernel gives.

use crate::tensor::DType;

/// A tensor that a kernel gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The binding that it is written through.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// The format of its elements.
    pub dtype: DType,
}
