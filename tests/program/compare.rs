//! The command `compare`: runs beside each other.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use moonburn::{Engine, Settings, run::Place};

/// A finished run of a few steps in this folder.
fn train(out: &Path, seed: u64, steps: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/training/plain.lua");
    let set = vec![("steps".to_owned(), steps.to_owned())];
    let place = Some(Place::Exactly(out.to_owned()));
    Engine::new().run(&Settings { seed, set, place, ..Settings::new(script) }).expect("the training runs");
}

fn compare(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.arg("compare").args(arguments).current_dir(folder).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Changes the record of a run as a text.
fn edit(run: &Path, from: &str, to: &str) {
    let path = run.join("run.json");
    let record = fs::read_to_string(&path).expect("a run has a record");
    assert!(record.contains(from), "{record}");
    fs::write(&path, record.replacen(from, to, 1)).expect("the record can be changed");
}

#[test]
fn two_runs_stand_beside_each_other_with_a_plot() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (a, b) = (folder.path().join("first/run"), folder.path().join("second/run"));
    train(&a, 0, "4");
    train(&b, 1, "2");

    let output = compare(folder.path(), &["first/run", "second/run"]);
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let cells = |name: &str| {
        let line = shown.lines().find(|line| line.trim_start().starts_with(name));
        let line = line.unwrap_or_else(|| panic!("{name} is not in {shown}"));
        line.trim().strip_prefix(name).expect("it starts so").split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(cells("first/run"), ["second/run"]);
    assert_eq!((cells("status"), cells("last step")), (vec!["finished".to_owned(); 2], vec!["4".into(), "2".into()]));
    assert_eq!((cells("seed"), cells("option steps")), (vec!["0".into(), "1".into()], vec!["4".into(), "2".into()]));
    let equal = shown.lines().find(|line| line.starts_with("equal: ")).expect("what is equal is said");
    assert!(equal.contains("plain.lua, device cpu, 2 options, 4 versions, 2 files of the script"), "{equal}");
    assert!(shown.contains("mean of the last up to 50 steps up to step 2, "), "{shown}");
    assert!(cells("loss").iter().all(|loss| loss.parse::<f64>().is_ok_and(f64::is_finite)), "{shown}");
    assert_eq!(cells("knn_accuracy").iter().filter(|cell| *cell == "(untrained").count(), 2);
    assert!(shown.ends_with("\nloss curves: compare.png\n"), "{shown}");
    let picture = image::open(folder.path().join("compare.png")).expect("the plot is a picture");
    assert_eq!((picture.width(), picture.height()), (900, 500));

    // The second as if it were still going on: what it logged so far is there, results are not.
    edit(&b, "\"finished\"", "\"running\"");
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(b.join("run.json")).expect("a record")).expect("it is JSON");
    let mut going_on = record.clone();
    going_on["results"] = serde_json::json!({});
    fs::write(b.join("run.json"), going_on.to_string()).expect("the record can be changed");
    let output = compare(folder.path(), &["first/run", "second/run", "--out", "curves.png"]);
    let shown = text(&output.stdout);
    assert!(output.status.success() && shown.contains("  without results: second/run\n"), "{shown}");
    assert!(shown.contains("  running\n") && folder.path().join("curves.png").is_file());
    fs::write(b.join("run.json"), record.to_string()).expect("the record can be changed");

    // Other protocols: the results are refused, the metrics are not.
    edit(&a, "\"results\": {", "\"results\": { \"protocol\": \"k 5\",");
    let output = compare(folder.path(), &["first/run", "second/run"]);
    let (shown, errors) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
    assert!(
        shown.contains("  loss  ") && shown.contains("loss curves: ") && !shown.contains("knn_accuracy"),
        "{shown}"
    );
    let want = "compare: knn_accuracy: protocols differ: first/run: \"k 5\"; second/run: none\n";
    assert_eq!(errors, want);
}

#[test]
fn an_option_that_was_set_while_a_run_trained_is_a_difference_and_marks_its_results() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    train(&a, 0, "4");
    train(&b, 0, "4");
    assert!(text(&compare(folder.path(), &["a", "b"]).stdout).contains("\nno difference in script, seed, "));
    let journal = b.join("journal.jsonl");
    let mut lines = fs::read_to_string(&journal).expect("a run has a journal");
    let first: serde_json::Value =
        lines.lines().next().and_then(|line| serde_json::from_str(line).ok()).expect("the first version");
    let mut set = first.clone();
    (set["step"], set["version"], set["set"]) = (2.into(), 1.into(), serde_json::json!([["steps", "40"]]));
    lines += &format!("{set}\n");
    fs::write(&journal, lines).expect("the journal can be changed");
    let shown = text(&compare(folder.path(), &["a", "b"]).stdout);
    assert!(shown.contains("  option steps  4  4, 40 from step 3\n"), "{shown}");
    assert!(shown.contains("  changed while it trained  –") && shown.contains("  1 edit\n"), "{shown}");
}

#[test]
fn misuse_is_answered_in_one_line_and_draws_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("empty")).expect("a folder can be made");
    let output = compare(folder.path(), &["empty"]);
    assert_eq!(output.status.code(), Some(2));
    for (runs, want) in [
        (["empty", "missing"], "compare: missing: "),
        (["empty", "empty"], "compare: runs must be different folders, got empty twice\n"),
        (["empty", "."], "compare: empty: not the folder of a run: it has no run.json\n"),
    ] {
        let output = compare(folder.path(), &runs);
        let errors = text(&output.stderr);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
        assert!(errors.starts_with(want) && errors.lines().count() == 1, "{errors}");
    }
    assert!(!folder.path().join("compare.png").exists());
}
