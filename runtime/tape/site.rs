//! Where in a script an operation was called. The tape is told by whoever runs scripts.

use std::{cell::RefCell, fmt, rc::Rc};

/// A line of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The file.
    pub file: Rc<str>,
    /// Counted from 1.
    pub line: usize,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Says which line of a script is running; none outside of scripts.
pub type Locator = Rc<dyn Fn() -> Option<Site>>;

thread_local! {
    static LOCATOR: RefCell<Option<Locator>> = const { RefCell::new(None) };
}

/// From now on asks `locator` where an operation that is recorded was called. Returns the one before.
pub fn locate_by(locator: Option<Locator>) -> Option<Locator> {
    LOCATOR.replace(locator)
}

pub(super) fn here() -> Option<Site> {
    let locator = LOCATOR.with_borrow(Clone::clone)?;
    locator()
}
