//! Norms of matrices.

use crate::{Error, Result, Tensor};

/// A norm of matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatrixNorm {
    /// Frobenius's: the root of the sum of squares.
    Fro,
    /// The nuclear one: the sum of the singular values.
    Nuc,
    /// The largest singular value.
    Largest,
    /// The smallest singular value.
    Smallest,
    /// The largest sum of absolute values in a column.
    LargestColumn,
    /// The smallest one.
    SmallestColumn,
    /// The largest sum of absolute values in a row.
    LargestRow,
    /// The smallest one.
    SmallestRow,
}

impl MatrixNorm {
    /// The norm that a number means to PyTorch: 2, −2, 1, −1, ∞ or −∞.
    pub fn of_number(number: f64) -> Option<Self> {
        const ALL: [(f64, MatrixNorm); 6] = [
            (2.0, MatrixNorm::Largest),
            (-2.0, MatrixNorm::Smallest),
            (1.0, MatrixNorm::LargestColumn),
            (-1.0, MatrixNorm::SmallestColumn),
            (f64::INFINITY, MatrixNorm::LargestRow),
            (f64::NEG_INFINITY, MatrixNorm::SmallestRow),
        ];
        ALL.into_iter().find(|(known, _)| *known == number).map(|(_, norm)| norm)
    }
}

impl Tensor {
    /// The norms `[...]` of matrices `[..., n, m]`, or `[..., 1, 1]` with `keep`. Of rows or columns with equal sums each
    /// has an equal share of the gradient.
    ///
    /// # Errors
    /// A tensor that is not float or has no 2 dims; for singular values, matrices that are not finite.
    pub fn matrix_norm(&self, norm: MatrixNorm, keep: bool) -> Result<Self> {
        const OP: &str = "matrix_norm";
        self.want_computed(OP)?;
        if self.rank() < 2 {
            let want = "it wants matrices [..., n, m]".into();
            return Err(Error::Shape { op: OP.into(), want, got: self.shape().to_vec() });
        }
        let last = self.rank() - 1;
        let sums = |dim: usize| self.abs()?.sum(Some(dim), true);
        let values = || self.svdvals_in(OP);
        let found = match norm {
            MatrixNorm::Fro => self.flatten(last - 1, last)?.norm(Some(last - 1), false)?,
            MatrixNorm::Nuc => values()?.sum(Some(last - 1), false)?,
            MatrixNorm::Largest => values()?.amax(last - 1, true)?,
            MatrixNorm::Smallest => values()?.amin(last - 1, true)?,
            MatrixNorm::LargestColumn => sums(last - 1)?.amax(last, true)?,
            MatrixNorm::SmallestColumn => sums(last - 1)?.amin(last, true)?,
            MatrixNorm::LargestRow => sums(last)?.amax(last - 1, true)?,
            MatrixNorm::SmallestRow => sums(last)?.amin(last - 1, true)?,
        };
        let mut shape = self.shape()[..last - 1].to_vec();
        shape.extend(keep.then_some([1, 1]).into_iter().flatten());
        found.reshape(&shape)
    }
}
