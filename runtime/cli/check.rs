//! The command `check`: tries a script with one tiny step, once or whenever it is saved.

use std::{io::Write, process::ExitCode, time::Duration};

use moonburn::{
    Checked, Engine, Outcome, ScriptError, Settings, TriedEvaluation,
    reload::{Watch, digest},
    run::ProgressKind,
};

use super::{argument_groups::ScriptArguments, on_device, output::print, settings};

/// Tells what a look at the source finds, then what the step came to.
pub fn run(script: &ScriptArguments) -> Result<ExitCode, ScriptError> {
    let settings = settings::of_script(script)?;
    let checked = Engine::new().check_files(&settings);
    tell_findings(&checked);
    report_check(script, &settings, &checked.outcome?);
    Ok(ExitCode::SUCCESS)
}

/// Checks again after every save, until a signal ends the process.
pub fn watch(script: &ScriptArguments) -> Result<ExitCode, ScriptError> {
    let watch = Watch::start(Vec::new())?;
    loop {
        let (checked, files) = match settings::of_script(script) {
            Ok(settings) => {
                let checked = Engine::new().check_files(&settings);
                tell_findings(&checked);
                (checked.outcome.map(|outcome| (settings, outcome)), checked.files)
            }
            // No edit mends the command line. What is wrong with the script, its device included, one does.
            Err(error) if error.is_usage() || on_device::is_asked(script.device.device.as_deref()) => {
                return Err(error);
            }
            Err(error) => {
                let on_cpu = Settings { progress: ProgressKind::Silent, ..settings::on_cpu(script)? };
                (Err(error), Engine::new().check_files(&on_cpu).files)
            }
        };
        match checked {
            Ok((settings, outcome)) => report_check(script, &settings, &outcome),
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "{error}");
            }
        }
        watch
            .set_files(files.into_iter().map(|(path, bytes)| (path, bytes.and_then(|bytes| digest(&bytes)))).collect());
        while watch.wait(Duration::from_secs(3600)).is_none() {}
    }
}

/// They fail nothing.
fn tell_findings(checked: &Checked) {
    for finding in &checked.findings {
        let _ = writeln!(std::io::stderr(), "{finding}");
    }
}

fn report_check(script: &ScriptArguments, settings: &Settings, outcome: &Outcome) {
    let loss = outcome.metrics.last("loss").map_or(String::new(), |loss| format!(", loss {loss:.4}"));
    let steps = if outcome.updates > 0 { "one step" } else { "no update" };
    let evaluation = match outcome.evaluation {
        None => String::new(),
        Some(TriedEvaluation::Whole) => "; evaluate, on a few images".to_owned(),
        Some(TriedEvaluation::Partly(time)) => format!("; the first {} s of evaluate", time.as_secs()),
    };
    print(&format!("{}: ok ({steps} on {}{loss}{evaluation})", script.script.display(), settings.device.name()));
}
