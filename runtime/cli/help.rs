//! The command `help`: a command, or a name of the Lua API.

use std::process::ExitCode;

use clap::CommandFactory;
use moonburn::{Engine, ScriptError};

use super::{arguments::Cli, output::print};

/// Tells about a command of this name, else about what scripts call so; without a name about all commands.
pub fn run(name: Option<&str>) -> Result<ExitCode, ScriptError> {
    let mut cli = Cli::command();
    cli.build();
    let told = match name.map(|name| (name, cli.find_subcommand_mut(name))) {
        None => cli.render_help().to_string(),
        Some((_, Some(command))) => command.render_long_help().to_string(),
        Some((name, None)) => Engine::new().help(name).map_err(|error| ScriptError::usage("help", error.reason()))?,
    };
    print(&told);
    Ok(ExitCode::SUCCESS)
}
