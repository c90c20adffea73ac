//! The kind of failure that an error is, for those who decide by it.

use super::leaving::Leave;
use crate::Error;

/// What kind of failure it is, where somebody goes by that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// The script is wrong.
    #[default]
    Script,
    /// The command line is.
    Usage,
    /// The user asked to stop.
    Interrupt,
    /// A loss, a gradient or an embedding is not finite.
    NotFinite,
    /// The device, or the budget for tensors, has no room left.
    OutOfMemory,
}

impl Cause {
    /// Of a core error.
    pub fn of(error: &Error) -> Self {
        match error.root() {
            Error::Interrupted => Self::Interrupt,
            Error::NotFinite { .. } => Self::NotFinite,
            Error::OutOfMemory { .. } | Error::OverBudget { .. } | Error::NoRoom { .. } => Self::OutOfMemory,
            _ => Self::Script,
        }
    }
}

impl From<&Leave> for Cause {
    fn from(why: &Leave) -> Self {
        if *why == Leave::Interrupted { Self::Interrupt } else { Self::Script }
    }
}
