//! The command `parity`.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.arg("parity").args(arguments).current_dir(folder).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_cpu_agrees_with_itself_in_every_bit_and_leaves_a_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = run(folder.path(), &["--device", "cpu", "--steps", "2"]);
    let (shown, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{shown}{said}");
    assert!(said.contains("the device is the CPU, which is compared with itself"), "{said}");
    let last = shown.lines().last().expect("a verdict");
    assert!(last.starts_with("cpu: all ") && last.ends_with("within tolerance (parity-cpu.json)"), "{last}");

    let file = std::fs::read(folder.path().join("parity-cpu.json")).expect("the file is there");
    let file: Value = serde_json::from_slice(&file).expect("the file is JSON");
    assert_eq!((&file["device"], &file["within_tolerance"]), (&Value::from("cpu"), &Value::from(true)));
    let parts = file["parts"].as_array().expect("a list of parts");
    assert_eq!(shown.lines().take_while(|line| !line.is_empty()).count(), parts.len() + 1);
    let outputs: Vec<&Value> = parts.iter().flat_map(|part| part["outputs"].as_array().expect("outputs")).collect();
    assert!(outputs.len() > 400 && outputs.iter().all(|output| output["drift"] == 0.0), "{}", outputs.len());
    for name in
        ["matmul", "batch_norm, training", "nt_xent, 2 views", "lars of a weight", "frozen encoder, training mode"]
    {
        assert!(parts.iter().any(|part| part["name"] == name), "{name}");
    }
    assert!(shown.contains("SimCLR training: losses of steps 1 to 2"), "{shown}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1);
}

#[test]
fn an_output_in_a_missing_folder_is_told_before_anything_is_compared() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = run(folder.path(), &["--device", "cpu", "--output", "missing/parity.json"]);
    assert_eq!((output.status.code(), text(&output.stdout).as_str()), (Some(2), ""));
    assert_eq!(text(&output.stderr), "--output: missing: no such folder\n");
}

#[test]
fn where_the_file_cannot_be_written_the_table_has_been_printed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("taken")).expect("a folder");
    let output = run(folder.path(), &["--device", "cpu", "--only", "relu", "--output", "taken"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(shown.contains("relu layer") && shown.ends_with("agree with the CPU within tolerance\n"), "{shown}");
    assert!(text(&output.stderr).contains("write: taken: "), "{}", text(&output.stderr));
}

#[test]
fn only_some_parts_are_compared_and_a_name_that_none_has_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = run(folder.path(), &["--device", "cpu", "--only", "LARS", "--output", "lars.json"]);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0));
    assert!(shown.contains("lars of a bias") && !shown.contains("matmul"), "{shown}");
    assert!(shown.ends_with("(lars.json)\n"), "{shown}");
    let output = run(folder.path(), &["--device", "cpu", "--only", "adadelta"]);
    assert_eq!(
        (output.status.code(), text(&output.stderr).as_str()),
        (Some(2), "--only: no part has 'adadelta' in its name\n")
    );
    assert_eq!(run(folder.path(), &["--device", "nonsense"]).status.code(), Some(2));
}
