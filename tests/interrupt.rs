//! Ctrl-C: a run ends cleanly with its weights, and a Lua loop that never ends is broken off.

#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Read},
    process::{Command, Stdio},
};

#[test]
fn one_interrupt_breaks_an_endless_loop_and_saves_the_weights() {
    interrupts("endless.lua");
}

#[test]
fn one_interrupt_breaks_an_endless_loop_that_catches_every_error() {
    interrupts("endless_protected.lua");
}

fn interrupts(script: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("run");
    let mut run = Command::new(env!("CARGO_BIN_EXE_moonburn"))
        .args(["run", &format!("tests/errors/{script}"), "--device", "cpu", "--out"])
        .arg(&out)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(run.stderr.take().expect("the error output is piped"));
    let mut line = String::new();
    while !line.contains("step 1/3") {
        line.clear();
        assert_ne!(lines.read_line(&mut line).expect("lines are text"), 0, "the run ended before its first step");
    }
    let killed = Command::new("sh").args(["-c", &format!("kill -INT {}", run.id())]).status().expect("kill starts");
    assert!(killed.success());
    let mut rest = String::new();
    lines.read_to_string(&mut rest).expect("lines are text");
    assert_eq!(run.wait().expect("the run ends").code(), Some(130), "{rest}");
    assert!(out.join("weights.safetensors").exists());
    let record = std::fs::read_to_string(out.join("run.json")).expect("a run has a record");
    assert!(record.contains("\"interrupted\""), "{record}");
}
