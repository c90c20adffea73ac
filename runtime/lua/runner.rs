//! Runs an experiment: setup, an evaluation of the untrained components, the loop (the plain one or the script's own),
//! the final evaluation. The loop is begun anew whenever another version of the script, or an older state, takes over.

use std::{
    rc::Rc,
    time::{Duration, Instant},
};

use mlua::{MultiValue, Value};
use serde_json::{Map, json};

use super::{
    ScriptError, api::value_name, boundary, context::Context, cost, outcome::Outcome, overrides, script::Script,
    supervision::Supervision, vm,
};
use crate::{
    Error, Result, Tensor,
    guard::guard,
    run::{Metrics, RunStatus},
    tensor::{Precision, autocast, autocast_modules},
};

/// How the time of a run was spent.
#[derive(Default)]
pub(super) struct Timing {
    pub training: Duration,
    pub core: Duration,
}

/// Trains under supervision to the end. `results` are those that are known already, of a run that is taken up again;
/// `is_new` says that nothing has been trained before, so that an evaluation shows the untrained components.
pub(super) fn run(
    supervision: &Rc<Supervision>,
    mut results: Map<String, serde_json::Value>,
    is_new: bool,
    evaluates: bool,
) -> Result<Outcome, ScriptError> {
    let (mut timing, mut is_whole) = (Timing::default(), false);
    let outcome = evaluate_untrained(supervision, &mut results, is_new).and_then(|()| {
        let trained = train_on(supervision, &mut timing);
        supervision.look_at_folder();
        // Before the last evaluation, which may take long or fail.
        let saved = supervision.save_at_end(trained.is_ok());
        let trained = match trained {
            Err(error) if saved.is_err() => Err(supervision.save_from_host(error)),
            trained => trained,
        };
        let live = supervision.live();
        let weights = live.context.session.borrow().save_weights().map_err(ScriptError::from);
        trained.and(weights)?;
        saved?;
        let interrupt = &live.context.interrupt;
        let is_trained = !interrupt.is_requested() || live.context.session.borrow().is_done();
        let skips = interrupt.is_requested() && live.script.has("evaluate");
        if evaluates
            && !skips
            && let Some(after) = supervision.during_script(|| evaluate(&live.script, &live.context))?
        {
            results.extend(after);
        }
        supervision.tell_of_late_edits();
        is_whole = is_trained && !(evaluates && skips);
        Ok(())
    });
    supervision.look_at_folder();
    let outcome = outcome.and(supervision.save_into_new_folder().map_err(ScriptError::from));
    let live = supervision.live();
    let unwritten = supervision.end();
    let outcome = match unwritten {
        Some(error) if outcome.is_ok() => Err(error),
        _ => outcome,
    };
    // Who asked too late to miss anything has a whole run.
    let interrupted = !is_whole && live.context.interrupt.is_requested();
    close(&live.context, outcome, interrupted, results, &timing)
}

fn evaluate_untrained(
    supervision: &Supervision,
    results: &mut Map<String, serde_json::Value>,
    is_new: bool,
) -> Result<(), ScriptError> {
    let live = supervision.live();
    if !is_new || results.contains_key("untrained") {
        return Ok(());
    }
    // Whether there is an evaluation, and what it draws, makes no difference to what is trained.
    let before = live.context.session.borrow().snapshot();
    let evaluated = supervision.during_script(|| evaluate(&live.script, &live.context))?;
    live.go_back(before)?;
    if let Some(before) = evaluated {
        results.insert("untrained".into(), before.into());
        supervision.look_at_folder();
        live.context.session.borrow_mut().output_mut().add_results(results)?;
    }
    Ok(())
}

/// Trains until the training is over, whichever version does it.
fn train_on(supervision: &Rc<Supervision>, timing: &mut Timing) -> Result<(), ScriptError> {
    loop {
        let live = supervision.live();
        supervision.enter();
        let (started, core) = (Instant::now(), cost::core_time());
        let outcome = supervision.during_script(|| train(&live.script, &live.context));
        timing.training += started.elapsed();
        timing.core += cost::core_time() - core;
        match outcome {
            Ok(()) => return Ok(()),
            Err(error) if error.is_restart() => supervision.begin_anew()?,
            Err(error) => {
                let goes_on = supervision.fall_back(&error)?
                    || (error.is_not_finite() && supervision.take_back(&error)?)
                    || supervision.wait_for_edit(&error)?;
                if !goes_on {
                    return Err(error);
                }
            }
        }
    }
}

