//! The matrix product.

use burn_backend::ops::FloatTensorOps;
use burn_dispatch::Dispatch;

use super::{Kind, Precision, Tensor, shape};
use crate::{Error, Result};

impl Tensor {
    /// The matrix product `[..., n, k] · [..., k, m] → [..., n, m]`; leading dims broadcast. Inside
    /// [`autocast`](super::autocast) it is computed in that precision.
    ///
    /// # Errors
    /// Fewer than 2 dims; inner or leading dims that differ; a precision that the device does not have.
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        self.want_float("matmul")?;
        other.want_float("matmul")?;
        self.want_device("matmul", other)?;
        let differ = || Error::Shapes { op: "matmul", left: self.shape.clone(), right: other.shape.clone() };
        let (left, right) = (self.rank(), other.rank());
        if left < 2 || right < 2 || self.shape[left - 1] != other.shape[right - 2] {
            return Err(differ());
        }
        let (lead_left, rows) = self.shape.split_at(left - 2);
        let (lead_right, columns) = other.shape.split_at(right - 2);
        let lead = shape::broadcast("matmul", lead_left, lead_right).map_err(|_| differ())?;
        let with = |tail: [usize; 2]| [lead.as_slice(), &tail].concat();
        shape::check("matmul", &with([rows[0], columns[1]]))?;
        let precision = Precision::of_product(self.device())?;
        let left = precision.operand(self).expand(&with([rows[0], rows[1]]))?;
        let right = precision.operand(other).expand(&with([columns[0], columns[1]]))?;
        let product = precision.result(Dispatch::float_matmul(left.raw(), right.raw()), self.device());
        Ok(self.with(product, Kind::Float, with([rows[0], columns[1]])))
    }
}
