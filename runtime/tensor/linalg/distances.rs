//! Distances between the rows of two matrices.

use rayon::prelude::*;

use super::parts::with_common_lead;
use crate::{Error, Result, Tensor, linalg::distance, memory, tape::record, tensor::squared_distances::by_rows};

const OP: &str = "cdist";

/// Up to so many values the differences of all pairs are there one by one, as in PyTorch: gradients of rows that are near
/// one another keep their digits then.
const FEW: usize = 1 << 16;

impl Tensor {
    /// ‖aᵢ − bⱼ‖ in the norm of an order of the rows of `[..., n, d]` and `[..., m, d]`: `[..., n, m]`. Leading dims
    /// broadcast. The Euclidean one is computed of differences, in float64 on the CPU, so that rows that are close to
    /// each other lose no digits. The gradient is 0 where two rows are the same, as PyTorch's. Another order than 2 takes
    /// memory for all n · m · d differences.
    ///
    /// # Errors
    /// Shapes that do not fit; an order that is not over 0.
    pub fn cdist(&self, other: &Self, order: f64) -> Result<Self> {
        self.want_computed(OP)?;
        other.want_computed(OP)?;
        self.want_device(OP, other)?;
        if order.is_nan() || order <= 0.0 {
            return Err(Error::argument(OP, "p", "a number over 0", order));
        }
        let fits = self.rank() >= 2 && other.rank() >= 2;
        if !fits || self.shape()[self.rank() - 1] != other.shape()[other.rank() - 1] {
            let rule = "it wants [..., n, d] and [..., m, d]".into();
            return Err(Error::Unfit { op: OP, left: self.shape().to_vec(), right: other.shape().to_vec(), rule });
        }
        let [left, right] = with_common_lead(OP, self, other)?;
        let others = right.shape()[right.rank() - 2];
        if order == 2.0 && left.len().saturating_mul(others) > FEW {
            return left.euclidean_distances(&right);
        }
        let [lead @ .., rows, width] = left.shape() else { return Ok(left) };
        let count: usize = lead.iter().product();
        let differences =
            left.reshape(&[count, *rows, 1, *width])?.sub(&right.reshape(&[count, 1, others, *width])?)?;
        differences.vector_norm(order, Some(3), false)?.reshape(&[lead, &[*rows, others]].concat())
    }

    /// Euclidean distances of equal leading dims.
    fn euclidean_distances(&self, other: &Self) -> Result<Self> {
        let found = match self.device().is_gpu() {
            true => self.detach().squared_distances(&other.detach())?.sqrt()?,
            false => self.euclidean_on_host(other)?,
        };
        Ok(record(OP, [self, other], found.clone(), |tape| {
            let (left, right) = (tape.keep(self), tape.keep(other));
            let found = tape.keep_output(&found, 0);
            move |by: Self, step| {
                let (left, right) = left.get(step)?.centred(&right.get(step)?)?;
                let found = found.get(step)?;
                let apart = found.masked_fill(&found.eq_scalar(0.0)?, f64::INFINITY)?;
                by_rows(&left, &right, &by.div(&apart)?.mul_scalar(0.5)?, step)
            }
        }))
    }

    fn euclidean_on_host(&self, other: &Self) -> Result<Self> {
        let (rank, width) = (self.rank(), self.shape()[self.rank() - 1]);
        let (rows, others) = (self.shape()[rank - 2], other.shape()[rank - 2]);
        let shape = [&self.shape()[..rank - 1], &[others]].concat();
        let count: usize = shape.iter().product();
        memory::check_room(OP, (self.len() + other.len() + count) * size_of::<f64>())?;
        let (left, right) = (self.doubles()?, other.doubles()?);
        let mut found = memory::list(OP, count)?;
        found.resize(count, 0.0);
        found.par_chunks_mut(others.max(1)).enumerate().for_each(|(row, found)| {
            let own = &left[row * width..][..width];
            let first = row / rows * others;
            for (number, value) in found.iter_mut().enumerate() {
                *value = distance(own, &right[(first + number) * width..][..width]);
            }
        });
        Self::from_doubles(found, &shape, self)
    }
}
