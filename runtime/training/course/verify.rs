//! Doing the last steps of a run once more, in memory, and comparing every bit: proof that it can be taken up again.

use std::rc::Rc;

use super::{
    Course, Evaluations, Resume,
    resume::build_recorded,
    shown,
    taken::{Taken, of_run},
};
use crate::{
    Error,
    lua::{ScriptError, api::Api},
    run::{Logged, RunFolder, RunLock},
    session::State,
    tensor,
    training::{settings::Settings, supervision::Heirs, workshop::Workshop},
};

/// Does the last steps of a run once more and compares them.
pub fn verify(api: &Rc<Api>, resume: &Resume) -> Result<String, ScriptError> {
    let run = resume.run.as_path();
    let wrong = |error: Error| of_run(run, error);
    let device = &resume.settings.device;
    // While another process writes, what is read here would not fit together.
    RunFolder::read(run).map_err(wrong)?;
    let _lock = RunLock::acquire(run).map_err(wrong)?;
    let whole = Taken::read(run, device, u64::MAX).map_err(wrong)?;
    let end = whole.end(run);
    let last = end.step;
    // The newest state that has steps behind it, else the beginning.
    let earlier = Taken::read(run, device, last.saturating_sub(1)).map_err(wrong)?;
    let settings = earlier.settings(&resume.settings);
    let workshop = Workshop::new(api, &Settings { watch: false, terminal: false, place: None, ..settings });
    let from = earlier.state.as_ref().map_or(0, |(state, _)| state.counters.step);
    let (version, scheduled) = earlier.course().map_err(wrong)?;
    let live = build_recorded(&workshop, version, earlier.state.map(|(state, _)| state))?;
    let session = live.context.session.clone();
    session.borrow_mut().output_mut().metrics_mut().keep_all();
    workshop.say(&format!("{}: doing steps {} to {last} once more", shown(run), from + 1));
    let course = Course {
        heirs: Heirs { scheduled: scheduled.into(), ..Heirs::default() },
        evaluations: Evaluations { untrained: from == 0, skipped: true, ..Evaluations::default() },
        until: Some(end),
        ..Course::default()
    };
    let outcome = course.train(workshop, live)?;
    if outcome.interrupted {
        return Err(Error::Interrupted.into());
    }
    let differs = |reason: String| {
        let said = whole.record.not_repeatable.iter().map(|reason| format!("; as the run had said: {reason}"));
        ScriptError::at(shown(run), format!("verify: {reason}{}", said.collect::<String>()))
    };
    let logged = Logged::read(&run.join("metrics.jsonl")).map_err(wrong)?;
    let mut compared = 0;
    for name in logged.names() {
        for (step, old) in logged.series(name).iter().filter(|(step, _)| *step > from) {
            let new = outcome.metrics.series(name).iter().find(|(known, _)| known == step).map(|(_, value)| *value);
            if new.is_none_or(|new| new.to_bits() != old.to_bits() && (new.is_finite() || old.is_finite())) {
                let new = new.map_or("nothing".to_owned(), |new| new.to_string());
                return Err(differs(format!("{name} was {old} at step {step}, done once more it is {new}")));
            }
            compared += 1;
        }
    }
    let is_last = |state: &State| state.counters.step == last && session.borrow().counters().step == last;
    let mut with_state = "";
    if let Some((state, _)) = whole.state.as_ref().filter(|(state, _)| is_last(state)) {
        let named = |state: &State| state.tensors().into_iter().collect();
        if let Some(name) = tensor::first_difference(&named(state), &named(&session.borrow().state())).map_err(wrong)? {
            return Err(differs(format!("{name} of step {last} differs")));
        }
        let counters = [state, &session.borrow().state()].map(State::optimizer_counters);
        if let Some(name) =
            counters[0].keys().chain(counters[1].keys()).find(|name| counters[0].get(*name) != counters[1].get(*name))
        {
            return Err(differs(format!("{name} of step {last} differs")));
        }
        with_state = " and every tensor of the last checkpoint";
    }
    if compared == 0 && with_state.is_empty() {
        return Err(ScriptError::at(
            shown(run),
            "verify: there is nothing to compare: no step was logged after a checkpoint",
        ));
    }
    Ok(format!(
        "verified: steps {} to {last} done once more, {compared} logged values{with_state} equal bit for bit",
        from + 1
    ))
}
