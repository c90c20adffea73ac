//! The command `control`: an order to a run that another process trains.

use std::{path::Path, process::ExitCode, time::Duration};

use moonburn::{
    ScriptError,
    control::{Command, send},
};

use super::output::print;

/// Sends the order, waits up to `timeout` seconds for the answer, and prints the answer.
pub fn run(run: &Path, order: &str, timeout: u64) -> Result<ExitCode, ScriptError> {
    let command: Command = order.parse()?;
    print(&send(run, &command, Duration::from_secs(timeout))?);
    Ok(ExitCode::SUCCESS)
}
