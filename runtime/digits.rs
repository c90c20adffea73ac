//! How many digits of a measurement are shown.

/// One digit behind the point.
pub fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Four digits, however small it is.
pub fn significant(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    // A division by a power of ten, since 0.1 and its powers are not exact.
    let digits = 3 - value.abs().log10().floor() as i32;
    if digits >= 0 {
        let scale = 10f64.powi(digits);
        (value * scale).round() / scale
    } else {
        let scale = 10f64.powi(-digits);
        (value / scale).round() * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_stay_of_numbers_large_and_small() {
        for (value, want) in
            [(0.000_123_456, 0.000_123_5), (5.678_91, 5.679), (-7.654_32, -7.654), (123_456.0, 123_500.0), (0.0, 0.0)]
        {
            assert_eq!(significant(value), want);
        }
    }
}
