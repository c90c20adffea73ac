//! Starting a run from the state of another one.

use std::{
    path::{Path, PathBuf},
    rc::Rc,
};

use super::{
    Course, FirstVersion, open_folder, shown,
    taken::{Taken, of_run},
};
use crate::{
    Error,
    lua::{ScriptError, api::Api},
    run::{
        Checkpoints, Origin, Outcome, Place, Sources, Version,
        path_text::{self, to_text},
    },
    session::{
        State, Takeover,
        checkpoint::{self, About},
        versions,
    },
    training::{
        settings::Settings,
        supervision::{Forked, describe, merged},
        workshop::Workshop,
    },
};

/// How a run is forked.
pub struct Fork {
    /// The other run's folder.
    pub run: PathBuf,
    /// Another script; the other run's own, as it was at the state, if there is none.
    pub script: Option<PathBuf>,
    /// The newest state of a step up to this one.
    pub step: Option<u64>,
    /// Values for options, besides those that the other run was given if its script is kept.
    pub set: Vec<(String, String)>,
    /// Where the new run's folder goes, and what does not change what it computes.
    pub settings: Settings,
}

/// Starts a run from the state of another one.
pub fn fork(api: &Rc<Api>, fork: &Fork) -> Result<Outcome, ScriptError> {
    let run = fork.run.as_path();
    let wrong = |error: Error| of_run(run, error);
    fork.settings.place.iter().try_for_each(Place::check).map_err(wrong)?;
    let taken = Taken::read(run, &fork.settings.device, fork.step.unwrap_or(u64::MAX)).map_err(wrong)?;
    let (old, _) = taken.course().map_err(wrong)?;
    let mut settings = taken.settings(&fork.settings);
    let (sources, old_set) = match &fork.script {
        Some(script) => {
            settings.script = script.clone();
            settings.modules.extend(fork.settings.modules.iter().cloned());
            (Sources::disk(), Vec::new())
        }
        None => (Sources::recorded(old.files), old.set),
    };
    let set = merged(&old_set, &fork.set);
    settings.set = set.clone();
    let workshop = Workshop::new(api, &settings);
    taken.messages.iter().for_each(|message| workshop.say(message));
    let Some((state, _)) = taken.state else {
        let steps = saved_steps(run);
        let what = match fork.step {
            Some(step) => format!("no whole checkpoint of a step up to {step}, but of {steps}"),
            None => "no whole checkpoint yet".to_owned(),
        };
        return Err(ScriptError::usage(shown(run), format!("fork: the run has {what}")));
    };
    let origin = Origin { run: to_text(run), step: state.counters.step };
    Branch { workshop, sources, set, state, origin, forked: None }.train()
}

/// The steps that a run has checkpoints of, in words.
fn saved_steps(run: &Path) -> String {
    Checkpoints::below(run.join("checkpoints")).list()
}

/// A run that is about to start from a state.
pub struct Branch {
    /// Where its versions are made.
    pub workshop: Workshop,
    /// The files of its script.
    pub sources: Sources,
    /// Values for its options.
    pub set: Vec<(String, String)>,
    /// The state.
    pub state: State,
    /// Whose it is.
    pub origin: Origin,
    /// Where it begins, if it is a fork of a live run.
    pub forked: Option<Forked>,
}

impl Branch {
    /// Trains it to its end.
    ///
    /// # Errors
    /// It cannot be begun, or has no step left to do; as a training.
    pub fn train(self) -> Result<Outcome, ScriptError> {
        let Self { workshop, sources, set, state, origin, forked } = self;
        let (step, moment) = (state.counters.step, state.counters.moment());
        let version = Version { number: 0, step, rewinds: moment.rewinds, set, files: Vec::new() };
        let live = workshop.build(version, sources, Some(state.clone()), None)?;
        let from = path_text::shown(&origin.run);
        let planned = live.context.session.borrow().planned();
        if (1..=step).contains(&planned) {
            let own = if forked.is_none() { saved_steps(&path_text::from_text(&origin.run)) } else { String::new() };
            let earlier = if own.is_empty() { own } else { format!(", or --step starts earlier (checkpoints: {own})") };
            let reason = format!(
                "fork: the state is that after step {step}, and there are {planned} steps: none is left to do; \
                 --set steps=… (or epochs=…, where the script has that) trains longer{earlier}"
            );
            return Err(ScriptError::usage(from, reason));
        }
        open_folder(&workshop.settings, &live, Some(origin))?;
        let about = About { version: 0, options: live.script.options(), versions: versions(), ..About::default() };
        if let Some(folder) = live.context.session.borrow().output().folder() {
            // What it begins with stays for ever: it cannot be made again from the seed.
            Checkpoints::below(folder.path().join("origin")).write(step, &checkpoint::encode(&state, &about)?()?)?;
        }
        let takeovers = live.context.session.borrow().takeovers();
        let summary = describe(&takeovers, Takeover::summary);
        let kept = if summary.is_empty() { ", everything kept" } else { "" };
        let lines: String = summary.iter().map(|line| format!("\n    {line}")).collect();
        workshop.say(&format!("forked from {from} after step {step}{kept}{lines}"));
        let first = FirstVersion::Recorded(describe(&takeovers, Takeover::describe));
        Course { first, forked, ..Course::default() }.train(workshop, live)
    }
}
