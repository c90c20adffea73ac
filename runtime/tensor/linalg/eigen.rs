//! Eigenvalues and eigenvectors of symmetric matrices.

use super::{
    batch::Batch,
    rule::{record_outputs, total},
};
use crate::{
    Result, Tensor,
    linalg::{self, NoConvergence},
};

impl Tensor {
    /// The eigenvalues Λ `[..., n]`, ascending, and eigenvectors V `[..., n, n]` as columns, of symmetric matrices
    /// `[..., n, n]`: A = V·diag(Λ)·Vᵀ. Only the lower triangle is read. With the gradients g: dL/dA = V·(diag(gΛ) +
    /// skew(Vᵀ·gV)/(2E))·Vᵀ, Eᵢⱼ = λⱼ − λᵢ (Giles, "Collected matrix derivative results", 2008). Through V it is defined
    /// for distinct eigenvalues and for what does not depend on the vectors' signs.
    ///
    /// # Errors
    /// Matrices that are not square or not finite.
    pub fn eigh(&self) -> Result<(Self, Self)> {
        const OP: &str = "eigh";
        let batch = Batch::square(OP, self)?;
        let size = batch.rows;
        let found = batch.map(|_, matrix| linalg::eigen(matrix, size).map_err(unfinished))?;
        let (values, vectors) = found.into_iter().unzip();
        let outputs = [batch.tensor(values, &[size], self)?, batch.tensor(vectors, &[size, size], self)?];
        let [values, vectors] = record_outputs(OP, self, outputs.clone(), |tape| {
            let [values, vectors] = [0, 1].map(|output| tape.keep_output(&outputs[output], output as u32));
            move |by: Vec<Option<Self>>, step| {
                let (values, vectors) = (values.get(step)?, vectors.get(step)?);
                let by_values = by[0].as_ref().map(|by| vectors.times_columns(by)).transpose()?;
                let by_vectors = by[1].as_ref().map(|by| {
                    let inner = vectors.turned()?.times(by)?.skew()?.mul_scalar(0.5)?;
                    vectors.times(&inner.div(&values.gaps()?)?)
                });
                total([by_values, by_vectors.transpose()?], &vectors)?.times(&vectors.turned()?)
            }
        });
        Ok((values, vectors))
    }

    /// The eigenvalues of [`Tensor::eigh`] alone. Their gradient is defined for equal ones, too.
    ///
    /// # Errors
    /// As [`Tensor::eigh`].
    pub fn eigvalsh(&self) -> Result<Self> {
        if self.is_tracked() {
            return Ok(self.eigh()?.0);
        }
        let batch = Batch::square("eigvalsh", self)?;
        let size = batch.rows;
        batch.tensor(batch.map(|_, matrix| linalg::eigenvalues(matrix, size).map_err(unfinished))?, &[size], self)
    }
}

fn unfinished(_: NoConvergence) -> String {
    "has eigenvalues that do not converge".into()
}
