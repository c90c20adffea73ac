//! Runs an experiment: setup, an evaluation of the untrained components, the loop (the plain one or the script's own),
//! the final evaluation.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use mlua::{MultiValue, Value};
use serde_json::{Map, json};

use super::{
    ScriptError,
    api::value_name,
    context::Context,
    cost,
    engine::{Outcome, Settings},
    overrides,
    script::Script,
    vm,
};
use crate::{
    Error, Result, Tensor,
    guard::guard,
    run::{Metrics, Place, RunDescription, RunFolder, RunStatus},
    session::versions,
};

/// How the time of a run was spent.
#[derive(Default)]
struct Timing {
    training: Duration,
    core: Duration,
}

/// Runs a script to its end.
pub(super) fn run(script: &Script, context: &Context, settings: &Settings) -> Result<Outcome, ScriptError> {
    settings.place.iter().try_for_each(Place::check).map_err(|error| script.failure(error))?;
    setup(script, context)?;
    open_folder(script, context, settings)?;
    let mut results = Map::new();
    let mut timing = Timing::default();
    let outcome = evaluate(script).and_then(|before| {
        if let Some(before) = before {
            results.insert("untrained".into(), before.into());
        }
        let trained = train(script, context, &mut timing);
        // Before the last evaluation, which may take long or fail.
        context.session.borrow().save_weights().map_err(ScriptError::from).and(trained)?;
        if !context.interrupt.is_requested()
            && let Some(after) = evaluate(script)?
        {
            results.extend(after);
        }
        Ok(())
    });
    close(context, outcome, results, &timing)
}

/// Loads, builds and does one tiny step.
pub(super) fn check(script: &Script, context: &Context) -> Result<Outcome, ScriptError> {
    setup(script, context)?;
    let mut timing = Timing::default();
    let outcome = train(script, context, &mut timing);
    close(context, outcome, Map::new(), &timing)
}

fn setup(script: &Script, context: &Context) -> Result<(), ScriptError> {
    match script.options().get("steps").map(|steps| (steps.as_u64(), steps.to_string())) {
        None => {}
        Some((Some(steps), _)) if steps > 0 => context.session.borrow_mut().plan(steps),
        Some((_, got)) => return Err(script.failure(Error::argument("options", "steps", "a positive integer", got))),
    }
    script.call("setup", None)?;
    cost::collect(script.lua());
    Ok(())
}

fn open_folder(script: &Script, context: &Context, settings: &Settings) -> Result<(), ScriptError> {
    let Some(place) = settings.place.clone() else { return Ok(()) };
    let folder = RunFolder::create(
        place,
        RunDescription {
            script: settings.script.display().to_string(),
            command: settings.command.clone(),
            seed: settings.seed,
            options: script.options(),
            device: settings.device.name().into(),
            versions: versions(),
        },
    )?;
    let mut session = context.session.borrow_mut();
    session.progress().message(&format!("run folder: {}", folder.path().display()));
    session.attach(folder, &script.files(), settings.script.parent().unwrap_or(Path::new("")))?;
    Ok(())
}

/// Trains by the script's own loop, or by the plain one.
fn train(script: &Script, context: &Context, timing: &mut Timing) -> Result<(), ScriptError> {
    let (started, core) = (Instant::now(), cost::core_time());
    let outcome = if script.has("train") { script.call("train", None).map(drop) } else { plain_loop(script, context) };
    timing.training = started.elapsed();
    timing.core = cost::core_time() - core;
    match outcome {
        // The last step of a loop that was left early still has its values.
        Ok(()) => context.session.borrow_mut().finish_step().map_err(ScriptError::from),
        failed => failed,
    }
}

/// Episode, loss, backward, optimizer, log.
fn plain_loop(script: &Script, context: &Context) -> Result<(), ScriptError> {
    context.session.borrow().check_plan().map_err(|error| script.failed_in("episode", error))?;
    loop {
        let step = context.session.borrow_mut().next_step();
        let Some(step) = step? else { return Ok(()) };
        vm::key_random(script.lua(), context.seed, step)?;
        let episode = script.call("episode", None)?.into_iter().next().unwrap_or_default();
        if episode.is_nil() {
            let error = Error::State { op: "episode", reason: "the function returned nothing".into() };
            return Err(script.failed_in("episode", error));
        }
        let returned = script.call("loss", Some(episode))?;
        let loss = scalar(&returned).map_err(|error| script.failed_in("loss", error))?;
        drop(returned);
        let update = cost::counted(|| guard("update", || context.session.borrow_mut().update(&loss)));
        update.map_err(|error| script.failed_in("loss", error))?;
        drop(loss);
        cost::collect(script.lua());
    }
}

/// The loss that a script returned.
fn scalar(returned: &MultiValue) -> Result<Tensor> {
    let value = returned.front().cloned().unwrap_or_default();
    let tensor = match &value {
        Value::UserData(data) => data.borrow::<Tensor>().ok().map(|tensor| tensor.clone()),
        _ => None,
    };
    match tensor {
        Some(tensor) if tensor.len() == 1 => Ok(tensor),
        Some(tensor) => {
            let want = "the loss must be a scalar".into();
            Err(Error::Shape { op: "loss".into(), want, got: tensor.shape().to_vec() })
        }
        None => Err(Error::argument("loss", "the returned value", "a scalar tensor", value_name(&value))),
    }
}

/// Named numbers from the script's `evaluate`.
fn evaluate(script: &Script) -> Result<Option<Map<String, serde_json::Value>>, ScriptError> {
    if !script.has("evaluate") {
        return Ok(None);
    }
    let returned = script.call("evaluate", None)?;
    cost::collect(script.lua());
    match returned.front() {
        Some(Value::Table(table)) => Ok(Some(overrides::to_json(table))),
        None | Some(Value::Nil) => Ok(None),
        Some(other) => {
            let error =
                Error::argument("evaluate", "the returned value", "a table of named numbers", value_name(other));
            Err(script.failed_in("evaluate", error))
        }
    }
}

fn close(
    context: &Context,
    outcome: Result<(), ScriptError>,
    mut results: Map<String, serde_json::Value>,
    timing: &Timing,
) -> Result<Outcome, ScriptError> {
    let training = timing.training.as_secs_f64();
    let share = if training > 0.0 { 1.0 - timing.core.as_secs_f64() / training } else { 0.0 };
    results.insert(
        "timing".into(),
        json!({
            "seconds_to_first_step": context.session.borrow().to_first_step().as_secs_f64(),
            "training_seconds": training,
            "share_in_lua_and_bindings": share,
        }),
    );
    let interrupted = context.interrupt.is_requested();
    let status = match &outcome {
        Err(error) if !error.is_interrupt() => RunStatus::Failed { error: error.to_string() },
        _ if interrupted => RunStatus::Interrupted,
        _ => RunStatus::Finished,
    };
    let mut session = context.session.borrow_mut();
    let closed = session.close(results.clone(), status);
    let folder = session.folder().map(|folder| folder.path().to_owned());
    match outcome {
        Err(error) if !error.is_interrupt() => {
            if let Err(unsaved) = closed {
                session.progress().message(&unsaved.to_string());
            }
            return Err(error);
        }
        _ => closed?,
    }
    let metrics = std::mem::replace(session.metrics_mut(), Metrics::in_memory());
    Ok(Outcome { metrics, results, folder, updates: session.updates(), interrupted })
}
