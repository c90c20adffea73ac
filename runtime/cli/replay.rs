//! The command `replay`: does a run once more from its beginning and compares every bit.

use std::{path::PathBuf, process::ExitCode};

use moonburn::{Engine, Replay, ScriptError, Settings};

use super::{
    argument_groups::OwnDevice,
    existing_run::{enter, settings},
    output::print,
    settings::{command_line, place},
    signals::interruptible,
};

/// The exit status is 1 where the two differ.
pub fn run(run: PathBuf, device: &OwnDevice, out: Option<PathBuf>) -> Result<ExitCode, ScriptError> {
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
