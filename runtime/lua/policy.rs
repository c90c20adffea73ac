//! What a script says of its checkpoints, and of what is to be done about a loss that is not finite: the tables
//! `checkpoint` and `recover` that it may return beside its functions.

use mlua::{Lua, Value};

use super::{
    ScriptError,
    api::{Api, Argument, Docs, mismatch, options},
    object::named,
    script::Script,
};
use crate::{
    Error, Result,
    error::nearest,
    run::{Every, Keep, Metrics},
};

/// Checkpoints from before an edit that are kept beside the last few.
const KEPT_EDITS: usize = 2;

/// Which of two values of a metric is the better one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// The lower.
    #[default]
    Min,
    /// The higher.
    Max,
}

impl std::str::FromStr for Mode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "min" => Ok(Self::Min),
            "max" => Ok(Self::Max),
            _ => Err(Error::unknown("checkpoint", "mode", text, ["min", "max"])),
        }
    }
}

named! {
    Mode, "\"min\"|\"max\"";
}

impl Argument for Every {
    fn kind(_: &mut Docs) -> String {
        "integer|string".into()
    }

    fn from_value(value: Value, _: &Lua, _: &str, name: &str) -> Result<Self> {
        match &value {
            Value::Integer(steps) => steps.to_string().parse(),
            Value::String(text) => text.to_string_lossy().parse(),
            other => Err(mismatch("checkpoint", name, "steps such as 100, a time such as \"5m\", or \"never\"", other)),
        }
    }
}

options! {
    /// A script's table `checkpoint`: when its run's state is written, and which states are kept.
    CheckpointOptions("CheckpointOptions") {
        /// Steps (100) or a time ("30s", "5m", "1h") from one checkpoint to the next, or "never"; the end, a Ctrl-C and an
        /// edit write one in any case. "1m" by default.
        every: Option<Every> = None;
        /// How many of the last ones are kept.
        keep: usize = 3;
        /// A logged metric whose best checkpoint is kept as well, such as "loss".
        best: Option<String> = None;
        /// Whether the lowest or the highest value of it is the best.
        mode: Mode = Mode::Min;
    }
    /// A script's table `recover`: what is done about a loss, a gradient or an embedding that is not finite. Without it the
    /// run stops.
    RecoverOptions("RecoverOptions") {
        /// So many steps the training goes back, to a state in memory. Left out, the run stops.
        rewind: Option<usize> = None;
        /// What learning rates are multiplied by, each time.
        lr: f64 = 0.5;
        /// How often that may happen.
        times: usize = 3;
        /// What the states in memory may take, in MiB. With little room there are fewer, and it goes back further.
        memory: usize = 512;
    }
}

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
        let lua = script.lua();
        let checkpoint = script.table("checkpoint")?;
        let checkpoint = CheckpointOptions::from_value(checkpoint, lua, "checkpoint", "checkpoint");
        let checkpoint = checkpoint.map_err(|error| script.failure(error))?;
        let recover = RecoverOptions::from_value(script.table("recover")?, lua, "recover", "recover");
        let recover = recover.and_then(check).map_err(|error| script.failure(error))?;
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

    /// What is to be told of the metric that the best checkpoint goes by, where nothing has logged it by a step; `evaluated`
    /// are the names that `evaluate` returns, as far as they are known.
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

fn check(options: RecoverOptions) -> Result<RecoverOptions> {
    if options.lr.is_finite() && options.lr > 0.0 {
        return Ok(options);
    }
    Err(Error::argument("recover", "lr", "a number over 0", options.lr))
}

/// Documents the two tables.
pub fn declare(api: &mut Api) {
    api.table::<CheckpointOptions>();
    api.table::<RecoverOptions>();
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
