//! Why a head cannot be fitted on its support rows.

/// What λ or C must be for a fit. An error of its own, since the core's does not cross threads.
#[derive(Debug)]
pub(super) struct Unfit(pub String);
