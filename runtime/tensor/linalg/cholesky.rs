//! The Cholesky factor of symmetric positive definite matrices.

use super::batch::Batch;
use super::triangular::Triangular;
use crate::{Result, Tensor, linalg::Cholesky, position::number, tape::record};

const OP: &str = "cholesky";

impl Tensor {
    /// L with A = L·Lᵀ of symmetric positive definite matrices `[..., n, n]`, zeros above its diagonal. Only the lower
    /// triangle of A is read, and its gradient is symmetric, as PyTorch's (Murray, "Differentiation of the Cholesky
    /// decomposition", 2016).
    ///
    /// # Errors
    /// Matrices that are not square, not finite or not positive definite.
    pub fn cholesky(&self) -> Result<Self> {
        let batch = Batch::square(OP, self)?;
        let size = batch.rows;
        let factors = batch.map(|_, matrix| {
            Cholesky::new(matrix.to_vec(), size, 0.0).map(Cholesky::into_lower).map_err(|found| {
                format!("is not positive definite: pivot {} is {:.3e}", number(found.position), found.pivot)
            })
        })?;
        let lower = batch.tensor(factors, &[size, size], self)?;
        Ok(record(OP, [self], lower.clone(), |tape| {
            let lower = tape.keep_output(&lower, 0);
            move |by: Self, step| {
                let lower = lower.get(step)?;
                // L⁻ᵀ·Φ(Lᵀ·G)·L⁻¹ made symmetric; Φ takes the lower triangle and half of the diagonal.
                let inner = lower.turned()?.times(&by)?;
                let (with, without) = (inner.kept_where(|i, j| i >= j)?, inner.kept_where(|i, j| i > j)?);
                let symmetric = with.add(&without.turned()?)?.mul_scalar(0.5)?;
                let upper = Triangular { upper: true, ..Triangular::default() };
                let turned = lower.turned()?;
                let half = turned.solve_triangular(&symmetric, upper)?;
                Ok([Some(turned.solve_triangular(&half.turned()?, upper)?)])
            }
        }))
    }
}