/// Plans the steps, sets the precision, and calls the script's `setup`, which computes in float32.
pub(super) fn setup(script: &Script, context: &Context) -> Result<(), ScriptError> {
    match script.options().get("steps").map(|steps| (steps.as_u64(), steps.to_string())) {
        None => {}
        Some((Some(steps), _)) if steps > 0 => context.session.borrow_mut().plan(steps),
        Some((_, got)) => return Err(script.failure(Error::argument("options", "steps", "a positive integer", got))),
    }
    note_batch(script, context);
    let precision = precision(script).and_then(|precision| context.session.borrow_mut().set_precision(precision));
    precision.map_err(|error| script.failure(error))?;
    // Modules that are made, and an evaluation before the first step, compile most of the kernels.
    context.session.borrow().announce_first_use();
    freed(autocast(Precision::Float32, || script.call("setup", None)), script, context)?;
    cost::collect(script.lua());
    Ok(())
}

/// Notes the option `batch`, which a script need not have; what a check has noted before holds.
fn note_batch(script: &Script, context: &Context) {
    if let Some(batch) = script.integer_option("batch").and_then(|n| n.try_into().ok()) {
        context.session.borrow_mut().note_batch(batch, batch);
    }
}

/// The option `precision`, which a script need not have.
fn precision(script: &Script) -> Result<Precision> {
    match script.options().get("precision") {
        None => Ok(Precision::Float32),
        Some(serde_json::Value::String(name)) => name.parse(),
        Some(other) => Err(Error::argument("options", "precision", "\"float32\", \"float16\" or \"bfloat16\"", other)),
    }
}

/// Trains by the script's own loop, or by the plain one.
pub(super) fn train(script: &Script, context: &Context) -> Result<(), ScriptError> {
    vm::key_random_of_loop(script.lua(), context.seed)?;
    let precision = context.session.borrow().precision();
    let outcome = autocast_modules(precision, || match script.has("train") {
        true => script.call("train", None).map(drop),
        false => plain_loop(script, context),
    });
    match outcome {
        // The last step of a loop that was left early still has its values.
        Ok(()) => context.session.borrow_mut().finish_step().map_err(ScriptError::from),
        failed => freed(failed, script, context).map_err(|error| advised(error, script)),
    }
}

/// What a function held that ran out of memory is garbage now; what Burn keeps of it goes back to the device, for whatever
/// comes next.
fn freed<T>(outcome: Result<T, ScriptError>, script: &Script, context: &Context) -> Result<T, ScriptError> {
    outcome.inspect_err(|error| {
        if error.is_out_of_memory() {
            context.free_memory(script.lua());
        }
    })
}

/// A step without memory may fit with fewer at a time.
fn advised(error: ScriptError, script: &Script) -> ScriptError {
    if !error.is_out_of_memory() {
        return error;
    }
    match script.options().get("batch").and_then(serde_json::Value::as_u64) {
        Some(batch) if batch > 1 => error.advising(&format!("try a smaller batch than {batch}, such as {}", batch / 2)),
        _ => error,
    }
}

/// Episode, loss, backward, optimizer, log.
fn plain_loop(script: &Script, context: &Context) -> Result<(), ScriptError> {
    context.session.borrow().check_plan().map_err(|error| script.failed_in("episode", error))?;
    loop {
        let Some(_) = boundary::next_step(script.lua(), context, script.state())? else { return Ok(()) };
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

/// Named numbers from the script's `evaluate`, which computes in float32 whatever the training does.
pub(super) fn evaluate(
    script: &Script,
    context: &Context,
) -> Result<Option<Map<String, serde_json::Value>>, ScriptError> {
    if !script.has("evaluate") {
        return Ok(None);
    }
    vm::key_random_of_evaluation(script.lua(), context.seed, context.session.borrow().counters().step)?;
    context.session.borrow_mut().take_up_draws();
    let returned = context.evaluating(|| autocast(Precision::Float32, || script.call("evaluate", None)));
    let returned = freed(returned, script, context)?;
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

/// Ends a training: results, files and how it ended. `interrupted` says that the user stopped it, and it lacks something.
pub(super) fn close(
    context: &Context,
    outcome: Result<(), ScriptError>,
    interrupted: bool,
    mut results: Map<String, serde_json::Value>,
    timing: &Timing,
) -> Result<Outcome, ScriptError> {
    let training = timing.training.as_secs_f64();
    let share = if training > 0.0 { 1.0 - timing.core.as_secs_f64() / training } else { 0.0 };
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
