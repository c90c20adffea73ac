//! The command `preview`: what a script's augmentations do, as a picture; and how long their steps take.

use std::{io::Write, path::Path, process::ExitCode};

use moonburn::{Engine, ScriptError};

use super::{argument_groups::ScriptArguments, output::print, settings};

/// Writes the picture, and prints what the augmentations are.
pub fn run(script: &ScriptArguments, images: usize, views: usize, out: &Path) -> Result<ExitCode, ScriptError> {
    if let Some(folder) = out.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        return Err(ScriptError::usage("--out", format!("{}: no such folder", folder.display())));
    }
    if !out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png")) {
        return Err(ScriptError::usage("--out", format!("{}: the picture is a PNG: name it so", out.display())));
    }
    let preview = Engine::new().preview(&settings::of_script(script)?)?;
    for augmentation in preview.augmentations() {
        print(&augmentation);
    }
    preview.write(out, images, views)?;
    if let Some(failure) = preview.failure() {
        let _ = writeln!(std::io::stderr(), "{failure}\nthe step failed after these views were made");
    }
    let images = images.min(preview.images());
    print(&format!("{}: {views} views of {images} image{}", out.display(), if images == 1 { "" } else { "s" }));
    Ok(ExitCode::SUCCESS)
}

/// Times the augmentations, a line for each step of each.
pub fn time(script: &ScriptArguments, batch: usize, repeats: usize, warmup: usize) -> Result<ExitCode, ScriptError> {
    let preview = Engine::new().preview(&settings::of_script(script)?)?;
    preview.time(batch, repeats, warmup, &mut |line| print(&line.to_string()))?;
    Ok(ExitCode::SUCCESS)
}
