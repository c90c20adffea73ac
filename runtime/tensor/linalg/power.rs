//! Powers of square matrices.

use super::batch::want_square;
use crate::{Result, Tensor, tape::record};

impl Tensor {
    /// Aⁿ of matrices `[..., n, n]`, by repeated squares; the identity for 0, powers of the inverse below.
    ///
    /// # Errors
    /// Matrices that are not square; below 0, as [`Tensor::inverse`].
    pub fn matrix_power(&self, power: i64) -> Result<Self> {
        const OP: &str = "matrix_power";
        self.want_computed(OP)?;
        let size = want_square(OP, self)?;
        let mut square = if power < 0 { self.inverse_in(OP)? } else { self.clone() };
        let mut left = power.unsigned_abs();
        let mut found: Option<Self> = None;
        while left > 0 {
            if left & 1 == 1 {
                found = Some(found.map_or_else(|| Ok(square.clone()), |found| found.times(&square))?);
            }
            left >>= 1;
            if left > 0 {
                square = square.times(&square)?;
            }
        }
        let Some(found) = found else {
            let identity = Self::eye(size, self.device())?.to_dtype(self.dtype().computed())?.expand(self.shape())?;
            return Ok(record(OP, [self], identity, |_| |by: Self, _| Ok([Some(by.full_like(0.0)?)])));
        };
        Ok(found)
    }
}
