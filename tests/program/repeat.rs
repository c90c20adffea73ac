//! The same program and seed in process after process, each of which hashes names and places objects by chance: the
//! same bytes.

use std::{fs, path::Path};

use serde_json::Value;

use super::live_run::LiveRun;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/training/unordered.lua");

fn train(folder: &Path, name: &str, threads: usize, more: &[&str]) -> String {
    let arguments = ["run", SCRIPT, "--device", "cpu", "--out", name];
    let (code, text) = LiveRun::start(folder, threads, &[&arguments[..], more].concat()).end();
    assert_eq!(code, Some(0), "{text}");
    text
}

/// What was logged, its time aside, byte for byte.
fn logged(run: &Path) -> String {
    let text = fs::read_to_string(run.join("metrics.jsonl")).expect("the run logs");
    let lines = text.lines().map(|line| {
        let (step, rest) = line.split_once(",\"seconds\":").expect("a line has its time");
        let (_, values) = rest.split_once(',').expect("a line has values");
        format!("{step},{values}\n")
    });
    lines.collect()
}

fn record(run: &Path) -> Value {
    serde_json::from_slice(&fs::read(run.join("run.json")).expect("the run has a record")).expect("it is JSON")
}

#[test]
fn sums_by_pairs_give_the_same_weights_metrics_and_results_in_every_process_and_with_any_threads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runs = [1, 2, 5, 2].into_iter().enumerate().map(|(number, threads)| {
        let name = format!("run{number}");
        train(folder.path(), &name, threads, &[]);
        let run = folder.path().join(name);
        let mut results = record(&run)["results"].clone();
        results.as_object_mut().expect("results are named").remove("timing");
        (fs::read(run.join("weights.safetensors")).expect("weights"), logged(&run), results.to_string())
    });
    let runs: Vec<_> = runs.collect();
    assert!(runs[0].1.lines().count() == 6 && runs[0].1.contains("\"metric100\":"));
    for (number, run) in runs.iter().enumerate() {
        assert!(run.0 == runs[0].0, "the weights of run {number} differ");
        assert_eq!(run.1, runs[0].1);
        assert_eq!(run.2, runs[0].2);
    }
    let (code, text) = LiveRun::start(folder.path(), 2, &["replay", "run0", "--out", "again"]).end();
    assert!(code == Some(0) && text.contains("equal bit for bit"), "{text}");
}

#[test]
fn tables_and_functions_as_keys_are_told_once_at_their_line_and_mark_the_run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = train(folder.path(), "run", 2, &["--set", "addresses=true"]);
    let line = 1 + fs::read_to_string(SCRIPT)
        .expect("the script")
        .lines()
        .position(|line| line.contains("[print]"))
        .expect("the line");
    let want = format!("unordered.lua:{line}: tables or functions as keys have no order that lasts");
    assert_eq!(text.matches(&want).count(), 1, "{text}");
    let marks = record(&folder.path().join("run"))["not_repeatable"].clone();
    assert_eq!(marks.as_array().map(Vec::len), Some(1), "{marks}");
    assert!(marks[0].as_str().is_some_and(|mark| mark.contains(&want)), "{marks}");
    train(folder.path(), "plain", 2, &[]);
    assert!(record(&folder.path().join("plain")).get("not_repeatable").is_none());
}
