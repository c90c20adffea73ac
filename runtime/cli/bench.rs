//! The command `bench`: times a training on a device.

use std::process::ExitCode;

use moonburn::{
    ScriptError,
    bench::{self, BenchOptions},
};

use super::{on_device, output::print};

/// A line for each result, as soon as it is there.
pub fn run(options: &BenchOptions, device: Option<&str>) -> Result<ExitCode, ScriptError> {
    let device = on_device::of_command(device, "bench")?;
    bench::run(options, &device, &mut |line| print(&line.to_string())).map_err(ScriptError::from)?;
    Ok(ExitCode::SUCCESS)
}
