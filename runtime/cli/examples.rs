//! The command `examples`: the scripts that ship.

use std::{fs, path::Path, process::ExitCode};

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
    // A path, as in a repository, means its file.
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let name = name.strip_suffix(".lua").unwrap_or(name);
    let example = Example::named(name)
        .ok_or_else(|| ScriptError::flag("--copy", Error::unknown("examples", "example", name, known())))?;
    let files = example.files();
    let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
    if let Some((own, _)) = files.first().filter(|(own, _)| is_there(own)) {
        return Err(ScriptError::usage("examples", format!("{} is there already", own.display())));
    }
    for (path, text) in &files {
        // What another example has brought, and may have been changed since.
        if is_there(path) {
            print(&format!("kept {}", path.display()));
            continue;
        }
        workspace::write_file(path, text.as_bytes())?;
        print(&format!("wrote {}", path.display()));
    }
    Ok(ExitCode::SUCCESS)
}
