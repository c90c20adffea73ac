//! What came of a run, or of a check.

use std::{path::PathBuf, time::Duration};

use serde_json::Map;

use super::{Logged, Metrics};
use crate::Result;

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// What was logged, thinned for a long run. [`Outcome::logged`] has every value.
    pub metrics: Metrics,
    /// What `evaluate` returned after the training; before it under `untrained`. The timing under `timing`.
    pub results: Map<String, serde_json::Value>,
    /// The run's folder.
    pub folder: Option<PathBuf>,
    /// How often the parameters were updated.
    pub updates: u64,
    /// Whether the user stopped it.
    pub interrupted: bool,
    /// How far a check has tried `evaluate`; none for a run, and for a script without one.
    pub evaluation: Option<TriedEvaluation>,
}

impl Outcome {
    /// Every value that was logged, by name. Those of a long run come from its folder's file, where a value that was
    /// not finite reads as NaN.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn logged(&self) -> Result<Vec<(String, Vec<f64>)>> {
        let values = |series: &[(u64, f64)]| series.iter().map(|(_, value)| *value).collect::<Vec<_>>();
        match self.folder.as_ref().filter(|_| !self.metrics.is_exact()) {
            None => {
                let names = self.metrics.names();
                Ok(names.map(|name| (name.to_owned(), values(self.metrics.series(name)))).collect())
            }
            Some(folder) => {
                let logged = Logged::read(&folder.join("metrics.jsonl"))?;
                Ok(logged.names().map(|name| (name.to_owned(), values(logged.series(name)))).collect())
            }
        }
    }
}

/// How far a check has tried a script's `evaluate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriedEvaluation {
    /// To its end.
    Whole,
    /// For so long, without a mistake until then.
    Partly(Duration),
}
