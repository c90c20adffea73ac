//! What a layer is told where its own values begin.

use crate::{Device, rng::Stream};

/// The beginning of a layer's own values: its path, and which of them are new. What came from a copy or from a state is
/// not.
pub struct Beginning<'a> {
    pub(super) path: &'a str,
    pub(super) seed: u64,
    /// Where its tensors live.
    pub device: &'a Device,
    pub(super) new: Vec<&'a str>,
}

impl Beginning<'_> {
    /// Whether a parameter or a buffer has just got its first value.
    pub fn is_new(&self, name: &str) -> bool {
        self.new.contains(&name)
    }

    /// What keys the draws of a name.
    pub fn stream(&self, name: &str) -> Stream {
        Stream::new(self.seed, &format!("{}.{name}", self.path))
    }
}
