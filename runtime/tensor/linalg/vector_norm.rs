//! Norms of vectors of any order, with PyTorch's gradients where a value or a whole vector is 0.

use crate::{Result, Tensor, tape::record, tensor::shape};

impl Tensor {
    /// (Σ |x|ᵖ)^(1/p) over all elements or over a dim, which `keep` leaves as 1. The order p is any number: ∞ is the
    /// largest |x|, −∞ the smallest, 0 counts what is not 0. The gradient is 0 where x is 0; of equal extremes each has
    /// an equal share.
    ///
    /// # Errors
    /// A tensor that is not float; no such dim.
    pub fn vector_norm(&self, order: f64, dim: Option<usize>, keep: bool) -> Result<Self> {
        const OP: &str = "vector_norm";
        self.want_computed(OP)?;
        if order == 2.0 {
            return self.norm(dim, keep);
        }
        let Some(dim) = dim else {
            let norm = self.reshape(&[self.len()])?.vector_norm(order, Some(0), false)?;
            return norm.reshape(&self.reduced(None, keep));
        };
        shape::check_dim(OP, self.shape(), dim)?;
        let norm = match order {
            0.0 => self.sign()?.abs()?.sum(Some(dim), true)?,
            1.0 => self.abs()?.sum(Some(dim), true)?,
            f64::INFINITY => self.abs()?.amax(dim, true)?,
            f64::NEG_INFINITY => self.abs()?.amin(dim, true)?,
            _ => self.norm_of_order(order, dim)?,
        };
        if keep { Ok(norm) } else { norm.squeeze(Some(dim)) }
    }

    fn norm_of_order(&self, order: f64, dim: usize) -> Result<Self> {
        let sizes = self.detach().abs()?;
        // Powers of what is at most 1 do not overflow.
        let largest = sizes.max(Some(dim), true)?;
        let is_none = largest.eq_scalar(0.0)?.logical_or(&largest.eq_scalar(f64::INFINITY)?)?;
        let unit = largest.masked_fill(&is_none, 1.0)?;
        let norm = sizes.div(&unit)?.pow_scalar(order)?.sum(Some(dim), true)?.pow_scalar(1.0 / order)?.mul(&unit)?;
        // d norm = sign x · (|x| / norm)^(p − 1).
        Ok(record("vector_norm", [self], norm.clone(), |tape| {
            let (values, norm) = (tape.keep(self), tape.keep_output(&norm, 0));
            move |by: Self, step| {
                let (values, norm) = (values.get(step)?, norm.get(step)?);
                let flat = values.eq_scalar(0.0)?;
                // A norm is 0 where all values are, or where the order is under 0.
                let norm = norm.masked_fill(&norm.eq_scalar(0.0)?, 1.0)?;
                let share = values.abs()?.div(&norm)?.masked_fill(&flat, 1.0)?.pow_scalar(order - 1.0)?;
                Ok([Some(share.mul(&values.sign()?)?.mul(&by)?.masked_fill(&flat, 0.0)?)])
            }
        }))
    }
}
