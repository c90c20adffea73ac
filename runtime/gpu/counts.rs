//! What launches cost: how often the calling thread asked the device for what takes time.

use std::cell::Cell;

/// Counted since the thread began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Kernels of our own that were handed over.
    pub launches: u64,
    /// Times that some of them were submitted, Burn's operations before them included.
    pub submissions: u64,
    /// Error scopes around them.
    pub scopes: u64,
    /// Buffers that were made for them, beside their tensors.
    pub buffers: u64,
    /// Tensors that were copied since a kernel could not take them as they lay.
    pub copies: u64,
}

impl std::ops::Sub for Counts {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            launches: self.launches - before.launches,
            submissions: self.submissions - before.submissions,
            scopes: self.scopes - before.scopes,
            buffers: self.buffers - before.buffers,
            copies: self.copies - before.copies,
        }
    }
}

thread_local! {
    static COUNTS: Cell<Counts> = const {
        Cell::new(Counts { launches: 0, submissions: 0, scopes: 0, buffers: 0, copies: 0 })
    };
}

/// What the calling thread's launches have cost so far.
pub fn counts() -> Counts {
    COUNTS.get()
}

pub(super) fn count(add: impl FnOnce(&mut Counts)) {
    let mut counts = COUNTS.get();
    add(&mut counts);
    COUNTS.set(counts);
}
