//! Sums and means whose error hardly grows with the number of values, along any dim, and their gradients. The CPU adds
//! in float64 (`cpu/fold.rs`); a GPU, which has float32 only, adds in stages of few values each.

use burn_backend::ops::FloatTensorOps;
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{
    Kind, Tensor,
    cpu::{self, Statistic},
    raw_shape, shape,
};
use crate::{Result, tape::record};

/// How many values a GPU adds one after another before it begins a new sum. An error grows with it and with the number
/// of stages; a stage more is a launch more.
const STAGE: usize = 64;

impl Tensor {
    pub(super) fn float_sum(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        let to = self.reduced(dim, keep);
        if self.is_empty() {
            return Ok(self.with_shares("sum", self.of_nothing(0.0, self.dtype(), &to)?, dim, 1.0));
        }
        let output = match cpu::reduce(self.raw_in_any_order(), dim, Statistic::Sum) {
            Some(raw) => self.with(reshaped(raw, &to), Kind::Float, to),
            None => self.sums(dim)?.reshape(&to)?,
        };
        Ok(self.with_shares("sum", output, dim, 1.0))
    }

    pub(super) fn float_mean(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        let divisor = dim.map_or(self.len(), |dim| self.shape()[dim]) as f64;
        if self.is_empty() {
            let nothing = self.of_nothing(f64::NAN, self.dtype(), &self.reduced(dim, keep))?;
            return Ok(self.with_shares("mean", nothing, dim, divisor));
        }
        let output = match self.statistic(dim, Statistic::Mean) {
            Some(means) => means,
            None => self.sums(dim)?.div_scalar(divisor)?,
        };
        let output = output.reshape(&self.reduced(dim, keep))?;
        Ok(self.with_shares("mean", output, dim, divisor))
    }

    /// A sum or mean of this on its tape. The gradient is each value's share.
    fn with_shares(&self, op: &'static str, output: Self, dim: Option<usize>, divisor: f64) -> Self {
        record(op, [self], output, |_| {
            let (shape, kept) = (self.shape().to_vec(), self.reduced(dim, true));
            move |by: Self, _| {
                let share = if divisor == 1.0 { by } else { by.div_scalar(divisor)? };
                Ok([Some(share.reshape(&kept)?.expand(&shape)?)])
            }
        })
    }

    /// The sum over every dim that a broadcast from `shape` has stretched, in that shape: the gradient of a broadcast.
    pub(super) fn sum_to(&self, shape: &[usize]) -> Result<Self> {
        if self.shape() == shape {
            return Ok(self.clone());
        }
        let output = self.sums_to(shape)?;
        Ok(record("sum", [self], output, |_| {
            let stretched = self.shape().to_vec();
            move |by: Self, _| Ok([Some(by.expand(&stretched)?)])
        }))
    }

    fn sums_to(&self, shape: &[usize]) -> Result<Self> {
        let from = shape::pad(shape, self.rank());
        if self.is_empty() {
            return self.of_nothing(0.0, self.dtype(), shape);
        }
        if self.is_burns() {
            let mut sums = self.detach();
            for dim in (0..self.rank()).filter(|dim| self.shape()[*dim] != from[*dim]) {
                sums = sums.sums(Some(dim))?;
            }
            return sums.reshape(shape);
        }
        let raw = cpu::sum_over(self.raw_in_any_order(), |dim| self.shape()[dim] != from[dim]);
        let sums = raw.expect("what is not Burn's is float32 on the CPU device");
        Ok(self.with(reshaped(sums, shape), Kind::Float, shape.to_vec()))
    }

    /// The shape of a reduction.
    pub(super) fn reduced(&self, dim: Option<usize>, keep: bool) -> Vec<usize> {
        let mut shape = self.shape().to_vec();
        match dim {
            Some(dim) if keep => shape[dim] = 1,
            Some(dim) => drop(shape.remove(dim)),
            None if keep => shape.fill(1),
            None => shape.clear(),
        }
        shape
    }

    /// The sum over a dim or all, which stay as 1, without a tape.
    pub(super) fn sums(&self, dim: Option<usize>) -> Result<Self> {
        if self.is_empty() {
            return self.of_nothing(0.0, self.dtype(), &self.reduced(dim, true));
        }
        if let Some(sums) = self.statistic(dim, Statistic::Sum) {
            return Ok(sums);
        }
        let kept = self.reduced(dim, true);
        let raw = match dim {
            Some(dim) => staged(self.raw(), self.shape(), dim),
            None => staged(self.detach().reshape(&[self.len()])?.raw(), &[self.len()], 0),
        };
        Ok(self.with(reshaped(raw, &kept), Kind::Float, kept))
    }

    /// What the CPU computes in float64 over a dim or all, which stay as 1, without a tape. None on a GPU.
    pub(super) fn statistic(&self, dim: Option<usize>, statistic: Statistic) -> Option<Self> {
        if self.is_empty() {
            return None;
        }
        let raw = cpu::reduce(self.raw_in_any_order(), dim, statistic)?;
        let kept = self.reduced(dim, true);
        Some(self.with(reshaped(raw, &kept), Kind::Float, kept))
    }
}

fn reshaped(raw: DispatchTensor, shape: &[usize]) -> DispatchTensor {
    super::reshape_raw(raw, Kind::Float, shape)
}

