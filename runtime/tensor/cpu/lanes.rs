//! Sums and the largest of a few values, side by side in lanes: the order of additions depends on how many values there
//! are alone. To be inlined into a loop that is compiled for a processor's instructions.

/// Values that are taken side by side.
const LANES: usize = 16;

/// The largest value, NaN left out; −∞ where there is none.
#[inline(always)]
pub(super) fn largest(values: &[f32]) -> f32 {
    let (whole, rest) = values.as_chunks::<LANES>();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for values in whole {
        for lane in 0..LANES {
            lanes[lane] = if values[lane] > lanes[lane] { values[lane] } else { lanes[lane] };
        }
    }
    let mut most = f32::NEG_INFINITY;
    for value in lanes.iter().chain(rest) {
        most = if *value > most { *value } else { most };
    }
    most
}

/// Σ x in float64.
#[inline(always)]
pub(super) fn sum(values: &[f32]) -> f64 {
    let (whole, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0f64; LANES];
    for values in whole {
        for lane in 0..LANES {
            lanes[lane] += f64::from(values[lane]);
        }
    }
    let mut total = if whole.is_empty() { 0.0 } else { folded(lanes) };
    for value in rest {
        total += f64::from(*value);
    }
    total
}

/// Σ (x − mean)² in float64.
#[inline(always)]
pub(super) fn squares(values: &[f32], mean: f64) -> f64 {
    let (whole, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0f64; LANES];
    for values in whole {
        for lane in 0..LANES {
            let apart = f64::from(values[lane]) - mean;
            lanes[lane] += apart * apart;
        }
    }
    let mut total = if whole.is_empty() { 0.0 } else { folded(lanes) };
    for value in rest {
        let apart = f64::from(*value) - mean;
        total += apart * apart;
    }
    total
}

/// Σ x · y in float64.
#[inline(always)]
pub(super) fn dot(left: &[f32], right: &[f32]) -> f64 {
    let ((whole, rest), (others, other_rest)) = (left.as_chunks::<LANES>(), right.as_chunks::<LANES>());
    let mut lanes = [0.0f64; LANES];
    for (left, right) in whole.iter().zip(others) {
        for lane in 0..LANES {
            lanes[lane] += f64::from(left[lane]) * f64::from(right[lane]);
        }
    }
    let mut total = if whole.is_empty() { 0.0 } else { folded(lanes) };
    for (left, right) in rest.iter().zip(other_rest) {
        total += f64::from(*left) * f64::from(*right);
    }
    total
}

/// Halves added until one is left.
#[inline(always)]
fn folded(mut lanes: [f64; LANES]) -> f64 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_any_count_of_values_they_are_what_a_plain_loop_makes() {
        for count in [0, 1, 2, 15, 16, 17, 65, 1000] {
            let values: Vec<f32> = (0..count).map(|x| ((x * 37 % 101) as f32 - 50.0) / 7.0).collect();
            let others: Vec<f32> = values.iter().rev().copied().collect();
            let exact = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
                values.iter().zip(&others).map(|(x, y)| of(f64::from(*x), f64::from(*y))).sum()
            };
            let close =
                |got: f64, want: f64| assert!((got - want).abs() <= 1e-9 * count as f64, "{count}: {got}, {want}");
            close(sum(&values), exact(&|x, _| x));
            close(dot(&values, &others), exact(&|x, y| x * y));
            close(squares(&values, 0.3), exact(&|x, _| (x - 0.3).powi(2)));
            let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            assert_eq!(largest(&values), most);
        }
        assert_eq!(largest(&[f32::NAN, 2.0, f32::NAN]), 2.0);
    }
}
