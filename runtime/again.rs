//! The commands for runs that exist already: `resume`, `fork`, `replay`, `control`.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use moonburn::{
    Device, Engine, Fork, Replay, Resume, ScriptError, Settings,
    control::{Command, send},
    run::{ProgressKind, RunFolder, RunStatus, path_text::from_text},
};

use super::{
    LiveArguments,
    arguments::{OthersDevice, OwnDevice},
    command_line, ended, on_device,
    output::print,
    place,
    signals::interruptible,
};

pub fn resume(
    run: PathBuf,
    verify: bool,
    set: Vec<(String, String)>,
    edited: bool,
    device: &OwnDevice,
    live: LiveArguments,
) -> Result<ExitCode, ScriptError> {
    let run = enter(&run)?;
    let settings = live.applied(Settings { interrupt: interruptible(), ..settings(&run, device)? });
    let mut resume = Resume { run, settings, set, edited };
    if verify {
        print(&Engine::new().verify(&resume)?);
        let is_over = RunFolder::read(&resume.run)?.status == RunStatus::Finished;
        if is_over && !resume.edited && resume.set.is_empty() {
            return Ok(ExitCode::SUCCESS);
        }
    }
    resume.settings.command = command_line();
    Ok(ended(&Engine::new().resume(&resume)?))
}

pub fn fork(
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

pub fn replay(run: PathBuf, device: &OwnDevice, out: Option<PathBuf>) -> Result<ExitCode, ScriptError> {
    let out = out.map(std::path::absolute).transpose().map_err(|error| ScriptError::at("replay", error))?;
    let run = enter(&run)?;
    let settings = Settings {
        interrupt: interruptible(),
        place: Some(place(out)),
        command: command_line(),
        owns_process: true,
        ..settings(&run, device)?
    };
    let replayed = Engine::new().replay(&Replay { run, settings })?;
    print(&replayed.compared);
    match &replayed.difference {
        None => {
            print("equal bit for bit");
            Ok(ExitCode::SUCCESS)
        }
        Some(difference) => {
            print(&format!("different: {difference}"));
            replayed.not_repeatable.iter().for_each(|reason| print(&format!("as the run had said: {reason}")));
            Ok(ExitCode::FAILURE)
        }
    }
}

pub fn control(run: &Path, order: &str, timeout: u64) -> Result<ExitCode, ScriptError> {
    let command: Command = order.parse()?;
    print(&send(run, &command, Duration::from_secs(timeout))?);
    Ok(ExitCode::SUCCESS)
}

/// What a run is taken up with.
fn settings(run: &Path, device: &OwnDevice) -> Result<Settings, ScriptError> {
    Ok(on(on_device::of_run(device.device.as_deref(), run)?))
}

fn on(device: Device) -> Settings {
    Settings { device, progress: ProgressKind::Auto, ..Settings::new("") }
}

/// Goes to the folder that the run was started in, so that its relative paths mean what they meant. Returns the run's
/// folder as it is reached from there.
fn enter(run: &Path) -> Result<PathBuf, ScriptError> {
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
