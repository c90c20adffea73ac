//! What a watch reports.

use std::{path::PathBuf, time::Instant};

/// Files that have been saved, all at once or nearly so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Save {
    /// When the first of the changes was seen.
    pub at: Instant,
    /// The files that differ from what was last reported or loaded, or that have gone.
    pub paths: Vec<PathBuf>,
}
