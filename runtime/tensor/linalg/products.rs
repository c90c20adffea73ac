//! Products of vectors and of matrices by their names, and the trace.

use crate::{Error, Result, Tensor};

impl Tensor {
    /// Σ aᵢ bᵢ of two vectors `[n]`.
    ///
    /// # Errors
    /// Other shapes; a sum of ints that does not fit 32 bits.
    pub fn dot(&self, other: &Self) -> Result<Self> {
        if self.rank() != 1 || other.shape() != self.shape() {
            return Err(unfit("dot", self, other, "[n] and [n]"));
        }
        self.mul(other)?.sum(None, false)
    }

    /// aᵢ bⱼ of two vectors: `[n]` and `[m]` to `[n, m]`.
    ///
    /// # Errors
    /// Other shapes.
    pub fn outer(&self, other: &Self) -> Result<Self> {
        if self.rank() != 1 || other.rank() != 1 {
            return Err(unfit("outer", self, other, "[n] and [m]"));
        }
        self.unsqueeze(1)?.mul(other)
    }

    /// The product of a matrix `[n, m]` and a vector `[m]`: `[n]`.
    ///
    /// # Errors
    /// Other shapes, or as [`Tensor::matmul`].
    pub fn mv(&self, vector: &Self) -> Result<Self> {
        if self.rank() != 2 || vector.shape() != &self.shape()[1..] {
            return Err(unfit("mv", self, vector, "[n, m] and [m]"));
        }
        self.matmul(vector)
    }

    /// The product of two matrices, `[n, k]` and `[k, m]`: `[n, m]`.
    ///
    /// # Errors
    /// Other shapes, or as [`Tensor::matmul`].
    pub fn mm(&self, other: &Self) -> Result<Self> {
        if self.rank() != 2 || other.rank() != 2 || self.shape()[1] != other.shape()[0] {
            return Err(unfit("mm", self, other, "[n, k] and [k, m]"));
        }
        self.matmul(other)
    }

    /// The products of as many matrices, `[b, n, k]` and `[b, k, m]`: `[b, n, m]`.
    ///
    /// # Errors
    /// Other shapes, or as [`Tensor::matmul`].
    pub fn bmm(&self, other: &Self) -> Result<Self> {
        match (self.shape(), other.shape()) {
            ([count, _, inner], [others, rows, _]) if count == others && inner == rows => self.matmul(other),
            _ => Err(unfit("bmm", self, other, "[b, n, k] and [b, k, m]")),
        }
    }

    /// The sum of the diagonal of a matrix `[n, m]`.
    ///
    /// # Errors
    /// Another rank than 2; a sum of ints that does not fit 32 bits.
    pub fn trace(&self) -> Result<Self> {
        if self.rank() != 2 {
            let want = "it wants a matrix [n, m]".into();
            return Err(Error::Shape { op: "trace".into(), want, got: self.shape().to_vec() });
        }
        self.matrix_diagonals()?.sum(None, false)
    }
}

fn unfit(op: &'static str, left: &Tensor, right: &Tensor, shapes: &str) -> Error {
    Error::Unfit { op, left: left.shape().to_vec(), right: right.shape().to_vec(), rule: format!("it wants {shapes}") }
}