/// The sum over a dim, which stays as 1, in stages that each make one value of at most [`STAGE`].
fn staged(mut raw: DispatchTensor, shape: &[usize], dim: usize) -> DispatchTensor {
    let (outer, inner): (usize, usize) = (shape[..dim].iter().product(), shape[dim + 1..].iter().product());
    let mut along = shape[dim];
    if along > STAGE {
        raw = Dispatch::float_reshape(raw, raw_shape(&[outer, along, inner]));
        while along > STAGE {
            // Values that a stage adds lie apart, so that threads side by side read memory side by side.
            let (parts, rest) = (along / STAGE, along % STAGE);
            let whole = Dispatch::float_slice(raw.clone(), &ranges(0, along - rest));
            let whole = Dispatch::float_reshape(whole, raw_shape(&[outer, STAGE, parts, inner]));
            let sums = Dispatch::float_reshape(Dispatch::float_sum_dim(whole, 1), raw_shape(&[outer, parts, inner]));
            (raw, along) = if rest == 0 {
                (sums, parts)
            } else {
                let rest = Dispatch::float_slice(raw, &ranges(along - rest, along));
                (Dispatch::float_cat(vec![sums, Dispatch::float_sum_dim(rest, 1)], 1), parts + 1)
            };
        }
        return Dispatch::float_sum_dim(raw, 1);
    }
    Dispatch::float_sum_dim(raw, dim)
}

/// Part of the middle of three dims.
fn ranges(from: usize, to: usize) -> [burn_backend::Slice; 3] {
    let all = burn_backend::Slice::new(0, None, 1);
    [all, burn_backend::Slice::new(from as isize, Some(to as isize), 1), all]
}

#[cfg(test)]
mod tests {
    use burn_dispatch::Dispatch;

    use super::*;
    use crate::{
        Device,
        rng::{DrawKey, Stream},
        tensor::gradients,
    };

    fn random(shape: &[usize], name: &str) -> Tensor {
        Tensor::randn(shape, Stream::new(6, name), DrawKey::default(), &Device::cpu()).unwrap()
    }

    #[test]
    fn a_sum_of_a_million_tenths_is_right_along_every_dim() {
        let exact = f64::from(0.1f32) * f64::from(1 << 20);
        for (shape, dim) in [
            (&[1 << 20][..], Some(0)),
            (&[1 << 20, 1], Some(0)),
            (&[1 << 20, 2], Some(0)),
            (&[2, 1 << 20], Some(1)),
            (&[2, 1 << 20, 2], Some(1)),
            (&[1 << 10, 1 << 10], None),
        ] {
            let tenths = Tensor::full(0.1, shape, Kind::Float, &Device::cpu()).unwrap();
            for sum in tenths.sum(dim, false).unwrap().floats().unwrap() {
                assert_eq!(sum, exact as f32, "{shape:?}");
            }
            for mean in tenths.mean(dim, false).unwrap().floats().unwrap() {
                assert_eq!(mean, 0.1, "{shape:?}");
            }
        }
    }

    #[test]
    fn stages_of_a_gpu_have_the_sum_for_counts_that_do_and_do_not_divide() {
        for shape in [&[2, 64, 3][..], &[2, 65, 3], &[1, 4097, 2], &[3, 64 * 64 + 63, 1], &[1, 100_003, 1]] {
            let values = random(shape, "staged");
            let got = values.with(staged(values.raw(), shape, 1), Kind::Float, vec![shape[0], 1, shape[2]]);
            let want = values.sum(Some(1), true).unwrap();
            let scale = values.abs().unwrap().sum(Some(1), true).unwrap();
            let off = got.sub(&want).unwrap().abs().unwrap().div(&scale).unwrap().max(None, false).unwrap();
            assert!(off.item().unwrap() < 5e-7, "{shape:?}: {off}");
        }
    }

    #[test]
    fn a_tensor_in_another_order_or_a_part_of_one_has_burns_sums() {
        let whole = random(&[5, 7, 4], "views");
        let views = [
            whole.permute(&[2, 0, 1]).unwrap(),
            whole.transpose(0, 1).unwrap(),
            whole.slice(1, 2, 5).unwrap(),
            whole.slice(0, 1, 4).unwrap(),
            whole.flip(0).unwrap(),
            random(&[5, 1, 4], "stretched").expand(&[5, 7, 4]).unwrap(),
            whole.slice(2, 1, 2).unwrap().permute(&[1, 2, 0]).unwrap(),
        ];
        for view in views {
            for dim in 0..3 {
                let ours = view.sum(Some(dim), false).unwrap();
                let burns =
                    view.with(Dispatch::float_sum_dim(view.raw(), dim), Kind::Float, view.reduced(Some(dim), true));
                let off =
                    ours.sub(&burns.squeeze(Some(dim)).unwrap()).unwrap().abs().unwrap().max(None, false).unwrap();
                assert!(off.item().unwrap() < 2e-6, "{:?} over {dim}: {off}", view.shape());
            }
            let all: f64 = view.floats().unwrap().into_iter().map(f64::from).sum();
            assert!((view.sum(None, false).unwrap().item().unwrap() - all).abs() < 1e-5);
        }
    }

    #[test]
    fn the_gradient_of_a_broadcast_over_many_rows_is_exact() {
        let device = Device::cpu();
        for (stretched, to) in
            [(&[1][..], &[1 << 20][..]), (&[3, 1], &[3, 1 << 20]), (&[1, 3, 1], &[1 << 10, 3, 1 << 10])]
        {
            let bias = Tensor::ones(stretched, &device).unwrap().requires_grad().unwrap();
            let values = Tensor::full(0.1, to, Kind::Float, &device).unwrap();
            let loss = values.mul(&bias).unwrap().sum(None, false).unwrap();
            let gradient = gradients(&loss, &[bias]).unwrap().remove(0);
            for value in gradient.floats().unwrap() {
                assert_eq!(value, (f64::from(0.1f32) * f64::from(1 << 20)) as f32, "{to:?}");
            }
        }
    }
}
