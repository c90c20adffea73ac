//! The minimum of a smooth convex function: Newton's method with conjugate gradients inside (Nocedal and Wright,
//! "Numerical Optimization", 2006, 7.1). Knows the function by its gradient and by products with its Hessian.

/// Newton steps; some six are usual.
const STEPS: usize = 100;

/// Conjugate gradient iterations in a Newton step.
const ITERATIONS: usize = 500;

/// A smooth convex function.
pub(super) trait Convex {
    /// What is known at a point and the Hessian needs again.
    type State;

    /// The state and the gradient at a point.
    fn at(&self, point: &[f64]) -> (Self::State, Vec<f64>);

    /// The Hessian times a direction.
    fn curvature(&self, state: &Self::State, direction: &[f64]) -> Vec<f64>;
}

/// A point at which the gradient is not longer than `tolerance`, and the state there.
///
/// # Errors
/// The length of the gradient that is left when the steps are used up.
pub(super) fn minimum<F: Convex>(
    function: &F,
    mut point: Vec<f64>,
    tolerance: f64,
) -> Result<(Vec<f64>, F::State), f64> {
    let (mut state, mut gradient) = function.at(&point);
    let start = length(&gradient);
    for _ in 0..STEPS {
        if length(&gradient) <= tolerance {
            return Ok((point, state));
        }
        // Tighter as the minimum nears, so that the steps converge faster than linearly.
        let direction = newton(function, &state, &gradient, (length(&gradient) / start).sqrt().min(0.1));
        let slope = -dot(&gradient, &direction);
        let mut step = 1.0;
        // Along a line the slope of a convex function only rises: where it is still falling, or nearly flat, the least
        // value on the line has hardly been passed.
        (point, state, gradient) = loop {
            let next: Vec<f64> = point.iter().zip(&direction).map(|(x, d)| x + step * d).collect();
            let (state, gradient) = function.at(&next);
            let rising = dot(&gradient, &direction);
            if rising <= 0.1 * slope || rising.is_nan() {
                break (next, state, gradient);
            }
            step *= slope / (slope + rising);
        };
    }
    Err(length(&gradient))
}

/// −H⁻¹·gradient, up to a residual relative to the gradient.
fn newton<F: Convex>(function: &F, state: &F::State, gradient: &[f64], tolerance: f64) -> Vec<f64> {
    let mut found = vec![0.0; gradient.len()];
    let mut residual: Vec<f64> = gradient.iter().map(|g| -g).collect();
    let mut conjugate = residual.clone();
    let start = dot(&residual, &residual);
    let mut square = start;
    for _ in 0..ITERATIONS {
        if square <= start * tolerance * tolerance {
            break;
        }
        let image = function.curvature(state, &conjugate);
        let step = square / dot(&conjugate, &image);
        found.iter_mut().zip(&conjugate).for_each(|(x, d)| *x += step * d);
        residual.iter_mut().zip(&image).for_each(|(r, i)| *r -= step * i);
        let next = dot(&residual, &residual);
        conjugate.iter_mut().zip(&residual).for_each(|(d, r)| *d = r + next / square * *d);
        square = next;
    }
    found
}

fn length(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}

/// The sum of products.
pub(super) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Σ ln cosh(s·(x − m)), which full Newton steps from far away overshoot without end.
    struct Steep([f64; 2]);

    impl Convex for Steep {
        type State = Vec<f64>;

        fn at(&self, point: &[f64]) -> (Vec<f64>, Vec<f64>) {
            let slopes: Vec<f64> =
                point.iter().zip([3.0, 1.0]).zip(self.0).map(|((x, m), s)| (s * (x - m)).tanh()).collect();
            let gradient = slopes.iter().zip(self.0).map(|(slope, s)| s * slope).collect();
            (slopes, gradient)
        }

        fn curvature(&self, slopes: &Vec<f64>, direction: &[f64]) -> Vec<f64> {
            slopes.iter().zip(self.0).zip(direction).map(|((slope, s), d)| s * s * (1.0 - slope * slope) * d).collect()
        }
    }

    #[test]
    fn a_minimum_that_full_steps_overshoot_is_found() {
        let (point, _) = minimum(&Steep([1.0, 2.0]), vec![0.0, -1.0], 1e-9).unwrap();
        assert!((point[0] - 3.0).abs() < 1e-9 && (point[1] - 1.0).abs() < 1e-9, "{point:?}");
    }

    #[test]
    fn what_is_not_reached_is_told_by_its_gradient() {
        let left = minimum(&Steep([f64::NAN, 1.0]), vec![0.0, 0.0], 1e-9).unwrap_err();
        assert!(left.is_nan());
    }
}
