//! A training from its first step to its end: an evaluation of the untrained components, the loop, the final
//! evaluation. The loop is begun anew whenever another version of the script, or an older state, takes over.

use std::{rc::Rc, time::Instant};

use super::{
    ending::{Timing, close},
    live::Live,
    supervision::Supervision,
};
use crate::{
    lua::{Flow, Results, ScriptError, cost::core_time, experiment},
    run::Outcome,
};

/// What is evaluated besides orders.
#[derive(Default)]
pub struct Evaluations {
    /// Results that are known already, of a run that is taken up again.
    pub known: Results,
    /// Whether nothing has been trained yet, so that an evaluation shows the untrained components.
    pub untrained: bool,
    /// Whether there is none at the end.
    pub skipped: bool,
}

/// Trains under supervision to the end.
///
/// # Errors
/// Whatever the script does wrong; a file that cannot be written. What was trained until then has been saved.
pub fn run(supervision: &Rc<Supervision>, evaluations: Evaluations) -> Result<Outcome, ScriptError> {
    let Evaluations { known: mut results, untrained: is_new, skipped } = evaluations;
    let evaluates = !skipped;
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
            && let Some(after) = evaluate(supervision, &live)?
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

fn evaluate_untrained(supervision: &Supervision, results: &mut Results, is_new: bool) -> Result<(), ScriptError> {
    let live = supervision.live();
    if !is_new || results.contains_key("untrained") {
        return Ok(());
    }
    // Whether there is an evaluation, and what it draws, makes no difference to what is trained.
    let before = live.context.session.borrow().snapshot();
    let evaluated = evaluate(supervision, &live)?;
    live.go_back(before)?;
    if let Some(before) = evaluated {
        results.insert("untrained".into(), before.into());
        supervision.look_at_folder();
        live.context.session.borrow_mut().output_mut().add_results(results)?;
    }
    Ok(())
}

/// What the live version's `evaluate` returns.
fn evaluate(supervision: &Supervision, live: &Live) -> Result<Option<Results>, ScriptError> {
    supervision.during_script(|| experiment::evaluate(&live.script, &live.context))
}

/// Trains until the training is over, whichever version does it.
fn train_on(supervision: &Rc<Supervision>, timing: &mut Timing) -> Result<(), ScriptError> {
    loop {
        let live = supervision.live();
        supervision.enter();
        let (started, core) = (Instant::now(), core_time());
        let outcome = supervision.during_script(|| experiment::train(&live.script, &live.context));
        timing.training += started.elapsed();
        timing.core += core_time() - core;
        match outcome {
            Ok(Flow::Continue(())) => return Ok(()),
            Ok(Flow::Break(_)) => supervision.begin_anew()?,
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
