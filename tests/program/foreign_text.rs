//! Text of others in what the program says: a terminal obeys none of it, no byte is lost in silence, and what is
//! megabytes long is cut.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn moonburn(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.args(arguments).current_dir(folder).output().expect("the program starts")
}

/// What a check of a script says, of which a terminal obeys nothing.
fn said(script: &str, arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("s.lua"), script).expect("a script can be saved");
    fs::create_dir_all(folder.path().join("photos/a\x1b[2Jb")).expect("a folder can be made");
    let output = moonburn(folder.path(), &[&["check", "s.lua", "--device", "cpu"], arguments].concat());
    assert_ne!(output.status.code(), Some(0), "{script}");
    shown(&output)
}

fn shown(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).expect("messages are text");
    let is_obeyed = |letter: char| letter.is_control() && letter != '\n' && letter != '\t';
    assert!(!text.contains(is_obeyed), "{text:?}");
    assert!(text.len() < 40_000, "{} bytes", text.len());
    text
}

/// A script whose setup does something.
fn setup(body: &str) -> String {
    format!(
        "local mb = require 'moonburn'\nreturn {{ setup = function(session)\n{body}\nend, train = function() end }}"
    )
}

#[test]
fn escapes_are_shown_and_not_obeyed_wherever_they_come_from() {
    let train = "train = function() end";
    for (script, arguments, want) in [
        (format!("return {{ {train} }}"), &["--set", "\x1b[2Ja=1"][..], "unknown option '\\x1b[2Ja'"),
        (format!("return {{ {train}, options = {{ lr = 1 }} }}"), &["--set", "lr=\x07"], "got '\\x07'"),
        ("require 'a\\27[2Jb'".into(), &[], "no module 'a\\x1b[2Jb'"),
        ("require 'a\\nb'".into(), &[], "no module 'a\\nb'"),
        (format!("return {{ {train}, ['\\27]0;x\\7'] = 1 }}"), &[], "unknown entry point '\\x1b]0;x\\x07'"),
        (format!("return {{ {train}, ['\\xff\\0'] = 1 }}"), &[], "unknown entry point '\\xff\\x00'"),
        (format!("return {{ {train}, device = '\\xff' }}"), &[], "s.lua:"),
        (format!("return {{ {train}, checkpoint = {{ ['e\\27'] = 1 }} }}"), &[], "unknown option 'e\\x1b'"),
        ("error('\\27[2Jgone')".into(), &[], "s.lua:1: \\x1b[2Jgone"),
        ("error('one\\ntwo')".into(), &[], "s.lua:1: one\ntwo"),
        (setup("session['\\27[2J'] = 5"), &[], "\\x1b[2J must be a module"),
        (setup("return mb.zeros(2)['\\27x']"), &[], "unknown name '\\x1bx'"),
        (setup("mb.nn.linear(1, 1, { ['\\27'] = 1 })"), &[], "unknown option '\\x1b'"),
        (setup("mb.zeros(1, 1):matmul('\\27\\xfe')"), &[], "\\x1b\\xfe"),
        (setup("mb.kernel('a\\27.wgsl')"), &[], "a\\x1b.wgsl"),
        (setup("session.x = mb.data.images('nowhere\\27')"), &[], "nowhere\\x1b"),
        (setup("session.x = mb.data.images('')"), &[], "images: source must be"),
        (
            setup("session.m = mb.nn.linear(1, 1)\nsession.m:load('a\\27.safetensors')"),
            &[],
            "m: load: a\\x1b.safetensors: ",
        ),
    ] {
        let text = said(&script, arguments);
        assert!(text.contains(want), "{script:?}\n{text}\nwant {want}");
    }
}

#[test]
fn names_of_megabytes_are_cut() {
    let train = "train = function() end";
    let long = "string.rep('long', 1250000)";
    for script in [
        format!("require({long})"),
        format!("return {{ {train}, [{long}] = 1 }}"),
        format!("return {{ {train}, checkpoint = {{ [{long}] = 1 }} }}"),
        format!("return {{ {train}, checkpoint = {{ mode = {long} }} }}"),
        format!("return {{ {train}, device = {long} }}"),
        format!("error({long})"),
        "error(string.rep('a word ', 700000))".into(),
        setup(&format!("session[{long}] = 5")),
        setup(&format!("mb.zeros(1, 1):matmul({long})")),
        setup(&format!("session.x = mb.data.images({long})")),
        setup(&format!("session:log {{ [{long}] = 'x' }}")),
    ] {
        let text = said(&script, &[]);
        assert!(text.contains("…("), "{script}: {text}");
        assert!(text.starts_with("s.lua"), "{script}: {text}");
    }
}

#[test]
fn a_flag_says_what_it_wants_without_the_words_of_a_library() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (arguments, want) in [
        (&["run", "s.lua", "--seed", "x"][..], "must be a whole number of 0 or more"),
        (&["study", "s.lua", "--seeds", "0"], "must be a whole number over 0"),
        (&["parity", "--steps", "1001"], "must be a whole number from 0 to 1000"),
        (&["bench", "--width", "-"], "must be a whole number"),
        (&["bench", "--model", "resnet19"], "unknown model 'resnet19'; did you mean 'resnet18'?"),
        (&["run", "s.lua", "--checkpoint", "5x"], "'--checkpoint <EVERY>': must be steps such as 100"),
        (&["check", "s.lua", "--device", "gpu:x"], "--device: gpu:N must be a number such as gpu:0, got 'gpu:x'"),
        (&["check", "s.lua", "--device", "tpu"], "--device: unknown name 'tpu'"),
        (&["check", "s.lua", "--set", "\x1b[2J"], "\\x1b[2J"),
        (&["check", "gone\x1b.lua", "--device", "cpu"], "gone\\x1b.lua: "),
    ] {
        let text = shown(&moonburn(folder.path(), arguments));
        assert!(text.contains(want), "{arguments:?}: {text}");
        assert!(!text.contains("os error") && !text.contains("invalid digit"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn files_whose_names_are_no_text_are_told_byte_by_byte() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.args(["check", "--device", "cpu"]).arg(OsStr::from_bytes(b"no\xff.lua")).current_dir(folder.path());
    let text = shown(&command.output().expect("the program starts"));
    assert!(text.starts_with("no\\xff.lua: "), "{text}");
}
