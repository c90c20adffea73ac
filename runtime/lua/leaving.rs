//! Leaving the functions of a script from outside. It is control flow, not a failure: no `pcall` stops it, and no error
//! handler changes it. Why they are left is decided elsewhere.

use std::{
    cell::{Cell, RefCell},
    fmt,
    ops::ControlFlow,
};

use crate::Error;

/// The script's functions were left, to be begun anew: by another version, from another state, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left;

/// What a function of a script came to, unless it was left.
pub type Flow<T = ()> = ControlFlow<Left, T>;

/// Why they are left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leave {
    /// They are begun anew.
    Anew,
    /// The user asked to stop.
    Interrupted,
    /// What is tried takes too long, in words.
    TooLong { op: &'static str, reason: String },
}

impl fmt::Display for Leave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anew => f.write_str("the loop begins anew"),
            Self::Interrupted => Error::Interrupted.fmt(f),
            Self::TooLong { op, reason } => write!(f, "{op}: {reason}"),
        }
    }
}

/// The leaving of one VM's functions, and what else its calls and its protected calls tell each other.
#[derive(Default)]
pub struct Leaving {
    why: RefCell<Option<Leave>>,
    /// Whether a function was broken off because the user asked to stop, which nothing undoes.
    broken_off: Cell<bool>,
    /// Whether a call was refused for lack of memory, and nothing was freed since.
    lacks_memory: Cell<bool>,
}

impl Leaving {
    /// Leaves them. What is given back is to be raised.
    pub fn leave(&self, why: Leave) -> Leave {
        *self.why.borrow_mut() = Some(why.clone());
        why
    }

    /// Notes that one is broken off because the user asked to stop.
    pub fn break_off(&self) {
        self.broken_off.set(true);
    }

    /// Why they are being left, if they are.
    pub fn why(&self) -> Option<Leave> {
        match self.broken_off.get() {
            true => Some(Leave::Interrupted),
            false => self.why.borrow().clone(),
        }
    }

    /// Lets them be called again.
    pub fn end(&self) {
        *self.why.borrow_mut() = None;
    }

    /// Notes whether a call was refused for lack of memory, and nothing was freed since.
    pub fn set_lacks_memory(&self, lacks: bool) {
        self.lacks_memory.set(lacks);
    }

    /// Whether that is so.
    pub fn lacks_memory(&self) -> bool {
        self.lacks_memory.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_left_for_one_reason_until_they_are_called_again() {
        let leaving = Leaving::default();
        assert_eq!(leaving.why(), None);
        let slow = Leave::TooLong { op: "reload", reason: "took too long".into() };
        assert_eq!(leaving.leave(slow.clone()).to_string(), "reload: took too long");
        assert_eq!(leaving.why(), Some(slow));
        leaving.end();
        assert_eq!(leaving.why(), None);
    }

    #[test]
    fn who_asked_to_stop_is_not_made_to_go_on_by_an_edit() {
        let leaving = Leaving::default();
        leaving.break_off();
        leaving.leave(Leave::Anew);
        leaving.end();
        assert_eq!(leaving.why(), Some(Leave::Interrupted));
    }
}
