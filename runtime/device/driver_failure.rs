//! An API whose driver failed.

use std::fmt;

use super::api::Api;

/// An API whose driver failed while adapters were looked for, which then has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriverFailure {
    /// What was looked through.
    pub api: Api,
    /// What the driver, or wgpu about it, said.
    pub reason: String,
}

impl fmt::Display for DriverFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "looking through {} failed: {}", self.api, self.reason)
    }
}
