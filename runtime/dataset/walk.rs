//! Where a named set is in its shuffled order, and what keys its draws.

use crate::{data::Order, rng::Stream};

/// A set's name, the seed, and its order.
pub struct Walk {
    pub name: String,
    pub seed: u64,
    pub order: Order,
}

impl Walk {
    pub fn new(name: &str, seed: u64, len: usize) -> Self {
        Self { name: name.into(), seed, order: Order::new(len, Stream::new(seed, &format!("{name}.order"))) }
    }

    /// The stream of the random numbers of items that are drawn in its order.
    pub fn items(&self) -> Stream {
        Stream::new(self.seed, &format!("{}.items", self.name))
    }
}
