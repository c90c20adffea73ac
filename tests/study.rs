//! The command `study`: several scripts over several seeds, one table.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn study(out: &Path, options: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.args([
        "study",
        "tests/training/plain.lua",
        "tests/training/few_shot.lua",
        "--seeds",
        "2",
        "--device",
        "cpu",
    ]);
    command.arg("--out").arg(out).args(options).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.output().expect("the program starts")
}

#[test]
fn a_study_makes_a_table_goes_on_where_it_was_broken_off_and_mixes_no_options() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("study");
    let first = study(&out, &["--set", "steps=2"]);
    let table = String::from_utf8_lossy(&first.stdout).into_owned();
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    assert!(table.contains("| plain | 2 |") && table.contains(" ± ") && table.contains("- Options of plain: batch 6"));
    let written = fs::read_to_string(out.join("study.md")).expect("the table is written");
    assert!(table.ends_with(&written));

    // One run is lost; the others are kept as they are.
    let (kept, lost) = (out.join("few_shot-1/run.json"), out.join("plain-0/run.json"));
    let before = fs::read_to_string(&kept).expect("a run has a record");
    let record = fs::read_to_string(&lost).expect("a run has a record").replace("\"finished\"", "\"running\"");
    fs::write(&lost, record).expect("the record can be changed");
    let second = study(&out, &["--set", "steps=2"]);
    let shown = String::from_utf8_lossy(&second.stdout).into_owned();
    assert!(second.status.success() && shown.contains("plain, seed 0") && !shown.contains("few_shot, seed"), "{shown}");
    assert_eq!(fs::read_to_string(&kept).expect("a run has a record"), before);

    let other = study(&out, &["--set", "steps=3"]);
    let error = String::from_utf8_lossy(&other.stderr).into_owned();
    assert!(!other.status.success() && error.contains("was run with steps=2, not 3: choose another --out"), "{error}");
}
