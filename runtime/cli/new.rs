//! The command `new`: an experiment that trains at once.

use std::{fs, path::Path, process::ExitCode};

use moonburn::{ScriptError, message, shipped::Template};

use super::{output::print, workspace};

/// Makes the folder and says what to do next.
pub fn run(folder: &Path, template: Template) -> Result<ExitCode, ScriptError> {
    if is_taken(folder) {
        return Err(ScriptError::usage("new", format!("{} is there already", message::path(folder))));
    }
    let name = message::path(folder.file_name().unwrap_or(folder.as_os_str()).as_ref());
    for (path, text) in template.files() {
        workspace::write_file(&folder.join(path), text.as_bytes())?;
    }
    workspace::write_file(&folder.join(".gitignore"), b"/runs/\n/types/\n")?;
    workspace::write_file(&folder.join("README.md"), readme(&name).as_bytes())?;
    workspace::write(folder)?;
    print(&format!(
        "made {folder}: an experiment of the template {template}\n\n    cd {folder}\n    moonburn run {script}\n\nSave \
         {script} while it trains, and the edit takes effect with the next step.",
        folder = message::path(folder),
        script = Template::SCRIPT,
    ));
    Ok(ExitCode::SUCCESS)
}

/// An empty folder is none that anything could be lost in.
fn is_taken(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => fs::symlink_metadata(folder).is_ok(),
    }
}

fn readme(name: &str) -> String {
    format!(
        "# {name}\n\n    moonburn run {script}                        # trains; leaves runs/… with log, pictures and weights\n    \
         moonburn run {script} --set lr=0.05          # with another value of an option\n    moonburn check {script}                      \
         # one tiny step, to find mistakes\n    moonburn study {script} --seeds 3            # mean and deviation over seeds\n\n\
         Save {script} while it trains: the edit takes effect with the next step.\nEditors find the API in `types/` \
         (`moonburn types` writes it anew after an update).\n",
        script = Template::SCRIPT,
    )
}
