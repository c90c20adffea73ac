//! What a script says of its checkpoints, and of what is to be done about a loss that is not finite.

use crate::{
    error::nearest,
    lua::{CheckpointOptions, Mode, RecoverOptions, Script, ScriptError, policy},
    run::{Keep, Metrics},
};

/// Checkpoints from before an edit that are kept beside the last few.
const KEPT_EDITS: usize = 2;

/// What a script says.
pub struct Policy {
    /// Of checkpoints.
    pub checkpoint: CheckpointOptions,
    /// Of a loss that is not finite.
    pub recover: RecoverOptions,
}

impl Policy {
    /// Reads the script's tables.
    ///
    /// # Errors
    /// An option that does not exist, or a value that makes no sense.
    pub fn read(script: &Script) -> Result<Self, ScriptError> {
        let (checkpoint, recover) = policy::read(script)?;
        Ok(Self { checkpoint, recover })
    }

    /// How many steps the training goes back; 0 where the run stops instead.
    pub fn rewind(&self) -> u64 {
        self.recover.rewind.unwrap_or(0) as u64
    }

    /// How many checkpoints are kept.
    pub fn keep(&self) -> Keep {
        Keep { last: self.checkpoint.keep, edits: KEPT_EDITS }
    }

    /// What to report about the metric of the best checkpoint, if nothing has logged it by a step. `evaluated` are the
    /// names that `evaluate` returns, as far as they are known.
    pub fn unlogged(&self, metrics: &Metrics, evaluated: &[&str], step: u64) -> Option<String> {
        let name = self.checkpoint.best.as_deref().filter(|name| metrics.last(name).is_none())?;
        let meant = match evaluated.contains(&name) {
            true => "; evaluate returns it, but only what session:log gets counts".to_owned(),
            false => nearest(name, &metrics.names().map(str::to_owned).collect::<Vec<_>>()),
        };
        Some(format!(
            "checkpoint: best: nothing has logged '{name}' by step {step}, so no checkpoint is kept as the best{meant}"
        ))
    }

    /// How good a value of the metric is, higher being better.
    pub fn merit(&self, value: f64) -> f64 {
        if self.checkpoint.mode == Mode::Min { -value } else { value }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(best: Option<&str>) -> Option<String> {
        let checkpoint = CheckpointOptions { best: best.map(str::to_owned), every: None, keep: 3, mode: Mode::Max };
        let policy = Policy { checkpoint, recover: RecoverOptions { rewind: None, lr: 0.5, times: 3, memory: 512 } };
        let mut metrics = Metrics::in_memory();
        metrics.log(20, &[("loss", 1.0), ("score", f64::NAN)]).unwrap();
        policy.unlogged(&metrics, &["knn_accuracy"], 40)
    }

    #[test]
    fn a_metric_that_nothing_logs_is_told_with_what_was_meant() {
        let start = |name: &str| {
            format!("checkpoint: best: nothing has logged '{name}' by step 40, so no checkpoint is kept as the best")
        };
        assert_eq!(told(Some("scoer")), Some(start("scoer") + "; did you mean 'score'?"));
        assert_eq!(told(Some("x")), Some(start("x") + "; there are: loss, score"));
        let want = start("knn_accuracy") + "; evaluate returns it, but only what session:log gets counts";
        assert_eq!(told(Some("knn_accuracy")), Some(want));
        assert_eq!((told(Some("score")), told(None)), (None, None));
    }
}
