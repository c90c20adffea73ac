//! Whether operations are recorded, and whether a backward pass is on its way.

use std::cell::Cell;

use crate::scoped;

thread_local! {
    static RECORDING: Cell<bool> = const { Cell::new(true) };
    static PASSES: Cell<usize> = const { Cell::new(0) };
}

/// Whether operations are recorded for a backward pass.
pub fn is_recording() -> bool {
    RECORDING.get()
}

/// Runs `body` with operations recorded, or not. Scopes nest, and a panic restores the outer one.
pub fn recording<T>(records: bool, body: impl FnOnce() -> T) -> T {
    scoped::within(&RECORDING, records, body)
}

/// Whether a backward pass is on its way: it has called a hook, or the gradient of an operation of a script.
pub fn is_passing() -> bool {
    PASSES.get() > 0
}

/// Runs a backward pass. Passes nest.
pub(super) fn passing<T>(pass: impl FnOnce() -> T) -> T {
    struct Passed;
    impl Drop for Passed {
        fn drop(&mut self) {
            PASSES.set(PASSES.get() - 1);
        }
    }
    PASSES.set(PASSES.get() + 1);
    let _passed = Passed;
    pass()
}
