//! What a script is run with, from what the command line says.

use std::{io::IsTerminal, path::PathBuf};

use moonburn::{
    ScriptError, Settings,
    run::{Place, ProgressKind},
};

use super::{
    argument_groups::{LiveArguments, ScriptArguments},
    on_device,
};

/// The settings for a script, its device among them.
pub fn of_script(script: &ScriptArguments) -> Result<Settings, ScriptError> {
    let settings = on_cpu(script)?;
    let device = on_device::of_script(script.device.device.as_deref(), &settings)?;
    Ok(Settings { device, ..settings })
}

/// The same without looking for a device.
pub fn on_cpu(script: &ScriptArguments) -> Result<Settings, ScriptError> {
    if let Some(missing) = script.modules.iter().find(|folder| !folder.is_dir()) {
        return Err(ScriptError::usage("--modules", format!("{}: no such folder", missing.display())));
    }
    let named = [("precision", &script.precision), ("convolution", &script.convolution)];
    let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
    Ok(Settings {
        set: script.set.iter().cloned().chain(named).collect(),
        modules: script.modules.clone(),
        seed: script.seed,
        progress: ProgressKind::Auto,
        command: command_line(),
        ..Settings::new(&script.script)
    })
}

/// What the process was started with, as text for people.
pub fn command_line() -> Vec<String> {
    std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect()
}

impl LiveArguments {
    /// A person at the terminal can give orders and mend a script.
    pub fn applied(self, settings: Settings) -> Settings {
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        Settings { watch: !self.no_watch, checkpoint: self.checkpoint, terminal, owns_process: true, ..settings }
    }
}

/// Where a new run's folder is to be.
pub fn place(out: Option<PathBuf>) -> Place {
    out.map_or_else(|| Place::Under("runs".into()), Place::Exactly)
}
