//! A run that exists already: where it was started, and what it is taken up with.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use moonburn::{
    Device, ScriptError, Settings,
    run::{ProgressKind, RunFolder, path_text::from_text},
};

use super::{argument_groups::OwnDevice, on_device};

/// What a run is taken up with.
pub fn settings(run: &Path, device: &OwnDevice) -> Result<Settings, ScriptError> {
    Ok(on(on_device::of_run(device.device.as_deref(), run)?))
}

/// The settings for a device; the rest is the run's own.
pub fn on(device: Device) -> Settings {
    Settings { device, progress: ProgressKind::Auto, ..Settings::new("") }
}

/// Goes to the folder that the run was started in, so that its relative paths mean what they meant. Returns the run's
/// folder as it is reached from there.
pub fn enter(run: &Path) -> Result<PathBuf, ScriptError> {
    let record = RunFolder::read(run)?;
    let started = from_text(&record.description.directory);
    let here = std::env::current_dir().unwrap_or_default();
    if record.description.directory.is_empty() || started == here || !started.is_dir() {
        return Ok(run.to_owned());
    }
    let failed = |error: std::io::Error| ScriptError::at(run.display(), error);
    let whole = run.canonicalize().map_err(failed)?;
    std::env::set_current_dir(&started).map_err(failed)?;
    let _ = writeln!(std::io::stderr(), "in {}, where the run was started", started.display());
    Ok(whole)
}
