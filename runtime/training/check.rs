//! A script that is only checked: one tiny step, and its `evaluate` on a few images.

use std::time::{Duration, Instant};

use serde_json::Map;

use super::{
    ending::{Timing, close},
    policy::Policy,
};
use crate::{
    lua::{
        Context, Flow, Results, Script, ScriptError,
        experiment::{self, setup, train},
    },
    run::{Outcome, TriedEvaluation},
};

/// How long a check tries a script's `evaluate` at most, which may have a loop of its own over many tasks.
const TRIED: Duration = Duration::from_secs(5);

/// What a larger option `batch` becomes: the first of these numbers that no file of the script writes out in a call of
/// `next` or `steps`. By this number a check recognises a batch that stands for the real one.
const BATCHES: [i64; 3] = [4, 3, 2];

/// Makes the option `batch` small, if the script has one, and notes what it was.
pub(super) fn limit_batch(script: &Script, context: &Context) -> Result<(), ScriptError> {
    let files = script.files();
    let is_written = |batch: i64| {
        files.iter().any(|file| {
            let text: String = String::from_utf8_lossy(&file.bytes).split_whitespace().collect();
            ["next", "steps"].iter().any(|method| text.contains(&format!(":{method}({batch})")))
        })
    };
    let small = BATCHES.into_iter().find(|batch| !is_written(*batch)).unwrap_or(BATCHES[0]);
    if let Some(batch) = script.integer_option("batch").filter(|batch| *batch > small) {
        script.limit_option("batch", small)?;
        context.session.borrow_mut().note_batch(batch as usize, small as usize);
    }
    Ok(())
}

/// Builds the components, and names them with their kinds.
pub(super) fn components(script: &Script, context: &Context) -> Result<Vec<(String, &'static str)>, ScriptError> {
    context.session.borrow_mut().begin_setup();
    setup(script, context)?;
    let session = context.session.borrow();
    Ok(session.components().iter().map(|(name, component)| (name.to_owned(), component.kind())).collect())
}

/// Builds, does one tiny step, and tries `evaluate` on a few images.
pub(super) fn check(script: &Script, context: &Context) -> Result<Outcome, ScriptError> {
    let policy = Policy::read(script)?;
    context.session.borrow_mut().begin_setup();
    setup(script, context)?;
    let plain = script.plain().map_err(|error| script.failed_in("setup", error))?;
    context.session.borrow_mut().finish_setup(plain)?;
    let (started, before) = (Instant::now(), context.session.borrow().snapshot());
    let outcome = train(script, context);
    let timing = Timing { training: started.elapsed(), ..Timing::default() };
    let updates = context.session.borrow().counters().updates;
    let tried = outcome.and_then(|_| match context.interrupt.is_requested() || !script.has("evaluate") {
        true => Ok(None),
        false => {
            // A run evaluates the untrained components first. A step of so few images may leave nothing to evaluate.
            context.session.borrow_mut().go_back(before)?;
            script.fill_plain(&context.session.borrow().plain().clone())?;
            try_evaluation(script, context).map(Some)
        }
    });
    let (outcome, tried) = match tried {
        Ok(tried) => (Ok(()), tried),
        Err(error) => (Err(error), None),
    };
    let (evaluation, evaluated) = tried.unzip();
    if outcome.is_ok() {
        note_unlogged(&policy, context, evaluated.unwrap_or_default());
    }
    close(context, outcome, context.interrupt.is_requested(), Map::new(), &timing).map(|outcome| Outcome {
        evaluation,
        updates,
        ..outcome
    })
}

/// Builds, and does one step.
pub(super) fn step(script: &Script, context: &Context) -> Result<(), ScriptError> {
    context.session.borrow_mut().begin_setup();
    setup(script, context)?;
    let plain = script.plain().map_err(|error| script.failed_in("setup", error))?;
    context.session.borrow_mut().finish_setup(plain)?;
    train(script, context).map(|_| ())
}

/// A step that comes later may log the metric that the best checkpoint goes by: the check goes on to `ok`.
fn note_unlogged(policy: &Policy, context: &Context, evaluated: Results) {
    let names: Vec<&str> = evaluated.keys().map(String::as_str).collect();
    let session = context.session.borrow();
    if let Some(text) = policy.unlogged(session.output().metrics(), &names, 1) {
        session.output().progress().note(&text);
    }
}

/// How far it came, and what it returned.
fn try_evaluation(script: &Script, context: &Context) -> Result<(TriedEvaluation, Results), ScriptError> {
    match context.trying(TRIED, || experiment::try_evaluate(script, context))? {
        Flow::Continue(results) => Ok((TriedEvaluation::Whole, results.unwrap_or_default())),
        Flow::Break(_) => {
            context.enter();
            Ok((TriedEvaluation::Partly(TRIED), Map::new()))
        }
    }
}
