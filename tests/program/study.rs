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
    assert!(table.ends_with(&written) && table.contains("run 3 of 4: plain, seed 1\n"), "{table}");
    let csv = fs::read_to_string(out.join("study.csv")).expect("the rows are written");
    let lines: Vec<_> = csv.lines().collect();
    assert!(lines.len() == 5 && lines[0].starts_with("script,seed,device,changed_while_training,"), "{csv}");
    assert!(lines[2].starts_with("tests/training/plain.lua,1,cpu,,"), "{csv}");

    // One run is lost; the others are kept as they are.
    let (kept, lost) = (out.join("few_shot-1/run.json"), out.join("plain-0/run.json"));
    let before = fs::read_to_string(&kept).expect("a run has a record");
    let record = fs::read_to_string(&lost).expect("a run has a record").replace("\"finished\"", "\"running\"");
    fs::write(&lost, record).expect("the record can be changed");
    let second = study(&out, &["--set", "steps=2"]);
    let shown = String::from_utf8_lossy(&second.stdout).into_owned();
    assert!(second.status.success() && shown.contains("run 1 of 4: plain, seed 0\n"), "{shown}");
    assert!(shown.contains("run 2 of 4: few_shot, seed 0, is done\n"), "{shown}");
    assert_eq!(fs::read_to_string(&kept).expect("a run has a record"), before);

    let other = study(&out, &["--set", "steps=3"]);
    let error = String::from_utf8_lossy(&other.stderr).into_owned();
    assert!(!other.status.success() && error.contains("was run with steps=2, not 3: choose another --out"), "{error}");
}

#[test]
fn a_script_that_fails_is_named_and_the_others_are_in_the_table() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).expect("a script can be written");
        path.display().to_string()
    };
    let experiment = |fails: &str| {
        format!(
            "local mb = require 'moonburn'\nlocal e = {{ options = {{ steps = 1 }} }}\n\
             function e.train(session) {fails} for _ in session:steps() do session:log {{ x = 1 }} end end\n\
             function e.evaluate() return {{ accuracy = 50.0 }} end\nreturn e\n"
        )
    };
    let good = script("good.lua", &experiment(""));
    let bad = script("bad.lua", &experiment("if session.seed == 1 then error('seed 1 fails') end"));
    let run = |scripts: &[&str], out: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
        command.arg("study").args(scripts).args(["--seeds", "2", "--device", "cpu", "--out", out]);
        command.current_dir(folder.path()).output().expect("the program starts")
    };
    let output = run(&[&bad, &good], "mixed");
    let (table, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1));
    assert!(table.contains("| bad | 1 | 50.0") && table.contains("| good | 2 | 50.0 ± 0.0"), "{table}");
    assert!(errors.contains("bad, seed 1:") && errors.contains("seed 1 fails"), "{errors}");

    // Nothing is trained where a script does not even load, or where two have one name.
    let broken = script("broken.lua", "return {");
    assert_eq!(run(&[&good, &broken], "broken").status.code(), Some(1));
    assert!(!folder.path().join("broken").exists());
    let twins = run(&[&good, &good], "twins");
    assert!(String::from_utf8_lossy(&twins.stderr).contains("two scripts are called 'good'"));

    // A script that was changed is another one.
    script("good.lua", &format!("-- changed\n{}", experiment("")));
    let changed = run(&[&good], "mixed");
    let errors = String::from_utf8_lossy(&changed.stderr);
    assert!(errors.contains("was run before") && errors.contains("good.lua was changed"), "{errors}");
}
