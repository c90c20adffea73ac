//! The random numbers at one place: uniform ones, choices, normal ones.

use super::philox::{halves, philox};

const UNIT: f32 = 1.0 / (1 << 24) as f32;

/// The random numbers at one place of a stream, in order.
#[derive(Clone, Debug)]
pub struct Draws {
    key: [u32; 2],
    counter: [u32; 4],
    words: [u32; 4],
    used: usize,
    spare: Option<f32>,
}

impl Draws {
    pub(super) fn new(key: [u32; 2], counter: [u32; 4]) -> Self {
        Self { key, counter, words: [0; 4], used: 4, spare: None }
    }

    /// 32 random bits.
    pub fn bits(&mut self) -> u32 {
        if self.used == self.words.len() {
            self.words = philox(self.counter, self.key);
            self.counter[0] = self.counter[0].wrapping_add(1);
            self.used = 0;
        }
        let word = self.words[self.used];
        self.used += 1;
        word
    }

    /// Uniform in `[0, 1)`: the top 24 bits of one word, every value exact in float32.
    pub fn uniform(&mut self) -> f32 {
        (self.bits() >> 8) as f32 * UNIT
    }

    /// Uniform between `low` and `high`: `low + (high - low) * uniform`.
    pub fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.uniform()
    }

    /// True with a probability; never for 0, always for 1.
    pub fn chance(&mut self, probability: f32) -> bool {
        self.uniform() < probability
    }

    /// Uniform in `0..n` without bias, 0 where `n` is 0 (Lemire, "Fast random integer generation in an
    /// interval", 2019). Takes one word, and another with probability below `n / 2^32`.
    pub fn below(&mut self, n: u32) -> u32 {
        let n = n.max(1);
        let rejected = n.wrapping_neg() % n;
        loop {
            let [low, high] = halves(u64::from(self.bits()) * u64::from(n));
            if low >= rejected {
                return high;
            }
        }
    }

    /// Brings `count` random ones of the items to the front, in random order (Fisher and Yates), and returns them.
    ///
    /// # Panics
    /// More are asked for than there are.
    pub fn choose<'a, T>(&mut self, items: &'a mut [T], count: usize) -> &'a [T] {
        for place in 0..count {
            let left = u32::try_from(items.len() - place).expect("fewer than 2^32 items");
            items.swap(place, place + self.below(left) as usize);
        }
        &items[..count]
    }

    /// Standard normal (Box–Muller): two words make two numbers, the cosine first.
    pub fn normal(&mut self) -> f32 {
        if let Some(sine) = self.spare.take() {
            return sine;
        }
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let (sine, cosine) = (std::f32::consts::TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sine);
        radius * cosine
    }
}

#[cfg(test)]
mod tests {
    use super::super::Stream;

    fn mean_and_variance(numbers: &[f64]) -> (f64, f64) {
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        (mean, numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / numbers.len() as f64)
    }

    #[test]
    fn uniform_numbers_have_the_moments_of_the_unit_interval() {
        let mut draws = Stream::new(1, "uniform").at(0, 0, 0, 0);
        let numbers: Vec<f64> = (0..100_000).map(|_| f64::from(draws.uniform())).collect();
        let (mean, variance) = mean_and_variance(&numbers);
        assert!((mean - 0.5).abs() < 0.005 && (variance - 1.0 / 12.0).abs() < 0.002, "{mean} {variance}");
        assert!(numbers.iter().all(|x| (0.0..1.0).contains(x)));
    }

    #[test]
    fn first_numbers_of_neighbouring_samples_are_independent() {
        let stream = Stream::new(1, "neighbours");
        let numbers: Vec<f64> = (0..100_000).map(|sample| f64::from(stream.at(0, sample, 0, 0).uniform())).collect();
        let (mean, variance) = mean_and_variance(&numbers);
        let products: Vec<f64> = numbers.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).collect();
        let correlation = mean_and_variance(&products).0 / variance;
        assert!((mean - 0.5).abs() < 0.005 && correlation.abs() < 0.02, "{mean} {correlation}");
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let mut draws = Stream::new(1, "normal").at(0, 0, 0, 0);
        let numbers: Vec<f64> = (0..100_000).map(|_| f64::from(draws.normal())).collect();
        let (mean, variance) = mean_and_variance(&numbers);
        let kurtosis = numbers.iter().map(|x| (x - mean).powi(4)).sum::<f64>() / 1e5 / variance.powi(2);
        assert!(mean.abs() < 0.015 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
        assert!((kurtosis - 3.0).abs() < 0.15, "{kurtosis}");
    }

    #[test]
    fn below_reaches_every_number_about_equally_often() {
        let mut draws = Stream::new(1, "below").at(0, 0, 0, 0);
        let mut counts = [0i32; 7];
        for _ in 0..70_000 {
            counts[draws.below(7) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (count - 10_000).abs() < 500), "{counts:?}");
        assert_eq!([draws.below(0), draws.below(1)], [0, 0]);
    }

    #[test]
    fn below_is_unbiased_where_a_remainder_would_not_be() {
        let n = 3 << 30;
        let mut draws = Stream::new(1, "bias").at(0, 0, 0, 0);
        let low = (0..30_000).filter(|_| draws.below(n) < n / 3).count();
        assert!((9_500..10_500).contains(&low), "{low} of 30000 in the lowest third");
    }

    #[test]
    fn a_chance_of_zero_never_comes_and_of_one_always() {
        let mut draws = Stream::new(1, "chance").at(0, 0, 0, 0);
        assert!((0..1000).all(|_| !draws.chance(0.0) && draws.chance(1.0)));
    }
}
