//! Determinants, and their logarithms.

use super::batch::Batch;
use crate::{
    Result, Tensor,
    linalg::{Lu, cofactors},
    tape::record,
};

impl Tensor {
    /// The determinants `[...]` of matrices `[..., n, n]`. The gradient is the cofactors, also where a matrix is
    /// singular; one of second order there is an error.
    ///
    /// # Errors
    /// Matrices that are not square or not finite.
    pub fn det(&self) -> Result<Self> {
        let batch = Batch::square("det", self)?;
        let found = batch.map(|_, matrix| Ok(vec![Lu::new(matrix, batch.rows).determinant()]))?;
        Ok(record("det", [self], batch.tensor(found, &[], self)?, |tape| {
            let matrix = tape.keep(self);
            move |by: Self, step| Ok([Some(matrix.get(step)?.cofactors()?.mul(&each_matrix(&by)?)?)])
        }))
    }

    /// C = det A · A⁻ᵀ. With G = dL/dC: dL/dA = ⟨G, C⟩·A⁻ᵀ − C·Gᵀ·A⁻ᵀ.
    fn cofactors(&self) -> Result<Self> {
        let batch = Batch::square("det", self)?;
        let size = batch.rows;
        let found = batch
            .map(|_, matrix| cofactors(matrix, size).map_err(|_| "has singular values that do not converge".into()))?;
        let found = batch.tensor(found, &[size, size], self)?;
        Ok(record("det", [self], found.clone(), |tape| {
            let (matrix, found) = (tape.keep(self), tape.keep_output(&found, 0));
            move |by: Self, step| {
                let (inverse, found) = (matrix.get(step)?.inverse_in("det")?.turned()?, found.get(step)?);
                let last = by.rank() - 1;
                let along = by.mul(&found)?.sum(Some(last), true)?.sum(Some(last - 1), true)?;
                Ok([Some(inverse.mul(&along)?.sub(&found.times(&by.turned()?)?.times(&inverse)?)?)])
            }
        }))
    }

    /// The signs −1, 0 or 1 of the determinants of matrices `[..., n, n]`, and ln |det A|, −∞ where A is singular: both
    /// `[...]`. The gradient of the second is A⁻ᵀ; the first has none.
    ///
    /// # Errors
    /// Matrices that are not square or not finite. A gradient at a singular matrix.
    pub fn slogdet(&self) -> Result<(Self, Self)> {
        const OP: &str = "slogdet";
        let batch = Batch::square(OP, self)?;
        let found = batch.map(|_, matrix| Ok(Lu::new(matrix, batch.rows).log_determinant()))?;
        let (signs, logs): (Vec<f64>, Vec<f64>) = found.into_iter().unzip();
        let shape = &self.shape()[..self.rank() - 2];
        let logs = record(OP, [self], Self::from_doubles(logs, shape, self)?, |tape| {
            let matrix = tape.keep(self);
            move |by: Self, step| Ok([Some(matrix.get(step)?.inverse_in(OP)?.turned()?.mul(&each_matrix(&by)?)?)])
        });
        Ok((Self::from_doubles(signs, shape, self)?, logs))
    }
}

/// Numbers `[...]` as `[..., 1, 1]`.
fn each_matrix(numbers: &Tensor) -> Result<Tensor> {
    numbers.unsqueeze(numbers.rank())?.unsqueeze(numbers.rank() + 1)
}
