//! How much the tapes of the calling thread hold.

use std::cell::Cell;

/// What the tapes of a thread hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Operations that can still be reached from a value.
    pub operations: usize,
    /// Bytes of values that they keep for their gradients. A value that several keep counts once.
    pub bytes: usize,
}

thread_local! {
    static COUNTS: Cell<Counts> = const { Cell::new(Counts { operations: 0, bytes: 0 }) };
}

/// What the tapes of the calling thread hold.
pub fn counts() -> Counts {
    COUNTS.get()
}

pub(super) fn update(change: impl FnOnce(&mut Counts)) {
    // A value may be dropped while the thread's own storage is being torn down.
    let _ = COUNTS.try_with(|cell| {
        let mut counts = cell.get();
        change(&mut counts);
        cell.set(counts);
    });
}
