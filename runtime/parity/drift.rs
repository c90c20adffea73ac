//! How far two lists of values are apart.

/// Tensors whose largest value is smaller are measured as if it were this, so that rounding errors around an exact 0
/// do not count as large.
pub const FLOOR: f64 = 1e-6;

/// The largest difference between values that should be equal, relative to the scale of the whole tensor:
/// max |a − b| / max(max |a|, [`FLOOR`]), a being the reference. Relative to each single value it would be large wherever
/// a sum happens to come out near 0, which says nothing of the device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// Infinite where the number of values differs, or where one is NaN or infinite that should not be.
    pub largest: f64,
    /// Where the values are farthest apart.
    pub worst: Option<Worst>,
}

/// Two values that should be equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Worst {
    /// The position in row-major order, from 0.
    pub index: usize,
    /// The reference's value.
    pub reference: f32,
    /// The device's value.
    pub device: f32,
}

impl Drift {
    /// Compares a device's values with the reference's. With `not_finite` a NaN or an infinity is no difference where
    /// both have the same.
    pub fn between(reference: &[f32], device: &[f32], not_finite: bool) -> Self {
        if reference.len() != device.len() {
            return Self { largest: f64::INFINITY, worst: None };
        }
        let finite = reference.iter().filter(|value| value.is_finite());
        let scale = finite.fold(FLOOR, |most, value| most.max(f64::from(value.abs())));
        let mut found = Self { largest: 0.0, worst: None };
        for (index, (&reference, &device)) in reference.iter().zip(device).enumerate() {
            let distance = distance(reference, device, not_finite) / scale;
            if distance > found.largest || (found.worst.is_none() && distance > 0.0) {
                found = Self { largest: distance, worst: Some(Worst { index, reference, device }) };
            }
        }
        found
    }
}

fn distance(a: f32, b: f32, not_finite: bool) -> f64 {
    let is_same = a == b || (a.is_nan() && b.is_nan());
    match a.is_finite() && b.is_finite() {
        true => (f64::from(a) - f64::from(b)).abs(),
        false if is_same && not_finite => 0.0,
        false => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_measured_against_the_largest_value() {
        let drift = Drift::between(&[0.001, -4.0, 2.0], &[0.003, -4.0, 2.0], false);
        assert!((drift.largest - 0.0005).abs() < 1e-9, "{drift:?}");
        assert_eq!(drift.worst.map(|worst| worst.index), Some(0));
        assert_eq!(Drift::between(&[0.5; 3], &[0.5; 3], false), Drift { largest: 0.0, worst: None });
    }

    #[test]
    fn rounding_around_an_exact_zero_is_small_and_a_value_there_is_large() {
        assert!(Drift::between(&[0.0; 2], &[0.0, 1e-12], false).largest < 1e-5);
        assert!(Drift::between(&[0.0; 2], &[0.0, 1e-3], false).largest > 100.0);
    }

    #[test]
    fn what_is_not_finite_is_infinitely_far_unless_it_is_meant_and_the_same() {
        let (nan, infinity) = (f32::NAN, f32::INFINITY);
        for (a, b) in [(nan, 1.0), (1.0, nan), (nan, nan), (infinity, infinity), (infinity, 1.0)] {
            assert_eq!(Drift::between(&[2.0, a], &[2.0, b], false).largest, f64::INFINITY, "{a} and {b}");
        }
        assert_eq!(Drift::between(&[nan, infinity, 1.0], &[nan, infinity, 1.0], true).largest, 0.0);
        for (a, b) in [(infinity, -infinity), (nan, infinity), (nan, 0.0), (1.0, infinity)] {
            assert_eq!(Drift::between(&[a], &[b], true).largest, f64::INFINITY, "{a} and {b}");
        }
    }

    #[test]
    fn values_that_are_missing_are_infinitely_far() {
        assert_eq!(Drift::between(&[1.0, 2.0], &[1.0], false).largest, f64::INFINITY);
    }
}
