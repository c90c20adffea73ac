//! Repeating a run from its seed and its journal, and comparing what comes of it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    rc::Rc,
};

use super::{
    Course, Evaluations, FirstVersion, open_folder,
    resume::build_recorded,
    shown,
    taken::{Taken, of_run},
};
use crate::{
    Device, Error,
    lua::{ScriptError, api::Api},
    nn::weights,
    run::{Checkpoints, Logged, Outcome, Place, RunFolder, RunStatus, Version},
    session::checkpoint,
    tensor,
    training::{
        settings::Settings,
        supervision::{Heirs, Recovery},
        workshop::Workshop,
    },
};

/// How a run is repeated.
pub struct Replay {
    /// Its folder.
    pub run: PathBuf,
    /// Where the repetition's folder goes, and what does not change what it computes.
    pub settings: Settings,
}

/// What came of a repetition.
pub struct Replayed {
    /// The repetition.
    pub outcome: Outcome,
    /// What was compared, in words.
    pub compared: String,
    /// The first difference, in words; none where all is equal bit for bit.
    pub difference: Option<String>,
    /// Why the run said that it cannot be repeated; empty where it said nothing.
    pub not_repeatable: Vec<String>,
}

/// Repeats a run as far as it went.
pub fn replay(api: &Rc<Api>, replay: &Replay) -> Result<Replayed, ScriptError> {
    let run = replay.run.as_path();
    let wrong = |error: Error| of_run(run, error);
    replay.settings.place.iter().try_for_each(Place::check).map_err(wrong)?;
    let whole = Taken::read(run, &replay.settings.device, u64::MAX).map_err(wrong)?;
    if let Some(lost) = whole.lost {
        return Err(wrong(lost));
    }
    let until = whole.end(run);
    let mut settings = whole.settings(&replay.settings);
    let first = whole.versions[0].clone();
    settings.set = first.set.clone();
    // A fork begins with what it was given, any other run with nothing.
    let origin = Checkpoints::below(run.join("origin"));
    let origin = match origin.newest(u64::MAX).found {
        Some((step, files)) => Some(checkpoint::decode(&files, &origin.path(step), &settings.device).map_err(wrong)?.0),
        None => None,
    };
    let workshop = Workshop::new(api, &settings);
    let is_new = origin.is_none();
    let live = build_recorded(&workshop, first, origin)?;
    open_folder(&settings, &live, whole.record.description.forked_from.clone())?;
    live.context.session.borrow_mut().output_mut().metrics_mut().keep_all();
    let scheduled: Vec<Version> = whole.versions[1..].to_vec();
    let edits = scheduled.len();
    let skipped = whole.record.status != RunStatus::Finished;
    let course = Course {
        first: FirstVersion::Recorded(Vec::new()),
        heirs: Heirs { scheduled: scheduled.into(), repeats: true, before_edit: None },
        recovery: Recovery::repeating(whole.rewinds()),
        evaluations: Evaluations { untrained: is_new, skipped, ..Evaluations::default() },
        until: Some(until),
        ..Course::default()
    };
    let outcome = course.train(workshop, live)?;
    if outcome.interrupted {
        return Err(Error::Interrupted.into());
    }
    let Comparison { steps, lacking, weights, difference } = compare(run, until.step, &outcome).map_err(wrong)?;
    let edits = if edits == 1 { "1 edit".to_owned() } else { format!("{edits} edits") };
    let weights = if weights { " and the weights at the end" } else { "" };
    let lacks = match lacking {
        0 => String::new(),
        1 => "; its log lacks one step".to_owned(),
        lacking => format!("; its log lacks {lacking} steps"),
    };
    let compared = format!("{}: {edits} repeated, what {steps} steps logged{weights} compared{lacks}", shown(run));
    Ok(Replayed { outcome, compared, difference, not_repeatable: whole.record.not_repeatable })
}

/// What came of comparing a repetition with the run.
struct Comparison {
    /// Steps whose values were compared.
    steps: usize,
    /// Steps that only the repetition has logged: their lines were lost in a power cut or on a full disk.
    lacking: usize,
    /// Whether weights were compared.
    weights: bool,
    /// The first difference, in words.
    difference: Option<String>,
}

fn compare(run: &Path, last: u64, outcome: &Outcome) -> crate::Result<Comparison> {
    let old = Logged::read(&run.join("metrics.jsonl"))?;
    let new = match &outcome.folder {
        Some(folder) => Logged::read(&folder.join("metrics.jsonl"))?,
        None => outcome.metrics.logged(),
    };
    let lacking: BTreeSet<u64> = new.steps().difference(&old.steps()).copied().collect();
    let mut found = Comparison { steps: 0, lacking: lacking.len(), weights: false, difference: None };
    for name in old.names() {
        // The run may have gone on meanwhile.
        let series: Vec<_> = old.series(name).iter().filter(|(step, _)| *step <= last).collect();
        let new: Vec<_> = new.series(name).iter().filter(|(step, _)| !lacking.contains(step)).collect();
        found.steps = found.steps.max(series.len());
        let differs = |(old, new): &(&&(u64, f64), &&(u64, f64))| old.0 != new.0 || !same(old.1, new.1);
        found.difference = match series.iter().zip(&new).find(differs) {
            Some((old, new)) => {
                Some(format!("{name} was {} at step {}, the repetition has {} at step {}", old.1, old.0, new.1, new.0))
            }
            None if series.len() != new.len() => {
                Some(format!("{name} was logged {} times, by the repetition {} times", series.len(), new.len()))
            }
            None => continue,
        };
        return Ok(found);
    }
    let Some(folder) = &outcome.folder else { return Ok(found) };
    // A run that was killed has no last weights, or those of an earlier end.
    if !run.join("weights.safetensors").is_file() || RunFolder::read(run)?.status == RunStatus::Running {
        return Ok(found);
    }
    let weights = |folder: &Path| weights::load(&folder.join("weights.safetensors"), &Device::cpu());
    found.weights = true;
    let differing = tensor::first_difference(&weights(run)?, &weights(folder)?)?;
    found.difference = differing.map(|name| format!("{name} differs at the end"));
    Ok(found)
}

/// Equal, or both not a number: a log does not tell which.
fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (!a.is_finite() && !b.is_finite())
}
