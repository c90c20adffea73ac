//! Int tensors, whose elements have 32 bits or 64: what does not fit is an error and never wraps. Sums and casts are checked
//! on every device. Elementwise arithmetic is checked on the CPU; a GPU wraps around, since checking would mean waiting
//! for it.

use burn_backend::ops::{FloatTensorOps, IntTensorOps};
use burn_dispatch::{Dispatch, DispatchTensor};

use super::{
    DType, Kind, Tensor, cast,
    cpu::{self, Arithmetic},
};
use crate::{Device, Error, Result};

impl Tensor {
    /// Σ of an int or bool tensor over a dim or all.
    pub(super) fn int_sum(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        let (ints, shape) = (self.cast(Kind::Int)?, self.reduced(dim, keep));
        if self.is_empty() {
            return self.of_nothing(0.0, ints.dtype(), &shape);
        }
        if self.device().is_gpu() && ints.sums_fit(self.kind(), dim)? {
            let raw = match dim {
                Some(dim) => Dispatch::int_sum_dim(ints.raw(), dim),
                None => Dispatch::int_sum(ints.raw()),
            };
            return Ok(self.with(super::reshape_raw(raw, Kind::Int, &shape), Kind::Int, shape));
        }
        Self::exact("sum", ints.exact_sums(dim)?, &shape, ints.dtype(), self.device())
    }

    /// Ints of a format that were computed in 128 bits, in row-major order. What passed those stays at their bounds.
    ///
    /// # Errors
    /// One that does not fit.
    pub(super) fn exact(
        op: &'static str,
        values: Vec<i128>,
        shape: &[usize],
        dtype: DType,
        device: &Device,
    ) -> Result<Self> {
        let [least, most] = dtype.range().map(i128::from);
        let ints = values.into_iter().map(|value| match value {
            value if (least..=most).contains(&value) => Ok(value as i64),
            i128::MIN | i128::MAX => Err("a result over 128 bits".to_owned()),
            value => Err(value.to_string()),
        });
        let wrong =
            |value: String| Error::State { op, reason: format!("{value} does not fit {dtype}; cast to float32 first") };
        Self::from_longs(ints.collect::<Result<_, _>>().map_err(wrong)?, shape, dtype, device)
    }

    /// The mean of an int or bool tensor over a dim or all, as float.
    pub(super) fn int_mean(&self, dim: Option<usize>, keep: bool) -> Result<Self> {
        if self.device().is_gpu() || self.is_empty() {
            return self.cast(Kind::Float)?.float_mean(dim, keep);
        }
        let count = dim.map_or(self.len(), |dim| self.shape()[dim]) as f64;
        let sums = self.cast(Kind::Int)?.exact_sums(dim)?;
        let means = sums.into_iter().map(|sum| (sum as f64 / count) as f32).collect();
        Self::from_floats(means, &self.reduced(dim, keep), self.device())
    }

    /// Whether no sum over so many values can leave 32 bits. Reads the extremes of an int tensor.
    fn sums_fit(&self, from: Kind, dim: Option<usize>) -> Result<bool> {
        // As many truths as a tensor has elements fit.
        if from == Kind::Bool {
            return Ok(true);
        }
        let extremes = Self::stack(&[self.max(None, false)?, self.min(None, false)?], 0)?.ints("sum")?;
        let largest = extremes.into_iter().map(|value| u64::from(value.unsigned_abs())).max().unwrap_or(0);
        let count = dim.map_or(self.len(), |dim| self.shape()[dim]) as u64;
        Ok(largest.saturating_mul(count) <= i32::MAX as u64)
    }

