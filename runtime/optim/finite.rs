//! Whether tensors are finite, with one read from the device for all of them.

use crate::{Result, Tensor};

/// Σ x² of every tensor. One that is not finite tells of a NaN or an infinity, or that finite squares overflow float32.
pub(super) fn squares(tensors: &[Tensor]) -> Result<Vec<f64>> {
    let sums =
        tensors.iter().map(|tensor| tensor.mul(tensor)?.sum(None, false)?.reshape(&[1])).collect::<Result<Vec<_>>>()?;
    if sums.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Tensor::cat(&sums, 0)?.floats()?.into_iter().map(f64::from).collect())
}

/// What finds the first of some tensors that is not finite, by the sums of their squares.
pub(super) type Find = fn(&[Tensor], &mut [f64]) -> Result<Option<usize>>;

/// The first tensor whose sum is not finite, without reading any.
#[expect(clippy::unnecessary_wraps, reason = "another way to find it reads from the device, which may fail")]
pub(super) fn first_overflow(_: &[Tensor], squares: &mut [f64]) -> Result<Option<usize>> {
    Ok(squares.iter().position(|sum| !sum.is_finite()))
}

/// The first tensor that has a NaN or an infinity. It reads the elements of tensors whose sum is not finite, up to the
/// first such tensor, and corrects the sums of those whose finite squares overflowed.
pub(super) fn first_not_finite(tensors: &[Tensor], squares: &mut [f64]) -> Result<Option<usize>> {
    for (position, sum) in squares.iter_mut().enumerate().filter(|(_, sum)| !sum.is_finite()) {
        *sum = tensors[position].floats()?.into_iter().map(|value| f64::from(value).powi(2)).sum();
        if !sum.is_finite() {
            return Ok(Some(position));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    #[test]
    fn large_finite_values_are_finite_and_nothing_is_read_after_the_first_bad_tensor() {
        let tensor = |values: Vec<f32>| Tensor::from_floats(values, &[2], &Device::cpu()).unwrap();
        let large = tensor(vec![3e30, 4e30]);
        let tensors = [tensor(vec![3.0, 4.0]), large.clone()];
        let mut sums = squares(&tensors).unwrap();
        assert_eq!(sums, [25.0, f64::INFINITY]);
        assert_eq!(first_not_finite(&tensors, &mut sums).unwrap(), None);
        assert!(sums[0] == 25.0 && (sums[1].sqrt() / 5e30 - 1.0).abs() < 1e-6, "{sums:?}");
        let tensors = [large.clone(), tensor(vec![1.0, f32::NAN]), large];
        let mut sums = squares(&tensors).unwrap();
        assert_eq!(first_not_finite(&tensors, &mut sums).unwrap(), Some(1));
        assert!(sums[0].is_finite() && sums[2] == f64::INFINITY, "{sums:?}");
    }
}
