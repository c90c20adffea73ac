//! The command `examples`: the scripts that ship.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use moonburn::{
    Error, ScriptError,
    shipped::{Example, examples},
};

use super::{output::print, workspace};

/// Lists them, or copies one, with what it needs, into the working directory.
pub fn run(copied: Option<&str>) -> Result<ExitCode, ScriptError> {
    let Some(name) = copied else {
        let widest = examples().iter().map(|example| example.name.len()).max().unwrap_or(0);
        let line = |example: Example| format!("{:widest$}  {}", example.name, example.sentence());
        print(&examples().into_iter().map(line).collect::<Vec<_>>().join("\n"));
        return Ok(ExitCode::SUCCESS);
    };
    let known = || examples().into_iter().map(|example| example.name);
    let name = name.strip_suffix(".lua").unwrap_or(name);
    let example = Example::named(name)
        .ok_or_else(|| ScriptError::flag("--copy", Error::unknown("examples", "example", name, known())))?;
    let files = example.files();
    let there: Option<&PathBuf> = files.iter().map(|(path, _)| path).find(|path| path.exists());
    if let Some(path) = there {
        return Err(ScriptError::usage("examples", format!("{} is there already", path.display())));
    }
    for (path, text) in &files {
        workspace::write_file(path, text.as_bytes())?;
        print(&format!("wrote {}", Path::display(path)));
    }
    Ok(ExitCode::SUCCESS)
}
