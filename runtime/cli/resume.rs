//! The command `resume`: goes on with a run from its newest checkpoint.

use std::{path::PathBuf, process::ExitCode};

use moonburn::{
    Engine, Resume, ScriptError, Settings,
    run::{RunFolder, RunStatus},
};

use super::{
    argument_groups::{LiveArguments, OwnDevice},
    existing_run::{enter, settings},
    output::print,
    settings::command_line,
    signals::interruptible,
    summary::ended,
};

/// Goes on, and first compares the last steps once more where that is asked for.
pub fn run(
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
