//! What came of a run, or of a check.

use std::{path::PathBuf, time::Duration};

use serde_json::Map;

use crate::run::Metrics;

/// What came of a run.
#[derive(Debug)]
pub struct Outcome {
    /// Everything that was logged.
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

/// How far a check has tried a script's `evaluate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriedEvaluation {
    /// To its end.
    Whole,
    /// For so long, without a mistake until then.
    Partly(Duration),
}
