//! Counted randomness: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
//! A number is a function of its key and its counter alone, so it is the same in any batch split, on any
//! number of threads, before and after a resume. This module owns the layout of key and counter; it must
//! never hold a state that outlives one [`Draws`].
//!
//! Everything a shader needs in order to draw the same bits, in 32-bit words:
//!
//! ```text
//! counter[0] = block        the n-th call of the generator, from 0; each call gives four words, in order
//! counter[1] = view << 16 | operation
//! counter[2] = sample       low word
//! counter[3] = step         low word
//! key[0]     = Stream::key()[0] ^ high word of step   * 0x9e3779b9
//! key[1]     = Stream::key()[1] ^ high word of sample * 0x85ebca6b
//! ```
//!
//! Both factors are odd, so the high words change the key one to one: within a stream no two different
//! (step, sample, view, operation) share a key and a counter, for the whole range of the arguments. Below 2^32
//! the key is the stream's own.

const MULTIPLIERS: [u32; 2] = [0xd251_1f53, 0xcd9e_8d57];
const KEY_INCREMENTS: [u32; 2] = [0x9e37_79b9, 0xbb67_ae85];
const HIGH_FACTORS: [u32; 2] = [0x9e37_79b9, 0x85eb_ca6b];
const ROUNDS: usize = 10;

/// The view and operation number under which [`Stream::permutation`] draws; no other caller uses them.
const PERMUTATION: u16 = u16::MAX;

/// A named sequence of random numbers. Two names, or two seeds, give unrelated numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
}

impl Stream {
    /// The stream of a name under a seed.
    pub fn new(seed: u64, name: &str) -> Self {
        let named = name.bytes().fold(FNV_OFFSET, |hash, byte| fnv(hash, u64::from(byte)));
        let [low, high] = halves(finalize(finalize(seed).wrapping_add(named)));
        Self { key: [low, high] }
    }

    /// The two words of the key, for a shader that draws from this stream.
    pub fn key(&self) -> [u32; 2] {
        self.key
    }

    /// The draws of one operation on one view of one sample at one step.
    pub fn at(&self, step: u64, sample: u64, view: u16, operation: u16) -> Draws {
        let [step, step_high] = halves(step);
        let [sample, sample_high] = halves(sample);
        let [key0, key1] = self.key;
        let [factor0, factor1] = HIGH_FACTORS;
        let key = [key0 ^ step_high.wrapping_mul(factor0), key1 ^ sample_high.wrapping_mul(factor1)];
        let place = u32::from(view) << 16 | u32::from(operation);
        Draws { key, counter: [0, place, sample, step], words: [0; 4], used: 4, spare: None }
    }

    /// A random order of `0..len` for an epoch: Fisher–Yates. `len` must be below 2^32.
    pub fn permutation(&self, epoch: u64, len: usize) -> Vec<u32> {
        let len = u32::try_from(len).expect("a permutation has fewer than 2^32 entries");
        let mut draws = self.at(epoch, 0, PERMUTATION, PERMUTATION);
        let mut order: Vec<u32> = (0..len).collect();
        for last in (1..len).rev() {
            order.swap(last as usize, draws.below(last + 1) as usize);
        }
        order
    }
}

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

const UNIT: f32 = 1.0 / (1 << 24) as f32;
/// One step of the hash of Fowler, Noll and Vo (FNV-1a).
pub(crate) fn fnv(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(FNV_PRIME)
}

/// Where that hash begins.
pub(crate) const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// Four random words of a counter under a key.
pub fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        let [low0, high0] = halves(u64::from(MULTIPLIERS[0]) * u64::from(counter[0]));
        let [low1, high1] = halves(u64::from(MULTIPLIERS[1]) * u64::from(counter[2]));
        counter = [high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0];
        key = [key[0].wrapping_add(KEY_INCREMENTS[0]), key[1].wrapping_add(KEY_INCREMENTS[1])];
    }
    counter
}

/// The low and the high word.
fn halves(x: u64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

/// SplitMix64's finalizer (Steele, Lea and Flood, 2014): every output bit depends on every input bit.
fn finalize(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn mean_and_variance(numbers: &[f64]) -> (f64, f64) {
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        (mean, numbers.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / numbers.len() as f64)
    }

    #[test]
    fn philox_gives_the_known_answers_of_random123() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
        assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
        assert_eq!(
            philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
        );
    }

    #[test]
    fn the_counter_is_laid_out_as_documented() {
        let stream = Stream::new(7, "views");
        let mut draws = stream.at(11, 22, 3, 4);
        let expected = [0, 1].map(|block| philox([block, 3 << 16 | 4, 22, 11], stream.key()));
        assert_eq!([0; 8].map(|_| draws.bits()), [expected[0], expected[1]].concat()[..]);
    }

    #[test]
    fn a_stream_keeps_its_key_between_versions() {
        assert_eq!(Stream::new(7, "views").key(), [0x6da59e26, 0xd95e7f6d]);
    }

    #[test]
    fn different_places_never_share_numbers() {
        let stream = Stream::new(1, "places");
        let far = [0, 1, u64::from(u32::MAX), 1 << 32, u64::MAX];
        let near = [0, 1, u16::MAX];
        let mut seen = HashSet::new();
        for step in far {
            for sample in far {
                for view in near {
                    for operation in near {
                        let mut draws = stream.at(step, sample, view, operation);
                        assert!(seen.insert([0; 4].map(|_| draws.bits())), "{step} {sample} {view} {operation}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_name_or_a_seed_of_its_own_gives_a_key_of_its_own() {
        let names = ["", "a", "b", "ab", "ba", "order"];
        let keys: HashSet<_> = names.iter().flat_map(|name| (0..9).map(|seed| Stream::new(seed, name).key())).collect();
        assert_eq!(keys.len(), names.len() * 9);
    }

    #[test]
    fn the_order_of_asking_does_not_matter() {
        let stream = Stream::new(5, "order");
        let draw = |sample| stream.at(0, sample, 0, 0).uniform();
        let forwards: Vec<f32> = (0..32).map(draw).collect();
        let mut backwards: Vec<f32> = (0..32).rev().map(draw).collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
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

    #[test]
    fn a_permutation_holds_every_index_once_and_changes_with_the_epoch() {
        let stream = Stream::new(3, "shuffle");
        let first = stream.permutation(0, 1000);
        let mut sorted = first.clone();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..1000));
        assert_ne!(first, stream.permutation(1, 1000));
        assert_eq!(first, stream.permutation(0, 1000));
        assert!(stream.permutation(0, 0).is_empty());
    }

    #[test]
    fn every_order_of_three_is_about_equally_likely() {
        let stream = Stream::new(3, "orders");
        let mut counts = std::collections::HashMap::new();
        for epoch in 0..12_000 {
            *counts.entry(stream.permutation(epoch, 3)).or_insert(0) += 1;
        }
        assert!(counts.len() == 6 && counts.values().all(|count| (1800..2200).contains(count)), "{counts:?}");
    }
}
