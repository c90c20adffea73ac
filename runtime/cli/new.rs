//! The command `new`: an experiment that trains at once.

use std::{ffi::OsString, fs, path::Path, process::ExitCode};

use moonburn::{Error, ScriptError, Settings, message, shipped::Template};

use super::{output::print, types, workspace};

/// Makes the folder and says what to do next.
pub fn run(folder: &Path, template: Template) -> Result<ExitCode, ScriptError> {
    make_empty(folder)?;
    // Of `.` the name of the working directory.
    let here = folder.file_name().is_none().then(|| fs::canonicalize(folder).ok()).flatten();
    let named = here.as_deref().unwrap_or(folder);
    let name = message::path(named.file_name().unwrap_or(named.as_os_str()).as_ref());
    for (path, text) in template.files() {
        workspace::write_file(&folder.join(path), text.as_bytes())?;
    }
    workspace::write_file(&folder.join(".gitignore"), b"/runs/\n/types/\n")?;
    workspace::write_file(&folder.join("README.md"), readme(&name).as_bytes())?;
    workspace::write(folder)?;
    types::write_of_script(&Settings::new(folder.join(Template::SCRIPT)))?;
    let enter = if here.is_some() { String::new() } else { format!("    cd {}\n", quoted(folder)) };
    print(&format!(
        "made {folder}: an experiment of the template {template}\n\n{enter}    moonburn run {script}\n\nSave {script} \
         while it trains, and the edit takes effect with the next step.",
        folder = message::path(named),
        script = Template::SCRIPT,
    ));
    Ok(ExitCode::SUCCESS)
}

/// Makes a folder that nothing can be lost in: a new one, or one that is empty but for a repository's own. It is looked at
/// once it is there, since `x/..` is none before.
fn make_empty(folder: &Path) -> Result<(), ScriptError> {
    if fs::symlink_metadata(folder).is_ok() && !folder.is_dir() {
        return Err(ScriptError::usage("new", format!("{} is there already and no folder", message::path(folder))));
    }
    fs::create_dir_all(folder).map_err(|error| Error::io("write", folder, error))?;
    let names = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.file_name())).collect());
    let names: Vec<OsString> = names.map_err(|error| Error::io("read", folder, error))?;
    match names.into_iter().filter(|name| name != ".git").min() {
        Some(name) => {
            let (folder, found) = (message::path(folder), message::path(name.as_ref()));
            Err(ScriptError::usage("new", format!("{folder} is not empty: there is {found}")))
        }
        None => Ok(()),
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = message::path(path);
    let is_plain = |letter: char| letter.is_alphanumeric() || "_./-".contains(letter);
    let text = if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) };
    if path.to_string_lossy().starts_with('-') { format!("-- {text}") } else { text }
}

fn readme(name: &str) -> String {
    format!(
        "# {name}\n\n    moonburn run {script}                        # trains; leaves runs/… with log, pictures and weights\n    \
         moonburn run {script} --set lr=0.05          # with another value of an option\n    moonburn check {script}                      \
         # one tiny step, to find mistakes\n    moonburn study {script} --seeds 3            # mean and deviation over seeds\n\n\
         Save {script} while it trains: the edit takes effect with the next step.\nEditors find the API in `types/`: \
         `moonburn types` writes it anew after an update,\n`moonburn types {script}` what `setup` makes and which options \
         there are.\n",
        script = Template::SCRIPT,
    )
}
