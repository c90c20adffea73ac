//! Systems of linear equations.

use super::{
    batch::{Batch, want_square},
    parts::with_common_lead,
};
use crate::{Error, Result, Tensor, linalg::Lu, position::number, tape::record};

const OP: &str = "solve";

impl Tensor {
    /// X with A·X = B for A `[..., n, n]` and B `[..., n, m]`, or vectors `[..., n]` where B has the leading dims of A
    /// or is `[n]`; by LU with partial pivoting. Leading dims broadcast. With G = dL/dX: dL/dB = A⁻ᵀ·G, dL/dA =
    /// −(A⁻ᵀ·G)·Xᵀ.
    ///
    /// # Errors
    /// Shapes that do not fit; matrices that are not finite, or singular.
    pub fn solve(&self, right: &Self) -> Result<Self> {
        let size = want_square(OP, self)?;
        right.want_computed(OP)?;
        self.want_device(OP, right)?;
        let is_vector = right.rank() == 1 || right.shape() == &self.shape()[..self.rank() - 1];
        let sides = if is_vector { right.unsqueeze(right.rank())? } else { right.clone() };
        if sides.rank() < 2 || sides.shape()[sides.rank() - 2] != size {
            let rule = "it wants [..., n, n], and [..., n, m] or [..., n]".into();
            return Err(Error::Unfit { op: OP, left: self.shape().to_vec(), right: right.shape().to_vec(), rule });
        }
        let [matrix, sides] = with_common_lead(OP, self, &sides)?;
        let solved = matrix.solved(&sides)?;
        if is_vector { solved.squeeze(Some(solved.rank() - 1)) } else { Ok(solved) }
    }

    /// A⁻¹·B of equal leading dims.
    fn solved(&self, right: &Self) -> Result<Self> {
        let (batch, sides) = (Batch::square(OP, self)?, Batch::read(OP, right)?);
        let (size, columns) = (batch.rows, sides.columns);
        let solved = batch.map(|position, matrix| {
            Lu::new(matrix, size).solve(sides.matrix(position), columns).map_err(|pivot| singular(pivot.0))
        })?;
        let solved = batch.tensor(solved, &[size, columns], right)?;
        Ok(record(OP, [self, right], solved.clone(), |tape| {
            let (matrix, solved) = (tape.keep(self), tape.keep_output(&solved, 0));
            move |by: Self, step| {
                let by_right = matrix.get(step)?.turned()?.solved(&by)?;
                let by_matrix = step.of(0, || by_right.times(&solved.get(step)?.turned()?)?.neg())?;
                Ok([by_matrix, Some(by_right)])
            }
        }))
    }
}

/// What is said of a matrix whose pivot, from 0, is 0.
pub(super) fn singular(pivot: usize) -> String {
    format!("is singular: pivot {} is 0", number(pivot))
}
