//! Panics of libraries below, turned into errors where the core or a script calls them.

pub(crate) mod failure;

use std::{
    any::Any,
    cell::Cell,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

use crate::{Error, Result};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `body`; a panic in it becomes `Error::Internal`, and prints nothing.
pub fn guard<T>(op: &str, body: impl FnOnce() -> Result<T>) -> Result<T> {
    install_hook();
    let outer = GUARDED.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(body));
    GUARDED.set(outer);
    result.unwrap_or_else(|panic| {
        let text = text(&*panic);
        let message = || text.lines().next().unwrap_or_default().to_owned();
        Err(failure::out_of_memory(text).unwrap_or_else(|| Error::Internal { op: op.into(), message: message() }))
    })
}

/// A panic hook that is silent inside [`guard`]. Everywhere else it calls the hook that was set before it.
fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                previous(info);
            }
        }));
    });
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_with_its_message() {
        let error = guard::<()>("matmul", || panic!("out of cheese {}", 1)).unwrap_err();
        assert_eq!(error.to_string(), "matmul: internal error: out of cheese 1");
    }
}
