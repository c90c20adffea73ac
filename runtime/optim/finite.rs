//! Whether tensors are finite, with one read from the device for all of them.

use crate::{Result, Tensor};

/// Σ x² of every tensor, and the first tensor that has a NaN or an infinity.
///
/// A sum of finite squares may overflow float32, so a sum that is not finite sends us to the elements.
pub(super) fn squares(tensors: &[Tensor]) -> Result<(Vec<f64>, Option<usize>)> {
    let sums =
        tensors.iter().map(|tensor| tensor.mul(tensor)?.sum(None, false)?.reshape(&[1])).collect::<Result<Vec<_>>>()?;
    if sums.is_empty() {
        return Ok((Vec::new(), None));
    }
    let mut sums: Vec<f64> = Tensor::cat(&sums, 0)?.floats()?.into_iter().map(f64::from).collect();
    for (position, sum) in sums.iter_mut().enumerate().filter(|(_, sum)| !sum.is_finite()) {
        *sum = tensors[position].floats()?.into_iter().map(|value| f64::from(value).powi(2)).sum();
    }
    let first = sums.iter().position(|sum| !sum.is_finite());
    Ok((sums, first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    #[test]
    fn large_finite_values_are_finite_and_the_first_bad_tensor_is_found() {
        let tensor = |values: Vec<f32>| Tensor::from_floats(values, &[2], &Device::cpu()).unwrap();
        let large = tensor(vec![3e30, 4e30]);
        let (sums, bad) = squares(&[tensor(vec![3.0, 4.0]), large.clone()]).unwrap();
        assert_eq!((sums[0], bad), (25.0, None));
        assert!((sums[1].sqrt() / 5e30 - 1.0).abs() < 1e-6);
        let bad = squares(&[large, tensor(vec![1.0, f32::NAN]), tensor(vec![f32::INFINITY, 0.0])]).unwrap().1;
        assert_eq!(bad, Some(1));
    }
}
