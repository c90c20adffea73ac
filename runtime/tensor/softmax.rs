//! Softmax, its logarithm, and normalisation to unit length.

use burn_backend::ops::FloatTensorOps;
use burn_dispatch::Dispatch;

use super::{
    Kind, Tensor,
    cpu::{self, Softmax},
    shape,
};
use crate::{Result, tape::record};

impl Tensor {
    /// exp(x) / Σ exp(x) along a dim, without overflow.
    pub fn softmax(&self, dim: usize) -> Result<Self> {
        self.soft("softmax", dim, Softmax::Plain)
    }

    /// ln softmax(x) along a dim, without overflow.
    pub fn log_softmax(&self, dim: usize) -> Result<Self> {
        self.soft("log_softmax", dim, Softmax::Logarithm)
    }

    fn soft(&self, op: &'static str, dim: usize, which: Softmax) -> Result<Self> {
        let own = self.float_operand(op)?;
        shape::check_dim(op, self.shape(), dim)?;
        if self.is_empty() {
            return Ok(own);
        }
        let last = self.rank() - 1;
        let values = own.detach().transpose(dim, last)?;
        let output = match cpu::softmax(values.raw(), values.shape(), which) {
            Some(raw) => values.with(raw, Kind::Float, values.shape().to_vec()).transpose(dim, last)?,
            None => own.detach().soft_in_parts(dim, which)?,
        };
        // With g the gradient by the output y: y · (g − Σ g·y), and for the logarithm g − exp(y) · Σ g.
        Ok(record(op, [&own], output.clone(), |tape| {
            let output = tape.keep_output(&output, 0);
            move |by: Self, step| {
                let (output, dim) = (output.get(step)?, Some(dim));
                Ok([Some(match which {
                    Softmax::Plain => output.mul(&by.sub(&by.mul(&output)?.float_sum(dim, true)?)?)?,
                    Softmax::Logarithm => by.sub(&output.exp()?.mul(&by.float_sum(dim, true)?)?)?,
                })])
            }
        }))
    }

    fn soft_in_parts(&self, dim: usize, which: Softmax) -> Result<Self> {
        let mut kept = self.shape().to_vec();
        kept[dim] = 1;
        let largest = self.with(Dispatch::float_max_dim(self.raw(), dim), Kind::Float, kept);
        let shifted = self.sub(&largest)?;
        let exponentials = shifted.exp()?;
        let sums = exponentials.sums(Some(dim))?;
        match which {
            Softmax::Plain => exponentials.div(&sums),
            Softmax::Logarithm => shifted.sub(&sums.log()?),
        }
    }

    /// x / max(‖x‖₂, 1e-12) along a dim, as PyTorch's `F.normalize`.
    pub fn normalize(&self, dim: usize) -> Result<Self> {
        let own = self.float_operand("normalize")?;
        shape::check_dim("normalize", self.shape(), dim)?;
        own.div(&own.norm(Some(dim), true)?.clamp(1e-12, f64::INFINITY)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        rng::{DrawKey, Stream},
    };

    #[test]
    fn of_operations_that_any_device_has_it_is_what_the_cpu_computes_at_once() {
        let values = Tensor::randn(&[5, 70, 3], Stream::new(8, "x"), DrawKey::default(), &Device::cpu()).unwrap();
        let values = values.mul_scalar(7.0).unwrap();
        for dim in 0..3 {
            for which in [Softmax::Plain, Softmax::Logarithm] {
                let parts = values.soft_in_parts(dim, which).unwrap();
                let off = parts.sub(&values.soft("softmax", dim, which).unwrap()).unwrap().abs().unwrap();
                assert!(off.max(None, false).unwrap().item().unwrap() < 5e-6, "{which:?} over {dim}");
            }
        }
    }
}
