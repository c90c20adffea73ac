//! A setting of the calling thread that holds while something runs.

use std::{cell::Cell, thread::LocalKey};

/// Runs `body` with another value of a setting. Scopes nest, and a panic restores the outer one.
pub fn within<V, T>(setting: &'static LocalKey<Cell<V>>, value: V, body: impl FnOnce() -> T) -> T {
    struct Restore<V: 'static>(&'static LocalKey<Cell<V>>, Option<V>);
    impl<V> Drop for Restore<V> {
        fn drop(&mut self) {
            if let Some(outer) = self.1.take() {
                self.0.set(outer);
            }
        }
    }
    let _restore = Restore(setting, Some(setting.replace(value)));
    body()
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static SETTING: Cell<u8> = const { Cell::new(0) };
    }

    #[test]
    fn scopes_nest_and_a_panic_restores_the_outer_one() {
        let now = || SETTING.get();
        let seen = within(&SETTING, 1, || {
            let inner = within(&SETTING, 2, now);
            let caught = std::panic::catch_unwind(|| within(&SETTING, 3, || panic!("out of cheese")));
            assert!(caught.is_err());
            (inner, now())
        });
        assert_eq!((seen, now()), ((2, 1), 0));
    }
}
