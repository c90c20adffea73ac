//! Named streams: from a seed, a name and a place to the draws that lie there.

use super::{
    Draws,
    hash::{FNV_OFFSET, finalize, fnv},
    philox::halves,
};

const HIGH_FACTORS: [u32; 2] = [0x9e37_79b9, 0x85eb_ca6b];

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

    /// A stream of its own for each number, unrelated to this one and to each other.
    pub fn part(&self, number: u64) -> Self {
        let [low, high] = self.key.map(u64::from);
        let [low, high] = halves(finalize(finalize(low | high << 32).wrapping_add(number)));
        Self { key: [low, high] }
    }

    /// The draws of one operation on one view of one sample at one step.
    pub fn at(&self, step: u64, sample: u64, view: u16, operation: u16) -> Draws {
        let [step, step_high] = halves(step);
        let [sample, sample_high] = halves(sample);
        let [key0, key1] = self.key;
        let [factor0, factor1] = HIGH_FACTORS;
        let key = [key0 ^ step_high.wrapping_mul(factor0), key1 ^ sample_high.wrapping_mul(factor1)];
        let place = u32::from(view) << 16 | u32::from(operation);
        Draws::new(key, [0, place, sample, step])
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{super::philox::philox, *};

    #[test]
    fn the_counter_is_laid_out_as_documented() {
        let stream = Stream::new(7, "views");
        let mut draws = stream.at(11, 22, 3, 4);
        let expected = [0, 1].map(|block| philox([block, 3 << 16 | 4, 22, 11], stream.key));
        assert_eq!([0; 8].map(|_| draws.bits()), [expected[0], expected[1]].concat()[..]);
    }

    #[test]
    fn a_stream_keeps_its_key_between_versions() {
        assert_eq!(Stream::new(7, "views").key, [0x6da59e26, 0xd95e7f6d]);
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
        let keys: HashSet<_> = names.iter().flat_map(|name| (0..9).map(|seed| Stream::new(seed, name).key)).collect();
        assert_eq!(keys.len(), names.len() * 9);
    }

    #[test]
    fn parts_are_streams_of_their_own() {
        let streams = [Stream::new(7, "views"), Stream::new(8, "views")];
        let parts = streams.iter().flat_map(|stream| (0..100).map(|number| stream.part(number).key));
        let keys: HashSet<_> = parts.chain(streams.iter().map(|stream| stream.key)).collect();
        assert_eq!(keys.len(), 202);
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
