//! The command `fork`: starts a second run from a run's state.

use std::{path::PathBuf, process::ExitCode};

use moonburn::{Engine, Fork, ScriptError, Settings};

use super::{
    argument_groups::{LiveArguments, OthersDevice},
    existing_run::on,
    on_device,
    settings::{command_line, place},
    signals::interruptible,
    summary::ended,
};

/// Trains on; of the settings in `fork` only the modules are read.
pub fn run(
    fork: Fork,
    device: &OthersDevice,
    out: Option<PathBuf>,
    live: LiveArguments,
) -> Result<ExitCode, ScriptError> {
    let base = on(on_device::of_fork(device.device.as_deref(), &fork.run)?);
    let settings = live.applied(Settings {
        interrupt: interruptible(),
        place: Some(place(out)),
        command: command_line(),
        modules: fork.settings.modules,
        ..base
    });
    Ok(ended(&Engine::new().fork(&Fork { settings, ..fork })?))
}
