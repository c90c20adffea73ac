//! The command `compare`: several runs beside each other, and the picture of their losses.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use moonburn::{
    ScriptError,
    run::{Comparison, table::terminal_columns},
};

use super::output::print;

/// Prints what can be compared and plots the losses, also where the results cannot be compared; that is the error then.
pub fn run(folders: &[PathBuf], out: &Path) -> Result<ExitCode, ScriptError> {
    let columns = terminal_columns();
    let comparison = Comparison::read(folders)?;
    print(&comparison.report(columns));
    let results = comparison.results(columns);
    if let Ok(results) = &results {
        print(&format!("\n{results}"));
    }
    if comparison.write_plot(out)? {
        print(&format!("\nloss curves: {}", out.display()));
    } else {
        print("\nno run has logged a loss, so there are no curves");
    }
    results?;
    Ok(ExitCode::SUCCESS)
}
