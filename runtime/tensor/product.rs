//! Products over dims. On the host, in float64, rounded once.

use super::{Dims, Kind, Tensor, lines::Lines, recurrence::Way};
use crate::{Result, tape::record};

impl Tensor {
    /// The product over dims, of bools as int. The gradient of a value is the product of the others, also where one or
    /// several are 0.
    ///
    /// # Errors
    /// A product of ints that does not fit 32 bits.
    pub fn prod(&self, dims: impl Into<Dims>, keep: bool) -> Result<Self> {
        self.over("prod", dims, keep, |t, dim, keep| {
            let product = match dim {
                Some(dim) => t.product(dim)?,
                None => t.reshape(&[t.len()])?.product(0)?,
            };
            product.reshape(&t.reduced(dim, keep))
        })
    }

    /// The product over a dim, which stays as 1.
    fn product(&self, dim: usize) -> Result<Self> {
        let (lines, kept) = (Lines::of(self.shape(), dim), self.reduced(Some(dim), true));
        if self.kind() != Kind::Float {
            let ints = self.cast(Kind::Int)?;
            let products = lines.map("prod", &ints.longs("prod")?, 1, |line, made| made[0] = int_product(line))?;
            return Self::exact("prod", products, &kept, ints.dtype(), self.device());
        }
        let products = lines.map("prod", &self.doubles()?, 1, |line, made| made[0] = line.iter().product())?;
        let output = Self::from_doubles(products, &kept, self)?;
        Ok(record("prod", [self], output, |tape| {
            let values = tape.keep(self);
            move |by: Self, step| {
                let values = values.get(step)?;
                let others = |way| values.shifted(dim, way, 1.0)?.running_product(dim, way);
                Ok([Some(others(Way::Onward)?.mul(&others(Way::Back)?)?.mul(&by)?)])
            }
        }))
    }
}

/// A product; one that does not fit stays at the bound that it passes.
fn int_product(line: &[i64]) -> i128 {
    if line.contains(&0) {
        0
    } else {
        line.iter().fold(1, |product, value| i128::saturating_mul(product, (*value).into()))
    }
}
