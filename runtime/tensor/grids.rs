//! Several tensors beside each other: in one shape, as a grid, in blocks.

use super::{PadMode, Tensor, shape};
use crate::{Error, Result};

impl Tensor {
    /// All in the shape that they broadcast to.
    ///
    /// # Errors
    /// Shapes that differ.
    pub fn broadcast_tensors(tensors: &[Self]) -> Result<Vec<Self>> {
        const OP: &str = "broadcast_tensors";
        let out = tensors.iter().try_fold(Vec::new(), |out, tensor| shape::aligned(OP, &out, tensor.shape()))?;
        tensors.iter().map(|tensor| tensor.expand(&out)).collect()
    }

    /// The coordinates of a grid: of vectors `[n]`, `[m]`, … a tensor `[n, m, …]` for each, which varies along its own dim
    /// alone. PyTorch's `meshgrid` with the indexing `ij`.
    ///
    /// # Errors
    /// None, or more than 6; one of more than 1 dim.
    pub fn meshgrid(vectors: &[Self]) -> Result<Vec<Self>> {
        const OP: &str = "meshgrid";
        want_some(OP, vectors)?;
        let mut out = Vec::with_capacity(vectors.len());
        for vector in vectors {
            if vector.rank() > 1 {
                let want = "wants vectors".into();
                return Err(Error::Shape { op: OP.into(), want, got: vector.shape().to_vec() });
            }
            out.push(vector.len());
        }
        shape::check(OP, &out)?;
        let grid = vectors.iter().enumerate().map(|(dim, vector)| {
            let mut sizes = vec![1; out.len()];
            sizes[dim] = out[dim];
            vector.reshape(&sizes)?.expand(&out)
        });
        grid.collect()
    }

    /// Every choice of one element of each vector: `[n · m · …, vectors]`, the last one moving fastest; of a single vector
    /// itself.
    ///
    /// # Errors
    /// As [`Tensor::meshgrid`].
    pub fn cartesian_prod(vectors: &[Self]) -> Result<Self> {
        want_some("cartesian_prod", vectors)?;
        if let [only] = vectors {
            return Ok(only.clone());
        }
        let columns = Self::meshgrid(vectors)?.iter().map(Self::flat).collect::<Result<Vec<_>>>()?;
        Self::stack(&columns, 1)
    }

    /// Matrices along the diagonal of one, 0 elsewhere. A vector is a row.
    ///
    /// # Errors
    /// None; one of more than 2 dims.
    pub fn block_diag(matrices: &[Self]) -> Result<Self> {
        const OP: &str = "block_diag";
        want_some(OP, matrices)?;
        let mut rows = Vec::with_capacity(matrices.len());
        for matrix in matrices {
            if matrix.rank() > 2 {
                let want = "wants matrices".into();
                return Err(Error::Shape { op: OP.into(), want, got: matrix.shape().to_vec() });
            }
            rows.push(matrix.with_dims(2)?);
        }
        let all: i64 = rows.iter().map(|matrix| matrix.shape()[1] as i64).sum();
        let mut before = 0;
        let padded = rows.iter().map(|matrix| {
            let own = matrix.shape()[1] as i64;
            let widths = [[before, all - before - own]];
            before += own;
            matrix.pad(&widths, PadMode::Constant, 0.0)
        });
        Self::cat(&padded.collect::<Result<Vec<_>>>()?, 0)
    }

    /// Tensors beside each other: along the second dim, vectors and scalars along the only one.
    ///
    /// # Errors
    /// As [`Tensor::cat`].
    pub fn hstack(tensors: &[Self]) -> Result<Self> {
        want_some("hstack", tensors)?;
        let parts = tensors.iter().map(|tensor| tensor.with_dims(1)).collect::<Result<Vec<_>>>()?;
        Self::cat(&parts, usize::from(parts[0].rank() > 1))
    }

    /// Tensors below each other: along the first dim, vectors and scalars as rows.
    ///
    /// # Errors
    /// As [`Tensor::cat`].
    pub fn vstack(tensors: &[Self]) -> Result<Self> {
        want_some("vstack", tensors)?;
        Self::cat(&tensors.iter().map(|tensor| tensor.with_dims(2)).collect::<Result<Vec<_>>>()?, 0)
    }

    /// With dims of 1 in front, so that there are at least so many.
    fn with_dims(&self, rank: usize) -> Result<Self> {
        self.reshape(&shape::pad(self.shape(), rank.max(self.rank())))
    }
}

fn want_some(op: &'static str, tensors: &[Tensor]) -> Result<()> {
    if tensors.is_empty() {
        return Err(Error::argument(op, "tensors", "at least one tensor", "none"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Device, tensor::Kind};

    #[test]
    fn blocks_of_two_kinds_are_of_the_one_that_has_both() {
        let device = Device::cpu();
        let ints = Tensor::from_ints(vec![5, 6], &[2], &device).unwrap();
        let floats = Tensor::from_floats(vec![0.5], &[], &device).unwrap();
        let joined = Tensor::block_diag(&[ints, floats]).unwrap();
        assert_eq!((joined.kind(), joined.floats().unwrap()), (Kind::Float, vec![5.0, 6.0, 0.0, 0.0, 0.0, 0.5]));
    }
}
