//! What a language server says of the scripts and of planted mistakes, by the type definitions. It needs EmmyLua's
//! checker, `emmylua_check`, which the gate installs; without it the tests are shown as ignored.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use libtest_mimic::{Arguments, Failed, Trial};
use moonburn::{options::Choice, shipped::Template};
use serde_json::Value;

/// Where the gate installs it, before the one of the machine.
fn checker() -> Command {
    let own = Path::new("target/editor/bin/emmylua_check");
    Command::new(if own.exists() { own } else { Path::new("emmylua_check") })
}

const MISTAKES: &str = include_str!("mistakes.lua");

fn main() {
    let is_absent = checker().arg("--version").output().is_err();
    if is_absent {
        println!("ignored: there is no emmylua_check; .ci/run installs it");
    }
    let trials = vec![
        Trial::test("the scripts and the library that ship have no warning", || {
            let scripts = Path::new("scripts");
            nothing_is_marked(scripts, lua_files(scripts).len() - 1)
        }),
        Trial::test("each planted mistake is marked, and nothing else", mistakes),
        Trial::test("a new experiment of every template has no warning", templates),
        Trial::test("with the types of a script, its session's components and its options are known", typed_session),
    ];
    let trials = trials.into_iter().map(|trial| trial.with_ignored_flag(is_absent)).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// What the checker marks.
struct Warning {
    /// From 1.
    line: usize,
    code: String,
    /// All of it, for people.
    told: String,
}

/// The files that were checked, and the warnings of all.
fn check(folder: &Path) -> Result<(usize, Vec<Warning>), Failed> {
    let output = checker().args(["--output-format", "json", "--severity", "warn"]).arg(folder).output()?;
    let files: Vec<Value> = serde_json::from_slice(&output.stdout)?;
    let mut warnings = Vec::new();
    for file in &files {
        for found in file["diagnostics"].as_array().ok_or("a file has diagnostics")? {
            let line = found["range"]["start"]["line"].as_u64().ok_or("a warning has a line")? as usize + 1;
            let code = found["code"].as_str().unwrap_or_default().to_owned();
            let told = format!("{}:{line}: {code}: {}", file["file"], found["message"]);
            warnings.push(Warning { line, code, told });
        }
    }
    Ok((files.len(), warnings))
}

fn nothing_is_marked(folder: &Path, files: usize) -> Result<(), Failed> {
    let (checked, warnings) = check(folder)?;
    if checked < files {
        return Err(format!("{checked} of {files} files were checked").into());
    }
    let told: Vec<_> = warnings.into_iter().map(|warning| warning.told).collect();
    if told.is_empty() { Ok(()) } else { Err(told.join("\n").into()) }
}

fn lua_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { lua_files(&path) } else { vec![path] }).collect()
}

/// Runs the program in a folder.
fn moonburn(folder: &Path, arguments: &[&str]) -> Result<(), Failed> {
    let output = Command::new(env!("CARGO_BIN_EXE_moonburn")).args(arguments).current_dir(folder).output()?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(told.into()) }
}

fn mistakes() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    moonburn(folder.path(), &["types"])?;
    fs::write(folder.path().join("train.lua"), MISTAKES)?;
    let planted: BTreeSet<(usize, String)> = MISTAKES
        .lines()
        .enumerate()
        .filter_map(|(at, line)| Some((at + 1, line.rsplit_once("--> ")?.1.to_owned())))
        .filter(|(_, code)| !code.contains('`'))
        .collect();
    let marked: BTreeSet<_> = check(folder.path())?.1.into_iter().map(|it| (it.line, it.code)).collect();
    let missed: Vec<_> = planted.difference(&marked).collect();
    let more: Vec<_> = marked.difference(&planted).collect();
    match missed.is_empty() && more.is_empty() && planted.len() > 15 {
        true => Ok(()),
        false => {
            Err(format!("of {} mistakes not marked: {missed:?}; marked without a mistake: {more:?}", planted.len())
                .into())
        }
    }
}

fn templates() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    for template in Template::NAMES {
        moonburn(folder.path(), &["new", template, "--template", template])?;
        nothing_is_marked(&folder.path().join(template), 1)?;
    }
    Ok(())
}

fn typed_session() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    moonburn(folder.path(), &["new", "mine"])?;
    let mine = folder.path().join("mine");
    let script = "local mb = require \"moonburn\"\n\n---@type moonburn.Script\nlocal experiment = {}\n\n\
                  function experiment.episode(session, o)\n  return session.images:nxt(o.batch)\nend\n\n\
                  function experiment.loss(session, episode, o)\n  session.optimizer:freez()\n  mb.nn.linear(o.images, 1)\n  \
                  return session.encoder(episode.images):mean() * o.lr\nend\n\nreturn experiment\n";
    fs::write(mine.join("train.lua"), script)?;
    let marked: Vec<_> = check(&mine)?.1.into_iter().map(|it| (it.line, it.code)).collect();
    let want = [(7, "undefined-field"), (11, "undefined-field"), (12, "param-type-mismatch")];
    let want: BTreeSet<_> = want.into_iter().map(|(line, code)| (line, code.to_owned())).collect();
    if marked.iter().cloned().collect::<BTreeSet<_>>() == want { Ok(()) } else { Err(format!("{marked:?}").into()) }
}
