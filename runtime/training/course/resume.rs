//! Taking a run up again where its newest checkpoint left it.

use std::{collections::BTreeMap, path::PathBuf, rc::Rc};

use super::{
    Course, Evaluations, InFolder,
    beginning::Alteration,
    shown,
    taken::{Taken, of_run},
};
use crate::{
    Error,
    files::regular,
    lua::{ScriptError, api::Api},
    run::{
        Before, Checkpoints, Event, Journal, Metrics, Outcome, RunFolder, RunLock, RunStatus, SourceFile, Sources,
        Version,
    },
    session::{State, Takeover, checkpoint},
    training::{
        live::Live,
        policy::Policy,
        settings::Settings,
        supervision::{Heirs, Recovery},
        workshop::Workshop,
    },
};

/// How a run is taken up again.
pub struct Resume {
    /// Its folder.
    pub run: PathBuf,
    /// What does not change what it computes: device, progress, interrupt, watching. The script, its options and the
    /// seed are the run's own.
    pub settings: Settings,
    /// Values for options, which count as an edit.
    pub set: Vec<(String, String)>,
    /// Whether the files on the disk count as an edit where they differ from the run's own.
    pub edited: bool,
}

/// Takes a run up again.
pub fn resume(api: &Rc<Api>, resume: &Resume) -> Result<Outcome, ScriptError> {
    let run = resume.run.as_path();
    let wrong = |error: Error| of_run(run, error);
    // First of all: another process that still writes would make everything read here wrong.
    RunFolder::read(run).map_err(wrong)?;
    let lock = RunLock::acquire(run).map_err(wrong)?;
    let taken = Taken::read(run, &resume.settings.device, u64::MAX).map_err(wrong)?;
    let changes = resume.edited || !resume.set.is_empty();
    if taken.record.status == RunStatus::Finished && !changes {
        let done = taken.state.as_ref().map_or(0, |(state, _)| state.counters.step);
        let reason = format!(
            "has finished, after {done} steps; --set steps=… (or epochs=…, where the script has that) trains it \
                 longer, here or in a fork"
        );
        return Err(ScriptError::usage(shown(run), reason));
    }
    let before_edit = taken.before_edit(run, &resume.settings.device);
    let settings = taken.settings(&resume.settings);
    let workshop = Workshop::new(api, &settings);
    taken.messages.iter().for_each(|message| workshop.say(message));
    let (version, scheduled) = taken.course().map_err(wrong)?;
    note_differences(&workshop, resume, &version.files);
    let step = taken.state.as_ref().map_or(0, |(state, _)| state.counters.step);
    let has_state = taken.state.is_some();
    let logged = taken.state.as_ref().and_then(|(_, about)| about.logged);
    let sources = taken.versions.iter().flat_map(|version| version.files.clone()).collect();
    let live = build_recorded(&workshop, version, taken.state.map(|(state, _)| state))?;
    if has_state {
        check_fit(&live.context.session.borrow().takeovers()).map_err(wrong)?;
    }
    let log = regular::read(&run.join("metrics.jsonl")).ok();
    let before = Before { record: taken.record, log };
    let mut folder = RunFolder::open(run, lock).map_err(wrong)?;
    if taken.completed {
        Journal::write(&folder.journal(), &taken.entries)?;
    }
    workshop.say(&match has_state {
        true => format!("{}: going on with step {}", shown(run), step + 1),
        false => format!("{}: no whole checkpoint, so it begins anew", shown(run)),
    });
    let metrics = match Metrics::continue_file(folder.metrics(), step) {
        Ok(metrics) => metrics,
        Err(error) => {
            folder.put_back(Before { log: None, ..before })?;
            return Err(error.into());
        }
    };
    let last = metrics.last_step().unwrap_or(0);
    let gap = logged.filter(|logged| last < *logged).map(|to| Event::Gap { from: last + 1, to });
    if let Some(Event::Gap { from, to }) = gap {
        workshop.say(&format!(
            "metrics.jsonl lacks what was logged of the steps {from} to {to}, which the checkpoint has: a power cut \
             or a full disk. The training goes on as if nothing had happened, and the journal notes it"
        ));
    }
    let (results, folder_checkpoints) = (folder.record().results.clone(), folder.checkpoints());
    live.context.session.borrow_mut().output_mut().attach(folder, metrics);
    let best = best_checkpoint(&folder_checkpoints, &live.policy);
    let events = std::iter::once(Event::Resume).chain(gap).collect();
    let known_results = results.into_iter().filter(|(name, _)| name == "untrained").collect();
    let course = Course {
        heirs: Heirs { scheduled: scheduled.into(), before_edit, ..Heirs::default() },
        recovery: Recovery::of_run_taken_up(),
        evaluations: Evaluations { known: known_results, untrained: step == 0, skipped: false },
        known: InFolder { best, events, sources, before: Some(before) },
        change: changes.then(|| Alteration { set: resume.set.clone(), edited: resume.edited }),
        ..Course::default()
    };
    course.train(workshop, live)
}

/// The step and the merit of the best checkpoint by the policy's metric; those by another metric do not count.
fn best_checkpoint(checkpoints: &Checkpoints, policy: &Policy) -> Option<(u64, f64)> {
    let metric = policy.checkpoint.best.as_ref()?;
    let merit = |step: u64| {
        let about = checkpoint::read_about(&checkpoints.read(step).ok()?)?;
        let (_, value) = about.best.filter(|(name, _)| name == metric)?;
        Some((step, policy.merit(value))).filter(|(_, merit)| !merit.is_nan())
    };
    checkpoints.steps().into_iter().filter_map(merit).max_by(|a, b| a.1.total_cmp(&b.1))
}

/// Reports files of the script on the disk that differ from the run's own.
fn note_differences(workshop: &Workshop, resume: &Resume, files: &[SourceFile]) {
    let differs = |file: &&SourceFile| regular::read(&file.path).ok().as_deref() != Some(&file.bytes);
    if let (false, Some(file)) = (resume.edited, files.iter().find(differs)) {
        let path = file.path.display();
        workshop.say(&format!(
            "{path} is another one now; the run goes on with its own copy (--edited, or the order reload, takes the \
                 new one)"
        ));
    }
}

/// Refuses a state that does not fit what the script's `setup` makes.
pub(super) fn check_fit(takeovers: &BTreeMap<String, Takeover>) -> crate::Result<()> {
    let differ: Vec<String> =
        takeovers.iter().filter(|(_, found)| !found.is_complete()).map(|(name, found)| found.summary(name)).collect();
    if differ.is_empty() {
        return Ok(());
    }
    let reason = format!("the checkpoint is of another model or other data: {}", differ.join("; "));
    Err(Error::State { op: "resume", reason })
}

/// A version that is built from a run's own files, with a state.
pub(super) fn build_recorded(workshop: &Workshop, version: Version, state: Option<State>) -> Result<Live, ScriptError> {
    let sources = Sources::recorded(version.files.clone());
    workshop.build(version, sources, state, None)
}
