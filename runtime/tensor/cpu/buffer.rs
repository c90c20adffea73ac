//! The memory that a result is written into, before it is a tensor.

use std::ops::{Deref, DerefMut};

/// Floats that a kernel fills.
pub(in crate::tensor) struct Buffer(Vec<f32>);

impl Buffer {
    /// Floats with arbitrary values, for a kernel that writes every one.
    pub fn stale(len: usize) -> Self {
        Self(vec![0.0; len])
    }

    /// Zeros.
    pub fn zeros(len: usize) -> Self {
        Self(vec![0.0; len])
    }

    /// As a plain vector.
    pub fn into_vec(self) -> Vec<f32> {
        self.0
    }
}

impl From<Vec<f32>> for Buffer {
    fn from(values: Vec<f32>) -> Self {
        Self(values)
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.0
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.0
    }
}
