//! Squared distances between the rows of two matrices, with gradients.

use super::{Tensor, autocast::in_float32, gpu};
use crate::{
    Error, Result,
    tape::{Step, record},
};

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
        if [self, other].iter().any(|tensor| tensor.is_stored()) || self.dtype() != other.dtype() {
            let [left, right] = self.promoted(other)?;
            return left.squared_distances(&right);
        }
        if self.device().is_gpu() && !self.is_empty() && !other.is_empty() {
            return gpu::squared_distances(OP, self, other);
        }
        let (left, right) = self.detach().centred(&other.detach())?;
        let squares = |rows: &Self| rows.mul(rows)?.sum(Some(rank - 1), true);
        let right_columns = right.transpose(rank - 2, rank - 1)?;
        let cross = in_float32(|| left.matmul(&right_columns))?.mul_scalar(-2.0)?;
        let sum = cross.add(&squares(&left)?)?.add(&squares(&right)?.transpose(rank - 2, rank - 1)?)?;
        // A rule of its own: through the cut at 0 no second gradient would flow where two rows are the same.
        Ok(record(OP, [self, other], sum.relu()?, |tape| {
            let (left, right) = (tape.keep(self), tape.keep(other));
            move |by: Self, step| {
                let (left, right) = left.get(step)?.centred(&right.get(step)?)?;
                by_rows(&left, &right, &by, step)
            }
        }))
    }

    /// Both about the mean row of the other. Distances do not depend on the origin, so no gradient flows through it.
    pub(super) fn centred(&self, other: &Self) -> Result<(Self, Self)> {
        let origin = other.detach().mean(Some(self.rank() - 2), true)?;
        Ok((self.sub(&origin)?, other.sub(&origin)?))
    }
}

/// The gradients by both, of operations that have gradients: 2 Σⱼ gᵢⱼ (aᵢ − bⱼ), and for b with the signs changed.
pub(super) fn by_rows(
    left: &Tensor,
    right: &Tensor,
    by: &Tensor,
    step: &Step<'_, Tensor>,
) -> Result<[Option<Tensor>; 2]> {
    let last = by.rank() - 1;
    let by_left = || slope(left, right, by);
    Ok([step.of(0, by_left)?, step.of(1, || slope(right, left, &by.transpose(last - 1, last)?))?])
}

fn slope(rows: &Tensor, others: &Tensor, by: &Tensor) -> Result<Tensor> {
    let own = rows.mul(&by.sum(Some(by.rank() - 1), true)?)?;
    own.sub(&in_float32(|| by.matmul(others))?)?.mul_scalar(2.0)
}
