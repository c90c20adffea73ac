//! The Euclidean distance between two rows.

/// Sums side by side, for a vector unit.
const LANES: usize = 8;

/// ‖a − b‖₂ of two rows of one length: exactly 0 where they are the same.
pub fn distance(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; LANES];
    let (left, right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = left.remainder().iter().zip(right.remainder());
    let rest: f64 = rest.map(|(a, b)| (a - b) * (a - b)).sum();
    for (a, b) in left.zip(right) {
        for lane in 0..LANES {
            sums[lane] += (a[lane] - b[lane]) * (a[lane] - b[lane]);
        }
    }
    (sums.iter().sum::<f64>() + rest).sqrt()
}
