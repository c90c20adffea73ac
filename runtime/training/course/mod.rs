//! The courses that a training can take: from nothing, from a checkpoint of its own, from a state of another run, or
//! once more along the journal. They differ in what they begin with; what follows is one and the same.

mod beginning;
mod fork;
mod replay;
mod resume;
mod taken;
mod verify;

use std::{path::Path, rc::Rc};

pub use fork::{Branch, Fork, fork};
pub use replay::{Replay, Replayed, replay};
pub use resume::{Resume, resume};
pub use verify::verify;

use beginning::{Course, Evaluations, FirstVersion, InFolder};

use super::{live::Live, settings::Settings, workshop::Workshop};
use crate::{
    device::instructions,
    lua::{ScriptError, api::Api},
    run::{Metrics, Origin, Outcome, Place, RunDescription, RunFolder, Sources, Version, path_text::to_text},
    session::versions,
    tensor::ConvolutionKernels,
};

/// Trains from nothing.
pub fn run(api: &Rc<Api>, settings: &Settings) -> Result<Outcome, ScriptError> {
    settings
        .place
        .iter()
        .try_for_each(Place::check)
        .map_err(|error| ScriptError::at(settings.script.display(), error))?;
    let workshop = Workshop::new(api, settings);
    let version = Version { number: 0, step: 0, rewinds: 0, set: settings.set.clone(), files: Vec::new() };
    let live = workshop.build(version, Sources::disk(), None, None)?;
    open_folder(settings, &live, None)?;
    let evaluations = Evaluations { untrained: true, ..Evaluations::default() };
    Course { first: FirstVersion::Recorded(Vec::new()), evaluations, ..Course::default() }.train(workshop, live)
}

/// Makes the run's folder, if there is to be one, and records the version that it begins with.
fn open_folder(settings: &Settings, live: &Live, forked_from: Option<Origin>) -> Result<(), ScriptError> {
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
            instructions: (!settings.device.is_gpu()).then(|| instructions::name().to_owned()),
            convolutions: ConvolutionKernels::on(&settings.device).map(|kernels| kernels.name().to_owned()),
            modules: settings.modules.iter().map(|path| to_text(path)).collect(),
            directory,
            forked_from,
            versions: versions(),
        },
    )?;
    let mut session = live.context.session.borrow_mut();
    session.output().progress().message(&format!("run folder: {}", folder.path().display()));
    let metrics = Metrics::to_file(folder.metrics())?;
    session.output_mut().attach(folder, metrics);
    Ok(())
}

/// What a folder is called in a message.
fn shown(run: &Path) -> String {
    run.display().to_string()
}
