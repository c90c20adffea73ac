//! The command `help`: a command, or a name of the Lua API.

use std::process::ExitCode;

use clap::CommandFactory;
use moonburn::{
    Engine, ScriptError,
    shipped::{Example, about, library},
};

use super::{arguments::Cli, output::print};

/// Tells about a command of this name, else about what scripts call so; without a name about all commands.
pub fn run(name: Option<&str>) -> Result<ExitCode, ScriptError> {
    let mut cli = Cli::command();
    cli.build();
    let told = match name.map(|name| (name, cli.find_subcommand_mut(name))) {
        None => cli.render_help().to_string(),
        Some((_, Some(command))) => command.render_long_help().to_string(),
        Some((name, None)) => match Engine::new().help(name) {
            Ok(told) => told,
            Err(error) => shipped(name).ok_or_else(|| ScriptError::usage("help", error.reason()))?,
        },
    };
    print(told.trim_end());
    Ok(ExitCode::SUCCESS)
}

/// The source of a module of the library, or what a script that ships is about.
fn shipped(name: &str) -> Option<String> {
    let name = name.strip_suffix(".lua").unwrap_or(name);
    let now = name.strip_prefix("lib.").unwrap_or(name);
    let is_asked = |module: &str| module == now || module.strip_suffix(now).is_some_and(|rest| rest.ends_with('.'));
    let module = library().into_iter().find(|file| is_asked(&file.module()));
    let source = module.map(|file| String::from_utf8_lossy(file.bytes).into_owned());
    source.or_else(|| {
        let example = Example::named(name)?;
        Some(format!("{}\n\nmoonburn examples --copy {name}", about(example.text)))
    })
}
