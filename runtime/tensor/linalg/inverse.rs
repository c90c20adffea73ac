//! The inverse of square matrices.

use super::{batch::Batch, solve::singular};
use crate::{Result, Tensor, linalg::Lu, tape::record};

impl Tensor {
    /// A⁻¹ of matrices `[..., n, n]`, by LU with partial pivoting. With G = dL/dA⁻¹: dL/dA = −A⁻ᵀ·G·A⁻ᵀ.
    ///
    /// # Errors
    /// Matrices that are not square, not finite, or singular.
    pub fn inverse(&self) -> Result<Self> {
        self.inverse_in("inv")
    }

    pub(super) fn inverse_in(&self, op: &'static str) -> Result<Self> {
        let batch = Batch::square(op, self)?;
        let size = batch.rows;
        let found = batch.map(|_, matrix| Lu::new(matrix, size).inverse().map_err(|pivot| singular(pivot.0)))?;
        let inverse = batch.tensor(found, &[size, size], self)?;
        Ok(record(op, [self], inverse.clone(), |tape| {
            let inverse = tape.keep_output(&inverse, 0);
            move |by: Self, step| {
                let turned = inverse.get(step)?.turned()?;
                Ok([Some(turned.times(&by)?.times(&turned)?.neg()?)])
            }
        }))
    }
}
