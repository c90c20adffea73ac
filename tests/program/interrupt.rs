//! Ctrl-C: a run ends cleanly with its weights, and a Lua loop that never ends is broken off.

use std::{
    io::{BufRead, BufReader, Read},
    path::PathBuf,
    process::{Child, ChildStderr, Command, Stdio},
    thread,
    time::Duration,
};

use tempfile::TempDir;

/// Longer than what counts as the same request.
const APART: Duration = Duration::from_millis(500);

#[test]
fn one_interrupt_breaks_an_endless_loop_and_saves_the_weights() {
    Training::of("endless.lua", &[]).interrupt(1).is_interrupted();
}

#[test]
fn one_interrupt_breaks_an_endless_loop_that_catches_every_error() {
    Training::of("endless_protected.lua", &[]).interrupt(1).is_interrupted();
}

#[test]
fn one_interrupt_breaks_a_pattern_a_handler_and_a_move_that_never_end() {
    Training::of("endless_pattern.lua", &[]).interrupt(1).is_interrupted();
}

#[test]
fn one_interrupt_breaks_a_hook_a_backward_and_a_second_run_that_never_end() {
    for way in ["hook", "operation", "recompute"] {
        Training::of("endless_backward.lua", &["--set", &format!("way={way}")]).interrupt(1).is_interrupted();
    }
}

#[test]
fn two_interrupts_end_a_process_whose_script_cannot_be_broken_off() {
    let mut training = Training::of("unreachable.lua", &[]);
    training.interrupt(2);
    let (code, record, told) = training.end();
    assert_eq!(code, Some(130), "{told}");
    let want = "the script cannot be broken off, so the process ends: step 1 is the last checkpoint";
    assert!(told.contains(want), "{told}");
    assert!(record.contains("\"interrupted\"") && !record.contains("\"ended\": null"), "{record}");
}

#[test]
fn a_key_that_is_held_down_is_one_interrupt() {
    let mut training = Training::of("endless_protected.lua", &[]);
    training.interrupt(1);
    for _ in 0..5 {
        thread::sleep(Duration::from_millis(20));
        training.signal("INT");
    }
    let told = training.is_interrupted();
    assert_eq!(told.trim(), "stopping after this step (Ctrl-C again: at once)");
}

#[test]
fn whatever_a_script_makes_of_an_interrupt_the_run_is_interrupted() {
    for way in ["wrapped", "resumed", "closed", "handled", "core"] {
        Training::of("handled.lua", &["--set", &format!("way={way}")]).interrupt(2).is_interrupted();
    }
}

#[test]
fn an_error_that_takes_an_interrupts_place_is_told() {
    let told = Training::of("handled.lua", &["--set", "way=other"]).interrupt(2).is_interrupted();
    assert!(told.contains("the file cannot be closed"), "{told}");
}

#[test]
fn an_error_of_the_step_that_was_to_be_the_last_fails_the_run() {
    let (code, record, told) = Training::of("handled.lua", &["--set", "way=genuine"]).interrupt(1).end();
    assert!(code == Some(1) && told.contains("genuine"), "{told}");
    assert!(record.contains("\"failed\""), "{record}");
}

#[test]
fn the_second_interrupt_says_what_the_third_does_and_that_one_leaves_a_record() {
    let mut training = Training::of("one_long_call.lua", &[]);
    training.interrupt(3);
    let (code, record, told) = training.end();
    assert_eq!(code, Some(130), "{told}");
    assert!(told.contains("(Ctrl-C again: ends at once, without a checkpoint)"), "{told}");
    assert!(record.contains("\"interrupted\"") && !record.contains("\"ended\": null"), "{record}");
}

#[test]
fn a_hangup_that_was_ignored_from_the_beginning_stays_so() {
    let mut training = Training::started("endless.lua", &[], |command| {
        let program = command.get_program().to_owned();
        let mut nohup = Command::new("nohup");
        nohup.arg(program);
        nohup
    });
    training.signal("HUP");
    thread::sleep(APART);
    assert!(training.child.try_wait().expect("it can be asked").is_none());
    let told = training.interrupt(1).is_interrupted();
    assert_eq!(told.matches("stopping").count(), 1, "{told}");
}

/// A training whose second step never ends, and is running.
struct Training {
    child: Child,
    lines: BufReader<ChildStderr>,
    folder: TempDir,
}

impl Training {
    fn of(script: &str, options: &[&str]) -> Self {
        Self::started(script, options, |command| Command::new(command.get_program()))
    }

    fn started(script: &str, options: &[&str], launch: impl Fn(&Command) -> Command) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut child = launch(&Command::new(env!("CARGO_BIN_EXE_moonburn")))
            .args(["run", &format!("tests/errors/{script}"), "--device", "cpu", "--out"])
            .arg(folder.path().join("run"))
            .args(options)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("the error output is piped"));
        let mut line = String::new();
        while !line.contains("step 1/3") {
            line.clear();
            assert_ne!(lines.read_line(&mut line).expect("lines are text"), 0, "the run ended before its first step");
        }
        // The line comes before the second step has begun.
        thread::sleep(APART);
        Self { child, lines, folder }
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("kill starts").success());
    }

    /// Interrupts it so often.
    fn interrupt(&mut self, times: u32) -> &mut Self {
        for time in 0..times {
            if time > 0 {
                thread::sleep(APART);
            }
            // It may have ended meanwhile, but is not waited for yet.
            self.signal("INT");
        }
        self
    }

    /// Its exit code, its record, and what it said after its first step.
    fn end(&mut self) -> (Option<i32>, String, String) {
        let mut told = String::new();
        self.lines.read_to_string(&mut told).expect("lines are text");
        let code = self.child.wait().expect("the run ends").code();
        let record = std::fs::read_to_string(self.out().join("run.json")).expect("a run has a record");
        (code, record, told)
    }

    fn is_interrupted(&mut self) -> String {
        let (code, record, told) = self.end();
        assert_eq!(code, Some(130), "{told}");
        assert!(self.out().join("weights.safetensors").exists(), "{told}");
        assert!(record.contains("\"interrupted\""), "{record}");
        told
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("run")
    }
}
