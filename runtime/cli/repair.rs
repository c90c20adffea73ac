//! The command `repair`: makes a damaged run whole again as far as its checkpoints allow, and says what came of it.

use std::{path::Path, process::ExitCode};

use moonburn::{ScriptError, run::repair};

use super::output::print;

/// The exit status is 1 where something is lost that a resumption needs.
pub fn run(run: &Path) -> Result<ExitCode, ScriptError> {
    let found = repair(run)?;
    let shown = run.display();
    if found.findings.is_empty() && found.lost.is_empty() {
        print(&format!("{shown}: nothing is damaged"));
        return Ok(ExitCode::SUCCESS);
    }
    found.findings.iter().for_each(|finding| print(&format!("{shown}: {finding}")));
    found.lost.iter().for_each(|lost| print(&format!("{shown}: lost: {lost}")));
    if let Some(aside) = &found.aside {
        print(&format!("what was replaced lies in {}", aside.display()));
    }
    if found.resumes {
        let from = found.step.map_or("begins anew".to_owned(), |step| format!("goes on after step {step}"));
        print(&format!("moonburn resume {shown} {from}"));
        return Ok(ExitCode::SUCCESS);
    }
    print("the run cannot be taken up again; its weights.safetensors, if it is there, is the state at its end");
    Ok(ExitCode::FAILURE)
}
