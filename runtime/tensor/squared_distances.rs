//! Squared distances between the rows of two matrices, with gradients.

use super::{Tensor, autocast::in_float32, gpu};
use crate::{Error, Result};

impl Tensor {
    /// ‖aᵢ − bⱼ‖² of the rows of `[..., n, d]` and `[..., m, d]`: `[..., n, m]`, never negative. On the CPU it is
    /// computed as ‖a‖² + ‖b‖² − 2a·b about the mean row of b, so rows that are far from the origin but close to each
    /// other lose no digits. On a GPU it is a sum of squared differences.
    ///
    /// # Errors
    /// Shapes that do not fit.
    pub fn squared_distances(&self, other: &Self) -> Result<Self> {
        const OP: &str = "squared_distances";
        self.want_float(OP)?;
        other.want_float(OP)?;
        self.want_device(OP, other)?;
        let rank = self.rank();
        let fits = rank >= 2
            && other.rank() == rank
            && self.shape()[..rank - 2] == other.shape()[..rank - 2]
            && self.shape()[rank - 1] == other.shape()[rank - 1];
        if !fits {
            let rule = "it wants [..., n, d] and [..., m, d]".into();
            return Err(Error::Unfit { op: OP, left: self.shape().to_vec(), right: other.shape().to_vec(), rule });
        }
        if self.device().is_gpu() {
            return gpu::squared_distances(OP, self, other);
        }
        // Distances do not depend on the origin, so no gradient flows through it.
        let origin = other.detach().mean(Some(rank - 2), true)?;
        let (left, right) = (self.sub(&origin)?, other.sub(&origin)?);
        let squares = |rows: &Self| rows.mul(rows)?.sum(Some(rank - 1), true);
        let right_columns = right.transpose(rank - 2, rank - 1)?;
        let cross = in_float32(|| left.matmul(&right_columns))?.mul_scalar(-2.0)?;
        let sum = cross.add(&squares(&left)?)?.add(&squares(&right)?.transpose(rank - 2, rank - 1)?)?;
        sum.relu()
    }
}
