//! The commands `completions` and `man`: what is generated from the command line's declaration.

use std::{fs, path::Path, process::ExitCode};

use clap::CommandFactory;
use clap_complete::Shell;
use moonburn::{Error, ScriptError};

use super::{arguments::Cli, output::print};

/// Prints what a shell wants to know to complete commands and flags.
pub fn completions(shell: Shell) -> Result<ExitCode, ScriptError> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "moonburn", &mut text);
    print(&String::from_utf8_lossy(&text));
    Ok(ExitCode::SUCCESS)
}

/// Writes a manual page for each command into a folder.
pub fn man(folder: &Path) -> Result<ExitCode, ScriptError> {
    let refused = |error| Error::io("man", folder, error);
    fs::create_dir_all(folder).map_err(refused)?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(refused)?;
    print(&format!("wrote manual pages into {}", folder.display()));
    Ok(ExitCode::SUCCESS)
}
