//! What a user reads while the device is used for the first time.

use std::process::Command;

use libtest_mimic::{Failed, Trial};

pub fn trials() -> Vec<Trial> {
    vec![Trial::test("the first use is told before setup, and ends with the first step", told)]
}

fn told() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command
        .args(["run", "tests/gpu/first_use.lua", "--device", &super::name(), "--out"])
        .arg(folder.path().join("run"));
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let starts =
        ["first use of ", "run folder: ", "first use, to the end of the first step: ", "step 1/2  ", "step 2/2  "];
    let lines: Vec<_> = text.lines().collect();
    let agrees = lines.len() == starts.len() && lines.iter().zip(starts).all(|(line, start)| line.starts_with(start));
    if agrees { Ok(()) } else { Err(text.into()) }
}
