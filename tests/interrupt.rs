//! Ctrl-C: a run ends cleanly with its weights, and a Lua loop that never ends is broken off.

#![cfg(unix)]

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    time::Duration,
};

#[test]
fn one_interrupt_breaks_an_endless_loop_and_saves_the_weights() {
    interrupts("endless.lua");
}

#[test]
fn one_interrupt_breaks_an_endless_loop_that_catches_every_error() {
    interrupts("endless_protected.lua");
}

#[test]
fn one_interrupt_breaks_a_pattern_a_handler_and_a_move_that_never_end() {
    interrupts("endless_pattern.lua");
}

#[test]
fn two_interrupts_end_a_process_whose_script_cannot_be_broken_off() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("run");
    let mut run = started("unreachable.lua", &out);
    let mut lines = BufReader::new(run.stderr.take().expect("the error output is piped"));
    wait_for(&mut lines, "step 1/3");
    interrupt(&run);
    // The system may make one of two that come at once.
    std::thread::sleep(Duration::from_millis(500));
    interrupt(&run);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).expect("lines are text");
    assert_eq!(run.wait().expect("the run ends").code(), Some(130), "{rest}");
    assert!(
        rest.contains("the script cannot be broken off, so the process ends: step 1 is the last checkpoint"),
        "{rest}"
    );
    let record = std::fs::read_to_string(out.join("run.json")).expect("a run has a record");
    assert!(record.contains("\"interrupted\""), "{record}");
}

fn interrupts(script: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("run");
    let mut run = started(script, &out);
    let mut lines = BufReader::new(run.stderr.take().expect("the error output is piped"));
    wait_for(&mut lines, "step 1/3");
    interrupt(&run);
    let mut rest = String::new();
    lines.read_to_string(&mut rest).expect("lines are text");
    assert_eq!(run.wait().expect("the run ends").code(), Some(130), "{rest}");
    assert!(out.join("weights.safetensors").exists());
    let record = std::fs::read_to_string(out.join("run.json")).expect("a run has a record");
    assert!(record.contains("\"interrupted\""), "{record}");
}

fn started(script: &str, out: &Path) -> Child {
    let mut run = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    run.args(["run", &format!("tests/errors/{script}"), "--device", "cpu", "--out"]).arg(out);
    run.current_dir(env!("CARGO_MANIFEST_DIR")).stderr(Stdio::piped()).stdout(Stdio::null());
    run.spawn().expect("the program starts")
}

fn wait_for(lines: &mut BufReader<ChildStderr>, text: &str) {
    let mut line = String::new();
    while !line.contains(text) {
        line.clear();
        assert_ne!(lines.read_line(&mut line).expect("lines are text"), 0, "the run ended before its first step");
    }
}

fn interrupt(run: &Child) {
    let killed = Command::new("sh").args(["-c", &format!("kill -INT {}", run.id())]).status().expect("kill starts");
    assert!(killed.success());
}
