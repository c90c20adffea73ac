//! What a run has done stays done: trained longer, forked, edited, taken back.

use std::fs;

use moonburn::{Fork, Settings, run::Place};

use super::runs::{Runs, engine};

fn fork(runs: &Runs, step: Option<u64>, set: &[(&str, &str)]) -> Result<u64, String> {
    let place = Some(Place::Exactly(runs.path("fork")));
    let set = set.iter().map(|(option, value)| (option.to_string(), value.to_string())).collect();
    let fork =
        Fork { run: runs.path("run"), script: None, step, set, settings: Settings { place, ..Settings::new("") } };
    engine().0.fork(&fork).map(|outcome| outcome.updates).map_err(|error| error.to_string())
}

#[test]
fn a_run_that_is_trained_longer_again_and_again_keeps_every_step_that_it_has() {
    let runs = Runs::new();
    runs.run("failing.lua", "run", 0);
    for steps in [23, 25, 40] {
        let before = runs.logged("run");
        assert_eq!(runs.resume_with("run", &[("steps", &steps.to_string())]).expect("it goes on").updates, steps);
        assert_eq!(runs.logged("run")[..before.len()], before);
        assert_eq!(runs.checkpoints("run").steps().last(), Some(&steps));
    }
    assert_eq!(runs.replay("run"), None);
}

#[test]
fn fewer_steps_than_are_done_are_refused_and_change_nothing() {
    let runs = Runs::new();
    runs.run("failing.lua", "run", 0);
    let files = ["run.json", "journal.jsonl", "metrics.jsonl"].map(|name| runs.path("run").join(name));
    let read = || files.each_ref().map(|file| fs::read(file).expect("it is there"));
    let before = read();
    let error = runs.resume_with("run", &[("steps", "12")]).expect_err("it is refused");
    assert!(error.contains("20 steps are done, and 12 are fewer: nothing has changed"), "{error}");
    assert!(read() == before);
}

#[test]
fn a_fork_that_has_no_step_to_do_says_what_it_needs() {
    let runs = Runs::new();
    runs.run("failing.lua", "run", 0);
    let error = fork(&runs, None, &[("lr", "0.2")]).expect_err("it is refused");
    assert!(error.contains("that after step 20, and there are 20 steps: none is left to do"), "{error}");
    assert!(error.contains("--set steps=…") && error.contains("checkpoints: 15, 18 and 20"), "{error}");
    let error = fork(&runs, Some(3), &[]).expect_err("it is refused");
    assert!(error.contains("no whole checkpoint of a step up to 3, but of 15, 18 and 20"), "{error}");
    assert!(!runs.path("fork").exists());
    assert_eq!(fork(&runs, None, &[("steps", "24")]), Ok(24));
}

#[test]
fn an_edit_that_has_not_proved_itself_is_taken_back_also_by_the_process_that_takes_the_run_up() {
    let runs = Runs::new();
    assert!(runs.run("failing.lua", "run", 5).interrupted);
    assert!(runs.resume_with("run", &[("fails", "9"), ("stop", "7")]).expect("it goes on").interrupted);
    assert_eq!(runs.logged("run").len(), 7, "the two steps of the edit stay");
    let outcome = runs.resume("run").expect("the version before goes on");
    assert_eq!((outcome.updates, runs.logged("run").len()), (20, 20));
    let journal = fs::read_to_string(runs.path("run").join("journal.jsonl")).expect("a journal is text");
    assert!(journal.contains("\"event\":\"rewind\",\"to\":5") && journal.contains("step 9 fails"), "{journal}");
    assert_eq!(runs.replay("run"), None);
}

#[test]
fn a_rewind_reaches_back_over_a_resumption() {
    let runs = Runs::new();
    let whole = runs.run("diverging.lua", "whole", 0);
    let rewound = fs::read_to_string(runs.path("whole").join("journal.jsonl")).expect("a journal is text");
    let failed: u64 = rewound
        .lines()
        .find(|line| line.contains("\"event\":\"rewind\""))
        .and_then(|line| serde_json::from_str::<serde_json::Value>(line).ok()?["step"].as_u64())
        .expect("it was taken back");
    assert!(whole.metrics.last("loss").is_some_and(|loss| loss < 1.0));
    // Stopped two steps before its loss is not finite, a resumed run has no older state in memory than that.
    let stop = failed - 2;
    assert!(runs.run("diverging.lua", "run", stop).interrupted);
    runs.resume("run").expect("it goes on");
    let journal = fs::read_to_string(runs.path("run").join("journal.jsonl")).expect("a journal is text");
    let rewind = journal.lines().find(|line| line.contains("\"event\":\"rewind\"")).expect("it was taken back");
    let to = serde_json::from_str::<serde_json::Value>(rewind).expect("JSON")["to"].as_u64().expect("a step");
    assert!(to <= failed - 10, "back to {to} from {failed}");
    assert_eq!(runs.replay("run"), None);
}
