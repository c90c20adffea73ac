//! Whether the functions of a script are being left, and by which error: no `pcall` may stop that, and whatever a handler
//! makes of the error, it is that one. Why they are left is decided elsewhere.

use std::cell::{Cell, RefCell};

use crate::Error;

/// The leaving of one VM's functions.
#[derive(Default)]
pub struct Leaving {
    reason: RefCell<Option<Error>>,
    /// Whether a function was broken off because the user asked to stop, which nothing undoes.
    broken_off: Cell<bool>,
}

impl Leaving {
    /// Leaves them by an error, which is given back to be raised.
    pub fn leave(&self, error: Error) -> Error {
        *self.reason.borrow_mut() = Some(again(&error));
        error
    }

    /// Notes that one is broken off because the user asked to stop.
    pub fn break_off(&self) {
        self.broken_off.set(true);
    }

    /// The error by which they are left.
    pub fn by(&self) -> Option<Error> {
        match self.broken_off.get() {
            true => Some(Error::Interrupted),
            false => self.reason.borrow().as_ref().map(again),
        }
    }

    /// Lets them be called again.
    pub fn end(&self) {
        *self.reason.borrow_mut() = None;
    }
}

/// The same error once more.
fn again(error: &Error) -> Error {
    match error {
        Error::State { op, reason } => Error::State { op, reason: reason.clone() },
        Error::Interrupted => Error::Interrupted,
        _ => Error::Restart,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_left_by_one_error_until_they_are_called_again() {
        let leaving = Leaving::default();
        assert!(leaving.by().is_none());
        let slow = || Error::State { op: "reload", reason: "took too long".into() };
        assert_eq!(leaving.leave(slow()).to_string(), slow().to_string());
        assert_eq!(leaving.by().map(|error| error.to_string()), Some(slow().to_string()));
        leaving.end();
        assert!(leaving.by().is_none());
    }

    #[test]
    fn who_asked_to_stop_is_not_made_to_go_on_by_an_edit() {
        let leaving = Leaving::default();
        leaving.break_off();
        leaving.leave(Error::Restart);
        leaving.end();
        assert!(matches!(leaving.by(), Some(Error::Interrupted)));
    }
}
