//! Starting a run from the state of another one.

use std::{
    path::{Path, PathBuf},
    rc::Rc,
};

use super::{
    Beginning, Course, open_folder, shown,
    taken::{Taken, of_run},
};
use crate::{
    Error,
    lua::{
        ScriptError,
        api::Api,
        outcome::Outcome,
        settings::Settings,
        sources::Sources,
        supervision::{Supervision, describe, merged},
    },
    run::{
        Checkpoints, Origin, Place, ProgressKind, Version,
        path_text::{self, to_text},
    },
    session::{
        Match, State,
        checkpoint::{self, About},
        versions,
    },
};

/// Forks of forks that may train at once: each has a VM on the stack of the one before.
const DEPTH: u64 = 4;

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

/// Starts a run from the last boundary of a live one, in this process, and trains it to its end.
pub(in crate::lua) fn fork_live(
    supervision: &Supervision,
    script: Option<PathBuf>,
    set: Vec<(String, String)>,
    out: Option<PathBuf>,
) -> Result<Outcome, ScriptError> {
    let refused = |reason: String| Err(Error::State { op: "fork", reason }.into());
    if supervision.depth() >= DEPTH {
        return refused(format!("forks of forks are {DEPTH} deep at most"));
    }
    let live = supervision.live();
    let parent = live.context.session.borrow().output().folder().map(|folder| folder.path().to_owned());
    let Some(state) = supervision.boundary() else {
        return refused("the training has not begun".into());
    };
    if supervision.forked_at() == Some(state.counters.step) {
        let step = state.counters.step + 1;
        return refused(format!("this run was itself forked in step {step}; let an option say which of the two forks"));
    }
    let (sources, own_set) = match script {
        Some(_) => (Sources::disk(), Vec::new()),
        None => (Sources::recorded(live.sources.files()), live.version.set.clone()),
    };
    let set = merged(&own_set, &set);
    let own = supervision.settings();
    let place = match (out, &parent) {
        (Some(out), _) => Some(Place::Exactly(out)),
        (None, Some(parent)) => Some(Place::Under(parent.parent().unwrap_or(Path::new("")).to_owned())),
        (None, None) => None,
    };
    place.iter().try_for_each(Place::check)?;
    let settings = Settings {
        script: script.unwrap_or_else(|| own.script.clone()),
        set: set.clone(),
        place,
        watch: false,
        terminal: false,
        progress: ProgressKind::Silent,
        ..own.clone()
    };
    let origin = Origin { run: parent.map_or_else(String::new, |parent| to_text(&parent)), step: state.counters.step };
    let beginning = Beginning::new(&settings);
    let depth = supervision.depth() + 1;
    Branch { settings, beginning, sources, set, state, origin, depth }.train(&supervision.api())
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
    let beginning = Beginning::new(&settings);
    taken.messages.iter().for_each(|message| beginning.say(message));
    let Some((state, _)) = taken.state else {
        let steps = saved_steps(run);
        let what = match fork.step {
            Some(step) => format!("no whole checkpoint of a step up to {step}, but of {steps}"),
            None => "no whole checkpoint yet".to_owned(),
        };
        return Err(ScriptError::usage(shown(run), format!("fork: the run has {what}")));
    };
    let origin = Origin { run: to_text(run), step: state.counters.step };
    Branch { settings, beginning, sources, set, state, origin, depth: 0 }.train(api)
}

/// The steps that a run has checkpoints of, in words.
fn saved_steps(run: &Path) -> String {
    Checkpoints::below(run.join("checkpoints")).list()
}

/// A run that is about to start from a state.
struct Branch {
    settings: Settings,
    beginning: Beginning,
    sources: Sources,
    set: Vec<(String, String)>,
    state: State,
    origin: Origin,
    /// How many live runs it is a fork of.
    depth: u64,
}

impl Branch {
    fn train(self, api: &Rc<Api>) -> Result<Outcome, ScriptError> {
        let Self { settings, beginning, sources, set, state, origin, depth } = self;
        let (step, rewinds) = (state.counters.step, state.counters.rewinds);
        let version = Version { number: 0, step, rewinds, set, files: Vec::new() };
        let live = beginning.build(api, version, sources, Some(state.clone()))?;
        let from = path_text::shown(&origin.run);
        let planned = live.context.session.borrow().planned();
        if (1..=step).contains(&planned) {
            let own = if depth == 0 { saved_steps(&path_text::from_text(&origin.run)) } else { String::new() };
            let earlier = if own.is_empty() { own } else { format!(", or --step starts earlier (checkpoints: {own})") };
            let reason = format!(
                "fork: the state is that after step {step}, and there are {planned} steps: none is left to do; \
                 --set steps=… (or epochs=…, where the script has that) trains longer{earlier}"
            );
            return Err(ScriptError::usage(from, reason));
        }
        open_folder(&settings, &live, Some(origin))?;
        let about = About { version: 0, options: live.script.options(), versions: versions(), ..About::default() };
        if let Some(folder) = live.context.session.borrow().output().folder() {
            // What it begins with stays for ever: it cannot be made again from the seed.
            Checkpoints::below(folder.path().join("origin")).write(step, &checkpoint::encode(&state, &about)?()?)?;
        }
        let matches = live.context.session.borrow().matches();
        let summary = describe(&matches, Match::summary);
        let kept = if summary.is_empty() { ", everything kept" } else { "" };
        let lines: String = summary.iter().map(|line| format!("\n    {line}")).collect();
        beginning.say(&format!("forked from {from} after step {step}{kept}{lines}"));
        let report = describe(&matches, Match::describe);
        beginning.train(
            api,
            live,
            Course { records_first: true, report, fork: (depth > 0).then_some((step, depth)), ..Course::default() },
        )
    }
}
