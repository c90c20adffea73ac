//! The no-gradient scope.

use std::cell::Cell;

thread_local! {
    static GRAD_ENABLED: Cell<bool> = const { Cell::new(true) };
}

/// Whether operations are recorded for a backward pass.
pub fn is_grad_enabled() -> bool {
    GRAD_ENABLED.get()
}

/// Runs `body` without recording: what it computes has no tape. Scopes nest, and a panic restores the outer one.
pub fn no_grad<T>(body: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            GRAD_ENABLED.set(self.0);
        }
    }
    let _restore = Restore(GRAD_ENABLED.replace(false));
    body()
}
