//! How far matrices are from singular.

use super::{MatrixNorm, batch::Batch, pseudoinverse::default_cut, svd::unfinished};
use crate::{Result, Tensor, linalg};

impl Tensor {
    /// How many singular values of matrices `[..., n, m]` are over `cut` times the largest, by default max(n, m) · 2⁻²³:
    /// int `[...]`.
    ///
    /// # Errors
    /// A tensor that is not float or has no 2 dims; matrices that are not finite.
    pub fn matrix_rank(&self, cut: Option<f64>) -> Result<Self> {
        let batch = Batch::read("matrix_rank", self)?;
        let (rows, columns) = (batch.rows, batch.columns);
        let cut = cut.unwrap_or_else(|| default_cut(rows, columns, self.dtype()));
        let ranks = batch.map(|_, matrix| {
            let values = linalg::singular_values(matrix, rows, columns).map_err(unfinished)?;
            let largest = values.first().copied().unwrap_or_default();
            Ok(values.iter().filter(|value| **value > cut * largest).count() as i32)
        })?;
        Self::from_ints(ranks, &self.shape()[..self.rank() - 2], self.device())
    }

    /// ‖A‖·‖A⁻¹‖ `[...]` of matrices `[..., n, n]`; in the spectral norm, the quotient of the extreme singular values,
    /// also of matrices `[..., n, m]`. ∞ where A is singular by its smallest singular value.
    ///
    /// # Errors
    /// As [`Tensor::svdvals`] or [`Tensor::inverse`].
    pub fn cond(&self, norm: MatrixNorm) -> Result<Self> {
        const OP: &str = "cond";
        if !matches!(norm, MatrixNorm::Largest | MatrixNorm::Smallest) {
            return self.matrix_norm(norm, false)?.mul(&self.inverse_in(OP)?.matrix_norm(norm, false)?);
        }
        let values = self.svdvals_in(OP)?;
        let last = values.rank() - 1;
        let [largest, smallest] = [values.at(last, 0)?, values.at(last, values.shape()[last] - 1)?];
        if norm == MatrixNorm::Largest { largest.div(&smallest) } else { smallest.div(&largest) }
    }
}