    /// The sums of an int tensor in 128 bits, in row-major order. Those of a GPU are computed on the host.
    fn exact_sums(&self, dim: Option<usize>) -> Result<Vec<i128>> {
        let [outer, along, inner] = match dim {
            Some(dim) => {
                [self.shape()[..dim].iter().product(), self.shape()[dim], self.shape()[dim + 1..].iter().product()]
            }
            None => [1, self.len(), 1],
        };
        let values = self.longs("sum")?;
        if inner == 1 {
            let line = |values: &[i64]| values.iter().map(|value| i128::from(*value)).sum();
            return Ok(values.chunks(along).map(line).collect());
        }
        let mut sums = vec![0i128; outer * inner];
        for (sums, values) in sums.chunks_mut(inner).zip(values.chunks(along * inner)) {
            for row in values.chunks(inner) {
                sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += i128::from(*value));
            }
        }
        Ok(sums)
    }

    /// left ∘ right of int tensors of one shape.
    ///
    /// # Errors
    /// On the CPU: a result that does not fit 32 bits, a division by 0.
    pub(super) fn int_arithmetic(&self, op: &'static str, right: &Self, which: Arithmetic) -> Result<Self> {
        let found = match cpu::int_arithmetic(which, self.raw(), right.raw(), self.shape()) {
            Some(found) => found,
            None => return self.gpu_arithmetic(right, which),
        };
        match found {
            Ok(raw) => Ok(self.with(raw, Kind::Int, self.shape().to_vec())),
            Err(cpu::Overflow { result: None, .. }) => {
                Err(Error::State { op, reason: "an int is divided by 0".into() })
            }
            Err(cpu::Overflow { left, right, result: Some(result) }) => {
                let (sign, hint) = (which.symbol(), "cast to float32 first");
                let dtype = self.dtype();
                let reason = format!("{left} {sign} {right} is {result}, which does not fit {dtype}; {hint}");
                Err(Error::State { op, reason })
            }
        }
    }

    fn gpu_arithmetic(&self, right: &Self, which: Arithmetic) -> Result<Self> {
        let plain = |operation: fn(DispatchTensor, DispatchTensor) -> DispatchTensor| {
            self.with(operation(self.raw(), right.raw()), Kind::Int, self.shape().to_vec())
        };
        match which {
            Arithmetic::Add => Ok(plain(Dispatch::int_add)),
            Arithmetic::Subtract => Ok(plain(Dispatch::int_sub)),
            Arithmetic::Multiply => Ok(plain(Dispatch::int_mul)),
            Arithmetic::Remainder => Ok(plain(Dispatch::int_remainder)),
            Arithmetic::Rest => self.sub(&plain(Dispatch::int_div).mul(right)?),
            Arithmetic::Divide => {
                // Ints divide towards 0: one too high where the signs differ and a rest is left.
                let quotient = plain(Dispatch::int_div);
                let rest = self.sub(&quotient.mul(right)?)?;
                let is_high = rest.ne_scalar(0.0)?.logical_and(&rest.lt_scalar(0.0)?.ne(&right.lt_scalar(0.0)?)?)?;
                quotient.sub(&is_high)
            }
        }
    }

    /// Floats as ints of a format, truncated towards 0.
    ///
    /// # Errors
    /// NaN, and a value that does not fit.
    pub(super) fn truncated(&self, dtype: DType) -> Result<Self> {
        let values = self.detach();
        if !self.device().is_gpu() || dtype != DType::Int32 {
            // A power of 2 either way, so that the ends of the range are exact; the largest int64 is none.
            let [least, most] = dtype.range().map(|bound| bound as f64);
            let fits = |value: f64| (least..=most).contains(&value.trunc()) && value < 9_223_372_036_854_775_808.0;
            let ints = values.doubles()?.into_iter().map(|value| match fits(value) {
                true => Ok(value as i64),
                false => Err(cast::unfit("cast", "a float", value, dtype)),
            });
            return Self::from_longs(ints.collect::<Result<_>>()?, self.shape(), dtype, self.device());
        }
        let values = values.cast(Kind::Float)?;
        let inside = values.gt_scalar(BELOW.into())?.logical_and(&values.lt_scalar(ABOVE.into())?)?;
        if inside.cast(Kind::Int)?.min(None, false)?.item()? == 0.0 {
            let wrong = values.floats()?.into_iter().find(|value| !fits(*value)).unwrap_or(f32::NAN);
            return Err(cast::unfit("cast", "a float", wrong, dtype));
        }
        let raw = Dispatch::float_into_int(values.raw(), self.device().ints());
        Ok(self.with(raw, Kind::Int, self.shape().to_vec()))
    }
}

/// The floats next to the range of int32, below and above.
const BELOW: f32 = -2_147_483_904.0;
const ABOVE: f32 = 2_147_483_648.0;

fn fits(value: f32) -> bool {
    BELOW < value && value < ABOVE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ints(values: &[i32]) -> Tensor {
        Tensor::from_ints(values.to_vec(), &[values.len()], &Device::cpu()).unwrap()
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_values() {
        let most = ints(&[1, i32::MAX]);
        let message = |result: Result<Tensor>| result.unwrap_err().to_string();
        let hint = "which does not fit int32; cast to float32 first";
        assert_eq!(message(most.add(&ints(&[1, 1]))), format!("add: 2147483647 + 1 is 2147483648, {hint}"));
        assert_eq!(message(most.add_scalar(1.0)), format!("add: 2147483647 + 1 is 2147483648, {hint}"));
        assert_eq!(message(most.mul(&most)), format!("mul: 2147483647 * 2147483647 is 4611686014132420609, {hint}"));
        assert_eq!(message(ints(&[i32::MIN]).sub_scalar(1.0)), format!("sub: -2147483648 - 1 is -2147483649, {hint}"));
        assert_eq!(message(ints(&[i32::MIN]).neg()), "neg: -2147483648 becomes 2147483648, which does not fit int32");
        assert_eq!(message(ints(&[i32::MIN]).abs()), "abs: -2147483648 becomes 2147483648, which does not fit int32");
        assert_eq!(
            message(ints(&[i32::MIN]).floor_div(&ints(&[-1]))),
            format!("floor_div: -2147483648 // -1 is 2147483648, {hint}")
        );
        assert_eq!(message(most.sum(None, false)), "sum: 2147483648 does not fit int32; cast to float32 first");
        assert_eq!(most.mean(None, false).unwrap().item().unwrap(), f64::from(1u32 << 30));
        assert_eq!(ints(&[i32::MAX, -5, 5]).sum(Some(0), false).unwrap().item().unwrap(), 2_147_483_647.0);
    }

    #[test]
    fn a_float_that_is_no_int_is_told_and_the_largest_are_exact() {
        let floats = |values: &[f32]| Tensor::from_floats(values.to_vec(), &[values.len()], &Device::cpu()).unwrap();
        let cast = |value: f32| floats(&[1.0, value]).cast(Kind::Int);
        for value in [2_147_483_648.0, -2_147_483_904.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 1e30] {
            let want = format!("cast: a float must be within 32 bits to become int32, got {}", f64::from(value));
            assert_eq!(cast(value).unwrap_err().to_string(), want);
        }
        for value in [2_147_483_520.0, -2_147_483_648.0, -0.9, 0.9, -7.5] {
            assert_eq!(cast(value).unwrap().ints("cast").unwrap(), [1, value as i32]);
        }
    }
}
