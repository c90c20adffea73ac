//! Runs what an experiment consists of: its setup, its loop (the plain one or the script's own), its evaluation. When,
//! how often and by which version is decided elsewhere.

use mlua::{MultiValue, Value};
use serde_json::Map;

use super::{
    ScriptError,
    api::value_name,
    boundary,
    context::Context,
    cost,
    leaving::{Flow, Leave, Left},
    order::objects,
    overrides,
    script::Script,
    vm,
};
use crate::{
    Error, Result, Tensor,
    guard::guard,
    session::Session,
    tensor::{Exactness, Precision, autocast, autocast_modules},
};

/// Named values that an evaluation returned.
pub type Results = Map<String, serde_json::Value>;

/// Plans the steps, sets the precision and how convolutions are computed, and calls the script's `setup`, which computes in float32.
pub fn setup(script: &Script, context: &Context) -> Result<(), ScriptError> {
    match script.options().get("steps").map(|steps| (steps.as_u64(), steps.to_string())) {
        None => {}
        Some((Some(steps), _)) if steps > 0 => context.session.borrow_mut().plan(steps),
        Some((_, got)) => {
            let error = Error::argument("options", "steps", "a positive integer", got);
            return Err(script.option_failure("steps", error));
        }
    }
    note_batch(script, context);
    let precision = precision(script).and_then(|precision| context.session.borrow_mut().set_precision(precision));
    precision.map_err(|error| script.option_failure("precision", error))?;
    let exactness = exactness(script).map_err(|error| script.option_failure("convolution", error))?;
    context.session.borrow_mut().set_exactness(exactness);
    // Modules that are made, and an evaluation before the first step, compile most of the kernels.
    context.session.borrow().announce_first_use();
    let returned = exactness.within(|| autocast(Precision::Float32, || script.call("setup", None)));
    let returned = freed(returned, script, context)?;
    cost::collect(script.lua());
    // Nothing leaves a setup to begin it anew.
    if returned.is_break() { Err(Leave::Anew.into()) } else { Ok(()) }
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

/// The option `convolution`, which a script need not have.
fn exactness(script: &Script) -> Result<Exactness> {
    match script.options().get("convolution") {
        None => Ok(Exactness::Fast),
        Some(serde_json::Value::String(name)) => name.parse(),
        Some(other) => Err(Error::argument("options", "convolution", "\"fast\" or \"exact\"", other)),
    }
}

/// Trains by the script's own loop, or by the plain one, until the training is over or the loop is left.
///
/// # Errors
/// The loop fails, or was broken off.
pub fn train(script: &Script, context: &Context) -> Result<Flow, ScriptError> {
    vm::key_random_of_loop(script.lua(), context.seed)?;
    let (precision, exactness) = (context.session.borrow().precision(), context.session.borrow().exactness());
    let body = || match script.has("train") {
        true => script.call("train", None).map(|flow| flow.map_continue(drop)),
        false => plain_loop(script, context),
    };
    let outcome = exactness.within(|| autocast_modules(precision, body));
    match outcome {
        // The last step of a loop that ended early still has its values.
        Ok(Flow::Continue(())) => {
            context.session.borrow_mut().finish_step()?;
            Ok(Flow::Continue(()))
        }
        Ok(left) => Ok(left),
        failed => freed(failed, script, context).map_err(|error| advised(error, script)),
    }
}

/// After a function ran out of memory, what it held is garbage. This gives what Burn keeps of it back to the device,
/// for whatever comes next.
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
fn plain_loop(script: &Script, context: &Context) -> Result<Flow, ScriptError> {
    context.session.borrow().check_plan().map_err(|error| script.failed_in("episode", error))?;
    loop {
        match boundary::next_step(script.lua(), context, script.state())? {
            Flow::Continue(Some(_)) => {}
            Flow::Continue(None) => return Ok(Flow::Continue(())),
            Flow::Break(left) => return Ok(Flow::Break(left)),
        }
        let Flow::Continue(returned) = script.call("episode", None)? else { return Ok(Flow::Break(Left)) };
        let episode = returned.into_iter().next().unwrap_or_default();
        if episode.is_nil() {
            let error = Error::State { op: "episode", reason: "the function returned nothing".into() };
            return Err(script.failed_in("episode", error));
        }
        let compute = || -> Result<Flow<Tensor>, ScriptError> {
            let Flow::Continue(returned) = script.call("loss", Some(episode.clone()))? else {
                return Ok(Flow::Break(Left));
            };
            scalar(&returned).map(Flow::Continue).map_err(|error| script.failed_in("loss", error))
        };
        if context.session.borrow().needs_function() {
            if update_by(&compute, script, context)?.is_break() {
                return Ok(Flow::Break(Left));
            }
            continue;
        }
        let Flow::Continue(loss) = compute()? else { return Ok(Flow::Break(Left)) };
        drop(episode);
        let update = cost::counted(|| guard("update", || Session::update_shared(&context.session, Some(&loss), None)));
        update.map_err(|error| script.failed_in("loss", error))?;
        drop(loss);
    }
}

/// An update that computes its loss more than once.
fn update_by(
    compute: &dyn Fn() -> Result<Flow<Tensor>, ScriptError>,
    script: &Script,
    context: &Context,
) -> Result<Flow<()>, ScriptError> {
    // What the update is told only ends it.
    let mut left = None;
    let mut loss = || {
        let (ended, loss) = match compute() {
            Ok(Flow::Continue(loss)) => return Ok(loss),
            Ok(Flow::Break(_)) => (Ok(Flow::Break(Left)), Error::Interrupted),
            Err(error) => (Err(error), Error::Interrupted),
        };
        left = Some(ended);
        Err(loss)
    };
    let update = cost::counted(|| guard("update", || Session::update_by(&context.session, &mut loss, None)));
    match left {
        Some(ended) => ended,
        None => update.map(|_| Flow::Continue(())).map_err(|error| script.failed_in("loss", error)),
    }
}

/// The loss that a script returned.
fn scalar(returned: &MultiValue) -> Result<Tensor> {
    let value = returned.front().cloned().unwrap_or_default();
    let tensor = match &value {
        Value::UserData(data) => objects::borrow::<Tensor>(data).ok().map(|tensor| tensor.clone()),
        _ => None,
    };
    match tensor {
        Some(tensor) if tensor.len() == 1 => Ok(tensor),
        Some(tensor) => {
            Err(Error::Shape { op: "loss".into(), want: "must be a scalar".into(), got: tensor.shape().to_vec() })
        }
        None => Err(Error::argument("loss", "the returned value", "a scalar tensor", value_name(&value))),
    }
}

/// Named numbers from the script's `evaluate`, which computes in float32 whatever the training does; none without such
/// a function.
///
/// # Errors
/// It fails, was broken off, or returns something else.
pub fn evaluate(script: &Script, context: &Context) -> Result<Option<Results>, ScriptError> {
    match try_evaluate(script, context)? {
        Flow::Continue(results) => Ok(results),
        // Nothing leaves an evaluation that is not only tried.
        Flow::Break(_) => Err(Leave::Anew.into()),
    }
}

/// As [`evaluate`], for an evaluation that is only tried: it is left after the limit.
///
/// # Errors
/// As [`evaluate`].
pub fn try_evaluate(script: &Script, context: &Context) -> Result<Flow<Option<Results>>, ScriptError> {
    if !script.has("evaluate") {
        return Ok(Flow::Continue(None));
    }
    vm::key_random_of_evaluation(script.lua(), context.seed, context.session.borrow().counters().step)?;
    context.session.borrow_mut().take_up_draws();
    let exactness = context.session.borrow().exactness();
    let body = || exactness.within(|| autocast(Precision::Float32, || script.call("evaluate", None)));
    let returned = context.evaluating(body);
    let Flow::Continue(returned) = freed(returned, script, context)? else { return Ok(Flow::Break(Left)) };
    cost::collect(script.lua());
    match returned.front() {
        Some(Value::Table(table)) => Ok(Flow::Continue(Some(overrides::to_json(table)))),
        None | Some(Value::Nil) => Ok(Flow::Continue(None)),
        Some(other) => {
            let error =
                Error::argument("evaluate", "the returned value", "a table of named numbers", value_name(other));
            Err(script.failed_in("evaluate", error))
        }
    }
}
