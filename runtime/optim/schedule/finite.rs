//! What every number of a schedule must be.

use crate::{Error, Result};

/// An error that names the first value that is not finite.
pub(super) fn check_finite<const N: usize>(op: &str, values: [(&str, f64); N]) -> Result<()> {
    match values.into_iter().find(|(_, value)| !value.is_finite()) {
        Some((name, value)) => Err(Error::argument(op, name, "finite", value)),
        None => Ok(()),
    }
}
