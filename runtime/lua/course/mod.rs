//! The courses that a training can take: from nothing, from a checkpoint of its own, from a state of another run, or once
//! more along the journal. They differ in what they begin with; what follows is one and the same.

mod begin;
mod fork;
mod replay;
mod resume;
mod taken;
mod verify;

use std::{
    collections::{BTreeMap, VecDeque},
    path::Path,
    rc::Rc,
    sync::Arc,
};

pub(super) use fork::fork_live;
pub use fork::{Fork, fork};
pub use replay::{Replay, Replayed, replay};
pub use resume::{Resume, resume};
pub use verify::verify;

use begin::Beginning;

use super::{ScriptError, api::Api, live::Live, outcome::Outcome, settings::Settings, sources::Sources};
use crate::{
    run::{
        Before, Event, Metrics, Place, Progress, RunDescription, RunFolder, SourceFile, Version, path_text::to_text,
    },
    session::{State, versions},
};

/// Trains from nothing.
pub fn run(api: &Rc<Api>, settings: &Settings) -> Result<Outcome, ScriptError> {
    settings
        .place
        .iter()
        .try_for_each(Place::check)
        .map_err(|error| ScriptError::at(settings.script.display(), error))?;
    let beginning = Beginning::new(settings);
    let version = Version { number: 0, step: 0, rewinds: 0, set: settings.set.clone(), files: Vec::new() };
    let live = beginning.build(api, version, Sources::disk(), None)?;
    open_folder(settings, &live, None)?;
    beginning.train(api, live, Course { is_new: true, records_first: true, ..Course::default() })
}

/// What else is known of a course.
#[derive(Default)]
struct Course {
    /// Versions of the journal that are still to come.
    scheduled: VecDeque<Version>,
    /// Results that are known already.
    results: serde_json::Map<String, serde_json::Value>,
    /// Whether nothing has been trained before.
    is_new: bool,
    /// The step of the best checkpoint so far, and its merit.
    best: Option<(u64, f64)>,
    /// Where it ends, if not with its last step: steps and rewinds.
    until: Option<(u64, u64)>,
    /// Whether what is scheduled has to be recorded, as it comes from another run's journal.
    repeats: bool,
    /// Whether the version that it begins with has to be recorded.
    records_first: bool,
    /// What is to be said of it in the journal.
    report: Vec<String>,
    /// What else the journal has to know.
    events: Vec<Event>,
    /// The files of versions that the journal knows already.
    sources: Vec<SourceFile>,
    /// A change before the first step: values of options, and whether files are taken from the disk.
    change: Option<(Vec<(String, String)>, bool)>,
    /// The step that a fork of a live run began after, and how many live runs it is a fork of.
    fork: Option<(u64, u64)>,
    /// Whether nothing is evaluated.
    skips_evaluation: bool,
    /// The version before an edit that has not proved itself yet, and its last state.
    before_edit: Option<(Version, State)>,
    /// What the folder of a run that is taken up again held before.
    before: Option<Before>,
    /// Whether it goes on with a run of an earlier process.
    taken_up: bool,
    /// Where the run that is repeated was taken back, in steps and rewinds, and to which steps.
    rewinds: BTreeMap<(u64, u64), u64>,
}

/// Makes the run's folder, if there is to be one, and records the version that it begins with.
fn open_folder(settings: &Settings, live: &Live, forked_from: Option<crate::run::Origin>) -> Result<(), ScriptError> {
    let Some(place) = settings.place.clone() else { return Ok(()) };
    let directory = std::env::current_dir().map(|path| to_text(&path)).unwrap_or_default();
    let folder = RunFolder::create(
        place,
        RunDescription {
            script: to_text(&settings.script),
            command: settings.command.clone(),
            seed: settings.seed,
            options: live.script.options(),
            device: settings.device.name().into(),
            adapter: settings.device.adapter().map(|adapter| adapter.slot().to_json()),
            modules: settings.modules.iter().map(|path| to_text(path)).collect(),
            directory,
            forked_from,
            versions: versions(),
        },
    )?;
    let mut session = live.context.session.borrow_mut();
    session.progress().message(&format!("run folder: {}", folder.path().display()));
    let metrics = Metrics::to_file(folder.metrics())?;
    session.attach(folder, metrics);
    Ok(())
}

/// A progress of a kind that all versions of a run share.
fn progress(settings: &Settings) -> Arc<Progress> {
    let progress = Arc::new(Progress::new(settings.progress, 0));
    if settings.progress != crate::run::ProgressKind::Silent {
        let shown = progress.clone();
        settings.interrupt.show_through(move |text| shown.message(text));
    }
    progress
}

/// What a folder is called in a message.
fn shown(run: &Path) -> String {
    run.display().to_string()
}
