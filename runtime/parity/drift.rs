//! How far two lists of values are apart.

/// Tensors whose largest value is smaller are measured as if it were this, so that rounding errors around an exact 0
/// do not count as large.
pub const FLOOR: f64 = 1e-6;

/// How a difference is measured, a being the reference and b the device. Every measure is relative to the whole tensor:
/// relative to each single value it would be large wherever a sum happens to come out near 0, which says nothing of the
/// device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// max |a − b| / max(max |a|, [`FLOOR`]).
    #[default]
    Largest,
    /// The same on average: mean |a − b| / max(max |a|, [`FLOOR`]).
    Mean,
    /// ‖a − b‖ / max(‖a‖, [`FLOOR`]): where a few values may be far apart and all together may not.
    Norm,
}

impl Measure {
    /// As it is written in the file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Largest => "largest",
            Self::Mean => "mean",
            Self::Norm => "norm",
        }
    }
}

/// A difference between values that should be equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// Infinite where the number of values differs, or where one is NaN or infinite that should not be.
    pub amount: f64,
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
    pub fn between(reference: &[f32], device: &[f32], measure: Measure, not_finite: bool) -> Self {
        if reference.len() != device.len() {
            return Self { amount: f64::INFINITY, worst: None };
        }
        let (mut largest, mut sum, mut squares) = (0.0, 0.0, 0.0);
        let mut worst = None;
        for (index, (&reference, &device)) in reference.iter().zip(device).enumerate() {
            let distance = distance(reference, device, not_finite);
            sum += distance;
            squares += distance * distance;
            if distance > largest {
                largest = distance;
                worst = Some(Worst { index, reference, device });
            }
        }
        let finite = reference.iter().filter(|value| value.is_finite()).map(|value| f64::from(value.abs()));
        let scale = |finite: f64| finite.max(FLOOR);
        let amount = match measure {
            Measure::Largest => largest / scale(finite.fold(0.0, f64::max)),
            Measure::Mean => sum / reference.len().max(1) as f64 / scale(finite.fold(0.0, f64::max)),
            Measure::Norm => squares.sqrt() / scale(finite.map(|value| value * value).sum::<f64>().sqrt()),
        };
        Self { amount, worst }
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
        let drift = Drift::between(&[0.001, -4.0, 2.0], &[0.003, -4.0, 2.0], Measure::Largest, false);
        assert!((drift.amount - 0.0005).abs() < 1e-9, "{drift:?}");
        assert_eq!(drift.worst.map(|worst| worst.index), Some(0));
        assert_eq!(Drift::between(&[0.5; 3], &[0.5; 3], Measure::Largest, false), Drift { amount: 0.0, worst: None });
    }

    #[test]
    fn the_mean_and_the_norm_tell_of_all_values_what_the_largest_tells_of_one() {
        let (reference, device) = ([3.0, -4.0, 0.0, 0.0], [3.0, -4.0, 0.3, 0.4]);
        let amount = |measure| Drift::between(&reference, &device, measure, false).amount;
        for (measure, want) in [(Measure::Largest, 0.4 / 4.0), (Measure::Mean, 0.7 / 16.0), (Measure::Norm, 0.5 / 5.0)]
        {
            assert!((amount(measure) - want).abs() < 1e-8, "{measure:?}: {}", amount(measure));
            assert_eq!(Drift::between(&[1.0], &[f32::NAN], measure, false).amount, f64::INFINITY);
            assert_eq!(Drift::between(&reference, &reference, measure, false), Drift { amount: 0.0, worst: None });
        }
    }

    #[test]
    fn rounding_around_an_exact_zero_is_small_and_a_value_there_is_large() {
        assert!(Drift::between(&[0.0; 2], &[0.0, 1e-12], Measure::Largest, false).amount < 1e-5);
        assert!(Drift::between(&[0.0; 2], &[0.0, 1e-3], Measure::Largest, false).amount > 100.0);
    }

    #[test]
    fn what_is_not_finite_is_infinitely_far_unless_it_is_meant_and_the_same() {
        let (nan, infinity) = (f32::NAN, f32::INFINITY);
        for (a, b) in [(nan, 1.0), (1.0, nan), (nan, nan), (infinity, infinity), (infinity, 1.0)] {
            assert_eq!(
                Drift::between(&[2.0, a], &[2.0, b], Measure::Largest, false).amount,
                f64::INFINITY,
                "{a} and {b}"
            );
        }
        assert_eq!(Drift::between(&[nan, infinity, 1.0], &[nan, infinity, 1.0], Measure::Largest, true).amount, 0.0);
        for (a, b) in [(infinity, -infinity), (nan, infinity), (nan, 0.0), (1.0, infinity)] {
            assert_eq!(Drift::between(&[a], &[b], Measure::Largest, true).amount, f64::INFINITY, "{a} and {b}");
        }
    }

    #[test]
    fn values_that_are_missing_are_infinitely_far() {
        assert_eq!(Drift::between(&[1.0, 2.0], &[1.0], Measure::Largest, false).amount, f64::INFINITY);
    }
}
