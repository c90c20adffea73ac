//! The command `types`: the type definitions of the Lua API, for editors.

use std::{path::Path, process::ExitCode};

use moonburn::{Engine, ScriptError, run::write_atomically};

use super::output::print;

/// Writes the file and says so.
pub fn run(file: &Path) -> Result<ExitCode, ScriptError> {
    write_atomically(file, Engine::new().definitions().as_bytes())?;
    // A device, the standard output among them, is for what was written alone.
    if !["/dev", "/proc"].iter().any(|folder| file.starts_with(folder)) {
        print(&format!("wrote {}", file.display()));
    }
    Ok(ExitCode::SUCCESS)
}
