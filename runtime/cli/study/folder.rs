//! What a study finds where one of its runs belongs: nothing, a run to count or to go on with, or something that is not
//! its to touch. It changes nothing.

use std::path::Path;

use moonburn::{
    Inspected, ScriptError, Settings,
    run::{
        Place, RunFolder, RunLock, RunRecord, RunStatus,
        path_text::{from_text, shown},
    },
};

/// What is to be done about a run of a study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// There is none yet.
    Nothing,
    /// A run that an earlier call began and did not end. The study goes on from it.
    Begun,
    /// It is finished.
    Finished,
}

/// Looks at a run's place. `now` is the script as it is, and `settings` how the study would run it.
///
/// # Errors
/// Something lies there that is no run of this study, or that another process trains.
pub fn look(folder: &Path, script: &Path, now: &Inspected, settings: &Settings) -> Result<Found, ScriptError> {
    let refused = |reason: String| Err(ScriptError::at(folder.display(), reason));
    if !folder.exists() {
        return Ok(Found::Nothing);
    }
    if RunLock::is_held(folder) {
        return refused("another process trains it: choose another --out, or wait for it".into());
    }
    if !folder.join("run.json").exists() {
        return match Place::Exactly(folder.to_owned()).check() {
            Ok(()) => Ok(Found::Nothing),
            Err(_) => refused("has files, but is no run: choose another --out".into()),
        };
    }
    let record = RunFolder::read(folder)?;
    if let Some(difference) = difference(folder, &record, script, now, settings) {
        return refused(format!("{difference}: choose another --out, or move it away"));
    }
    match record.status {
        RunStatus::Finished => Ok(Found::Finished),
        _ if record.description.command.get(1).map(String::as_str) != Some("study") => {
            refused("is a run that no study began, and not finished: resume it, or choose another --out".into())
        }
        _ if std::env::current_dir().ok() != Some(from_text(&record.description.directory)) => {
            let directory = shown(&record.description.directory);
            refused(format!("was begun in {directory}: go on with the study there"))
        }
        _ => Ok(Found::Begun),
    }
}

/// How a run differs from what the study would run.
fn difference(
    folder: &Path,
    record: &RunRecord,
    script: &Path,
    now: &Inspected,
    settings: &Settings,
) -> Option<String> {
    let before = &record.description;
    let base = script.parent().unwrap_or(Path::new(""));
    let is_same_file = |path: &Path, bytes: &[u8]| {
        let Ok(inside) = path.strip_prefix(base) else { return true };
        std::fs::read(folder.join("script").join(inside)).is_ok_and(|old| old == bytes)
    };
    if from_text(&before.script) != *script {
        return Some(format!("is a run of {}", shown(&before.script)));
    }
    if before.seed != settings.seed {
        return Some(format!("was run with the seed {}, not {}", before.seed, settings.seed));
    }
    let options = &before.options;
    if let Some((name, old)) = options.iter().find(|(name, value)| now.options.get(*name) != Some(value)) {
        let new = now.options.get(name).map_or("nothing".to_owned(), ToString::to_string);
        return Some(format!("was run with {name}={old}, not {new}"));
    }
    if options.len() != now.options.len() {
        return Some("was run with fewer options".to_owned());
    }
    if before.device != settings.device.name() {
        return Some(format!("was run on {}", before.device));
    }
    let changed = now.files.iter().find(|file| !is_same_file(&file.path, &file.bytes))?;
    Some(format!("was run before {} was changed", changed.path.display()))
}
