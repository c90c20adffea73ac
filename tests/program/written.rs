//! Where a mistake in what a script returns is told: at the line that writes it, however that is written, and at the
//! file alone where no line is certain.

use std::{
    path::Path,
    process::{Command, Output},
};

fn check(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.args(["check", "s.lua", "--device", "cpu"]).args(arguments).current_dir(folder);
    command.output().expect("the program starts")
}

/// What a check of a script with other files says first, and its exit code.
fn said_with(others: &[(&str, &str)], script: &str, arguments: &[&str]) -> (String, Option<i32>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in others.iter().chain(&[("s.lua", script)]) {
        std::fs::write(folder.path().join(name), text).expect("a file can be saved");
    }
    let output = check(folder.path(), arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    (text.lines().next().unwrap_or_default().to_owned(), output.status.code())
}

fn said(script: &str, arguments: &[&str]) -> String {
    said_with(&[], script, arguments).0
}

const TRAIN: &str = "train = function() end";

#[test]
fn an_option_of_the_command_line_is_told_at_the_option_and_not_where_its_name_stands() {
    let script = format!(
        "-- temperature = 0.1 is what the paper has\nlocal note = [[\ntemperature = 3\n]]\n\
         local other = {{ temperature = 5 }}\nlocal function views(options) options.temperature = 7 end\n\
         return {{\n\tcheckpoint = {{ every = 5 }},\n\toptions = {{\n\t\tname = 'temperature = 9',\n\
         \t\ttemperature = 0.5,\n\t}},\n\t{TRAIN},\n}}\n"
    );
    let want = "s.lua:11: --set: temperature must be a number, got 'hot'";
    assert_eq!(said_with(&[], &script, &["--set", "temperature=hot"]), (want.into(), Some(2)));
    let windows = format!("\u{feff}{}", script.replace('\n', "\r\n"));
    assert_eq!(said(&windows, &["--set", "temperature=hot"]), want);
    let unknown = "s.lua:9: --set: unknown option 'temprature'; did you mean 'temperature'?";
    assert_eq!(said(&script, &["--set", "temprature=1"]), unknown);
}

#[test]
fn options_are_found_however_they_come_into_the_returned_table() {
    let at = |script: &str| {
        let others = [("opts.lua", "local options = {\n  lr = 0.1,\n}\nreturn options\n")];
        let text = said_with(&others, &script.replace("TRAIN", TRAIN), &["--set", "lr=fast"]).0;
        let rest = text.strip_suffix(": --set: lr must be a number, got 'fast'");
        rest.unwrap_or_else(|| panic!("{script}: {text}")).to_owned()
    };
    assert_eq!(at("local experiment = { TRAIN }\nexperiment.options = {\n  lr = 0.1 }\nreturn experiment"), "s.lua:3");
    assert_eq!(at("local M = { TRAIN, options = {} }\n\nM.options.lr = 0.1\nreturn M"), "s.lua:3");
    assert_eq!(at("local options <const> = {\n ['lr'] = 0.1 }\nreturn { TRAIN, options = options }"), "s.lua:2");
    assert_eq!(at("return {\n TRAIN, options = require('opts') }"), "opts.lua:2");
    assert_eq!(at("local o = require 'opts'\no.lr = 0.3\nreturn { TRAIN, options = o }"), "s.lua:2");
    // Made when it runs: no line is certain, so there is none.
    assert_eq!(at("local function make() return { lr = 0.1 } end\nreturn { TRAIN, options = make() }"), "s.lua");
    assert_eq!(
        at("local o = { lr = 1 }\nfor _, k in ipairs { 'lr' } do o[k] = 0.1 end\nreturn { TRAIN, options = o }"),
        "s.lua"
    );
    assert_eq!(at("local o = { lr = 1.0 }\nif o then o.lr = 0.1 end\nreturn { TRAIN, options = o }"), "s.lua");
}

#[test]
fn tables_beside_the_functions_are_told_at_the_key() {
    let mistake = |table: &str| said(&format!("local M = {{\n  {TRAIN},\n}}\nM.{table}\nreturn M\n"), &[]);
    assert_eq!(
        mistake("checkpoint = {\n  keep = 2,\n  evry = 5,\n}"),
        "s.lua:6: checkpoint: unknown option 'evry'; did you mean 'every'?"
    );
    assert_eq!(
        mistake("checkpoint = { keep = 2,\n  every = '5x' }"),
        "s.lua:5: checkpoint: every must be steps such as 100, a time such as 5m, or never, got '5x'"
    );
    assert_eq!(
        mistake("checkpoint = { best = 'loss',\n\n mode = 'lowest' }"),
        "s.lua:6: checkpoint: unknown mode 'lowest'; there are: min, max"
    );
    assert_eq!(mistake("recover = { rewind = 3,\n  lr = 0 }"), "s.lua:5: recover: lr must be a number over 0, got 0");
    assert_eq!(mistake("recover = 3"), "s.lua:4: experiment: recover must be a table, got 3");
}

#[test]
fn an_entry_point_that_there_is_not_and_one_of_another_type_are_told_where_they_are_written() {
    assert_eq!(
        said("local M = {}\nfunction M.train() end\nfunction M.evalute() end\n\nreturn M", &[]),
        "s.lua:3: experiment: unknown entry point 'evalute'; did you mean 'evaluate'?"
    );
    assert_eq!(
        said(&format!("return {{\n {TRAIN},\n setup = 7,\n}}"), &[]),
        "s.lua:3: experiment: setup must be a function, got 7"
    );
    assert_eq!(
        said(&format!("return {{\n {TRAIN},\n device = 1 }}"), &[]),
        "s.lua:3: experiment: device must be a device's name, got 1"
    );
    let arguments = ["check", "s.lua"];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = format!("local M = {{ {TRAIN} }}\nM.device = 'gpu:x'\nreturn M");
    std::fs::write(folder.path().join("s.lua"), script).expect("a script can be saved");
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    let output = command.args(arguments).env_remove("MOONBURN_DEVICE").current_dir(folder.path()).output();
    let text = String::from_utf8_lossy(&output.expect("the program starts").stderr).into_owned();
    assert_eq!(text.trim_end(), "s.lua:2: device: gpu:N must be a number such as gpu:0, got 'gpu:x'");
    assert_eq!(said("local x = 1\n\nreturn x", &[]), "s.lua:3: the script must return a table of entry points, got 1");
    assert_eq!(said("local x = 1\n", &[]), "s.lua: the script must return a table of entry points, got nothing");
}

#[test]
fn an_option_that_every_script_has_is_told_at_the_script_or_as_the_command_lines() {
    let script = format!("return {{\n {TRAIN},\n options = {{ lr = 1,\n  precision = 'half',\n steps = 0 }},\n}}");
    assert_eq!(said(&script, &[]), "s.lua:5: options: steps must be a positive integer, got 0");
    let told = said_with(&[], &script, &["--set", "steps=-2"]);
    assert_eq!(told, ("s.lua:5: --set: steps must be a positive integer, got -2".into(), Some(2)));
    let told = said(&script, &["--set", "steps=2"]);
    assert_eq!(told, "s.lua:4: precision: unknown format 'half'; there are: float32, float16, bfloat16");
}
