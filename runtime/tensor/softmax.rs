//! Softmax, its logarithm, and normalisation to unit length.

use burn_backend::ops::FloatTensorOps;
use burn_dispatch::Dispatch;

use super::{
    Kind, Tensor,
    cpu::{self, Softmax},
    shape,
};
use crate::{
    Result,
    tape::{is_recording, record},
};

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
        Ok(record(op, [&own], output.clone(), |tape| {
            let output = tape.keep_output(&output, 0);
            move |by: Self, step| Ok([Some(output.get(step)?.soft_gradient(by, dim, which)?)])
        }))
    }

    /// With g the gradient by this output y: y · (g − Σ g·y), and for the logarithm g − exp(y) · Σ g.
    fn soft_gradient(&self, by: Self, dim: usize, which: Softmax) -> Result<Self> {
        if !is_recording() {
            let last = self.rank() - 1;
            let [output, by] = [self.transpose(dim, last)?, by.transpose(dim, last)?];
            if let Some(raw) = cpu::softmax_gradient(output.raw(), by.raw(), output.shape(), which) {
                return output.with(raw, Kind::Float, output.shape().to_vec()).transpose(dim, last);
            }
        }
        let along = Some(dim);
        match which {
            Softmax::Plain => self.mul(&by.sub(&by.mul(self)?.float_sum(along, true)?)?),
            Softmax::Logarithm => by.sub(&self.exp()?.mul(&by.float_sum(along, true)?)?),
        }
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
        tensor::fixture::{at_once_and_recorded, worst},
    };

    #[test]
    fn a_gradient_at_once_is_what_operations_make_of_it() {
        for shape in [&[4, 1][..], &[3, 2, 15], &[700, 65], &[2, 5, 33]] {
            let values = Tensor::randn(shape, Stream::new(9, "x"), DrawKey::default(), &Device::cpu()).unwrap();
            for dim in 0..shape.len() {
                for soft in [Tensor::softmax, Tensor::log_softmax] {
                    let leaf = values.mul_scalar(5.0).unwrap().requires_grad().unwrap();
                    let output = soft(&leaf, dim).unwrap();
                    for [at_once, recorded] in at_once_and_recorded(&output, &[leaf]) {
                        assert!(worst(&at_once, &recorded) < 2e-5, "{shape:?} over {dim}");
                    }
                }
            }
        }
    }

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
