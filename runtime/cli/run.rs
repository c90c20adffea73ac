//! The command `run`: trains by a script, into a folder of its own.

use std::{path::PathBuf, process::ExitCode};

use moonburn::{Engine, ScriptError};

use super::{
    argument_groups::{LiveArguments, ScriptArguments},
    settings::{self, place},
    signals::interruptible,
    summary::ended,
};

pub fn run(script: &ScriptArguments, out: Option<PathBuf>, live: LiveArguments) -> Result<ExitCode, ScriptError> {
    let mut settings = live.applied(settings::of_script(script)?);
    settings.interrupt = interruptible();
    settings.place = Some(place(out));
    let outcome = Engine::new().run(&settings)?;
    Ok(ended(&outcome))
}
