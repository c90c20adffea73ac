//! Whether operations are recorded.

use std::cell::Cell;

thread_local! {
    static RECORDING: Cell<bool> = const { Cell::new(true) };
}

/// Whether operations are recorded for a backward pass.
pub fn is_recording() -> bool {
    RECORDING.get()
}

/// Runs `body` with operations recorded, or not. Scopes nest, and a panic restores the outer one.
pub fn recording<T>(records: bool, body: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            RECORDING.set(self.0);
        }
    }
    let _restore = Restore(RECORDING.replace(records));
    body()
}
