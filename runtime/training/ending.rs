//! The end of a training or a check: results, files, and how it ended.

use std::time::Duration;

use serde_json::json;

use crate::{
    lua::{Context, Results, ScriptError},
    run::{Metrics, Outcome, RunStatus},
};

/// How the time of a run was spent.
#[derive(Default)]
pub struct Timing {
    pub training: Duration,
    pub core: Duration,
}

/// Ends a training: results, files and how it ended. `interrupted` says that the user stopped it, and it lacks
/// something.
pub fn close(
    context: &Context,
    outcome: Result<(), ScriptError>,
    interrupted: bool,
    mut results: Results,
    timing: &Timing,
) -> Result<Outcome, ScriptError> {
    let training = timing.training.as_secs_f64();
    let share = if training > 0.0 { (1.0 - timing.core.as_secs_f64() / training).max(0.0) } else { 0.0 };
    results.insert(
        "timing".into(),
        json!({
            "seconds_to_first_step": context.session.borrow().output().to_first_step().as_secs_f64(),
            "training_seconds": training,
            "share_in_lua_and_bindings": share,
        }),
    );
    let status = match &outcome {
        Err(error) if !error.is_interrupt() => RunStatus::Failed { error: error.to_string() },
        _ if interrupted => RunStatus::Interrupted,
        _ => RunStatus::Finished,
    };
    let mut session = context.session.borrow_mut();
    let closed = session.close(results.clone(), status);
    let folder = session.output().folder().map(|folder| folder.path().to_owned());
    match outcome {
        Err(error) if !error.is_interrupt() => {
            if let Err(unsaved) = closed {
                session.output().progress().message(&unsaved.to_string());
            }
            return Err(error);
        }
        _ => closed?,
    }
    let metrics = std::mem::replace(session.output_mut().metrics_mut(), Metrics::in_memory());
    Ok(Outcome { metrics, results, folder, updates: session.counters().updates, interrupted, evaluation: None })
}
