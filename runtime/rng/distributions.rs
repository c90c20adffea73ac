//! Random numbers of other distributions, in float64. How many words one takes may depend on the words themselves.

use std::f64::consts::TAU;

use super::Draws;

/// The smallest and the largest that Beta numbers are, and the smallest that Gamma numbers are, so that float32 keeps
/// them apart from 0 and 1.
const LEAST: f64 = f32::MIN_POSITIVE as f64;
const MOST: f64 = 1.0 - f32::EPSILON as f64 / 2.0;

impl Draws {
    /// Uniform between 0 and 1, neither of them included: 52 bits of two words, and half a step.
    pub fn inner_uniform(&mut self) -> f64 {
        let bits = u64::from(self.bits()) << 20 | u64::from(self.bits() >> 12);
        (bits as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// Standard normal (Box–Muller), from four words.
    pub fn wide_normal(&mut self) -> f64 {
        let radius = (-2.0 * self.inner_uniform().ln()).sqrt();
        radius * (TAU * self.inner_uniform()).cos()
    }

    /// Exponential with rate 1.
    pub fn exponential(&mut self) -> f64 {
        -self.inner_uniform().ln()
    }

    /// Standard Gumbel: −ln of an exponential number. What is largest of logits plus such numbers is a draw by their
    /// softmax.
    pub fn gumbel(&mut self) -> f64 {
        -self.exponential().ln()
    }

    /// ln of a Gamma number of a shape over 0 and rate 1 (Marsaglia and Tsang, "A simple method for generating gamma
    /// variables", 2000). The number itself may be too small for any float where the shape is.
    pub fn log_gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.log_gamma(shape + 1.0) + self.inner_uniform().ln() / shape;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.wide_normal();
            let log_v = 3.0 * (c * x).ln_1p();
            // NaN where v would not be over 0.
            if self.inner_uniform().ln() < 0.5 * x * x + d - d * log_v.exp() + d * log_v {
                return d.ln() + log_v;
            }
        }
    }

    /// Gamma of a shape over 0 and rate 1, over 0.
    pub fn gamma(&mut self, shape: f64) -> f64 {
        self.log_gamma(shape).exp().max(LEAST)
    }

    /// Beta of two shapes over 0, between 0 and 1, neither of them included: X / (X + Y) of two Gamma numbers.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (x, y) = (self.log_gamma(a), self.log_gamma(b));
        (1.0 / (1.0 + (y - x).exp())).clamp(LEAST, MOST)
    }

    /// Dirichlet of shapes over 0: Gamma numbers, divided by their sum.
    pub fn dirichlet(&mut self, shapes: &[f64]) -> Vec<f64> {
        let logs: Vec<f64> = shapes.iter().map(|shape| self.log_gamma(*shape)).collect();
        let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let parts: Vec<f64> = logs.iter().map(|log| (log - most).exp()).collect();
        let sum: f64 = parts.iter().sum();
        parts.into_iter().map(|part| (part / sum).clamp(LEAST, 1.0)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Draws, Stream};

    const COUNT: usize = 20_000;

    /// √n times the largest distance between the share of numbers up to x and what a distribution says of it
    /// (Kolmogorov and Smirnov): over 1.95 once in a thousand times.
    fn distance(mut numbers: Vec<f64>, distribution: impl Fn(f64) -> f64) -> f64 {
        numbers.sort_by(f64::total_cmp);
        let count = numbers.len() as f64;
        let off = numbers.iter().enumerate().map(|(place, number)| {
            let want = distribution(*number);
            (want - place as f64 / count).abs().max((place as f64 + 1.0) / count - want)
        });
        off.fold(0.0, f64::max) * count.sqrt()
    }

    fn numbers(name: &str, draw: impl Fn(&mut Draws) -> f64) -> Vec<f64> {
        let mut draws = Stream::new(5, name).at(1, 2, 0, 0);
        (0..COUNT).map(|_| draw(&mut draws)).collect()
    }

    fn check(name: &str, draw: impl Fn(&mut Draws) -> f64, distribution: impl Fn(f64) -> f64) {
        let off = distance(numbers(name, draw), distribution);
        assert!(off < 1.95, "{name}: {off}");
    }

    /// The error function to 1.5e-7 (Abramowitz and Stegun, 7.1.26).
    fn erf(x: f64) -> f64 {
        let t = 1.0 / (1.0 + 0.327_591_1 * x.abs());
        let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
        let sum = series.into_iter().fold(0.0, |sum, coefficient| (sum + coefficient) * t);
        (1.0 - sum * (-x * x).exp()).copysign(x)
    }

    #[test]
    fn numbers_follow_the_distributions_of_their_names() {
        check("uniform", Draws::inner_uniform, |x| x);
        check("exponential", Draws::exponential, |x| 1.0 - (-x).exp());
        check("gumbel", Draws::gumbel, |x| (-(-x).exp()).exp());
        check("gamma 1", |draws| draws.gamma(1.0), |x| 1.0 - (-x).exp());
        check("gamma 3", |draws| draws.gamma(3.0), |x| 1.0 - (-x).exp() * (1.0 + x + 0.5 * x * x));
        // The square of a normal number is twice a Gamma number of shape ½.
        check("gamma ½", |draws| draws.gamma(0.5), |x| erf(x.sqrt()));
        check("normal", Draws::wide_normal, |x| 0.5 + 0.5 * erf(x / std::f64::consts::SQRT_2));
        check("beta 1, 1", |draws| draws.beta(1.0, 1.0), |x| x);
        check("beta 2, 1", |draws| draws.beta(2.0, 1.0), |x| x * x);
        check("beta 1, 5", |draws| draws.beta(1.0, 5.0), |x| 1.0 - (1.0 - x).powi(5));
        check("beta ½, ½", |draws| draws.beta(0.5, 0.5), |x| x.sqrt().asin() / std::f64::consts::FRAC_PI_2);
        // A part of a Dirichlet is Beta of its shape and of those of all others.
        check("dirichlet", |draws| draws.dirichlet(&[2.0, 0.25, 0.75])[0], |x| x * x);
    }

    #[test]
    fn shapes_of_any_size_give_numbers_that_float32_has() {
        for shape in [1e-30, 1e-3, 0.1, 1e9] {
            for number in numbers("ends", |draws| draws.beta(shape, shape)) {
                assert!(number as f32 > 0.0 && (number as f32) < 1.0, "{shape}: {number}");
            }
            assert!(numbers("small", |draws| draws.gamma(shape)).iter().all(|number| *number as f32 > 0.0));
        }
        let parts = Stream::new(5, "parts").at(0, 0, 0, 0).dirichlet(&[1e-30, 1e-30, 1e-30]);
        assert!((parts.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{parts:?}");
    }
}
