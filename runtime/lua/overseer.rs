//! Those who look after a training, as its script's VM knows them: three questions that go up, and the only ones.

use std::path::PathBuf;

use super::leaving::Flow;
use crate::{Result, run::Outcome};

/// Those who look after a training between its steps.
pub trait Overseer {
    /// Does what is due between two steps. `ended` is what came of writing down the last one. Says whether the loop
    /// goes on, or is left.
    ///
    /// # Errors
    /// A device failed; what the journal has for this step cannot be repeated.
    fn between_steps(&self, ended: Result<()>) -> Result<Flow>;

    /// Whether the running step has taken so long that it may never end, and something waits that may mend that.
    fn is_stuck(&self) -> bool;

    /// Trains a second run from the last boundary between steps to its end, here and now.
    ///
    /// # Errors
    /// It cannot be begun, or fails.
    fn fork(&self, order: ForkOrder) -> Result<Outcome>;
}

/// A second run that a script asks for.
pub struct ForkOrder {
    /// Its script: the run's own, as it is now, if there is none.
    pub script: Option<PathBuf>,
    /// Values for its options.
    pub set: Vec<(String, String)>,
    /// Its folder: one beside the run's if there is none.
    pub out: Option<PathBuf>,
}
