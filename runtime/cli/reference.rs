//! The command `reference`: the reference page of the Lua API.

use std::process::ExitCode;

use moonburn::{Engine, ScriptError};

use super::output::print;

/// Prints the page, as Markdown.
pub fn run() -> Result<ExitCode, ScriptError> {
    print(&Engine::new().reference());
    Ok(ExitCode::SUCCESS)
}
