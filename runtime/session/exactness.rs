//! How a session's convolutions are computed on the CPU.

use super::Session;
use crate::tensor::Exactness;

impl Session {
    /// How convolutions of this session are to be computed, in its setup, its training and its evaluations; fast unless
    /// it was set. Whoever runs these puts them into [`Exactness::within`].
    pub fn exactness(&self) -> Exactness {
        self.exactness
    }

    /// Sets it.
    pub fn set_exactness(&mut self, exactness: Exactness) {
        self.exactness = exactness;
    }
}
