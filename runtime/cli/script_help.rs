//! `run SCRIPT --help`: a script's own options.

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;
use moonburn::{
    Engine, Inspected, ScriptError,
    run::table::{Table, terminal_columns},
};
use serde_json::Value;

use super::{
    argument_groups::ScriptArguments,
    arguments::{Cli, Command},
    output::print,
    settings, types,
};

/// Tells the options of the script that the command line names beside `--help`; nothing where it names none.
pub fn asked() -> Option<Result<ExitCode, ScriptError>> {
    let is_help = |argument: &OsString| argument == "--help" || argument == "-h";
    let rest = std::env::args_os().filter(|argument| !is_help(argument));
    let (name, script) = match Cli::try_parse_from(rest).ok()?.command {
        Command::Run { script, .. } => ("run", script),
        Command::Check { script, .. } => ("check", script),
        Command::Preview { script, .. } => ("preview", script),
        _ => return None,
    };
    Some(tell(name, &script))
}

fn tell(command: &str, script: &ScriptArguments) -> Result<ExitCode, ScriptError> {
    let inspected = Engine::new().inspect(&settings::on_cpu(script)?)?;
    let about = inspected.about();
    let path = script.script.display();
    let head = if about.is_empty() { format!("{path}") } else { format!("{path}: {about}") };
    let options = if inspected.options.is_empty() {
        "It has no options.".to_owned()
    } else {
        format!("Options of the script, --set NAME=VALUE:\n\n{}", table(&inspected).text(terminal_columns()).trim_end())
    };
    print(&format!("{head}\n\n{options}\n\nFlags of every script: moonburn {command} --help"));
    Ok(ExitCode::SUCCESS)
}

fn table(inspected: &Inspected) -> Table {
    let sentences = inspected.sentences();
    let mut table = Table::new(["option", "value", "type", ""]);
    for (name, value) in &inspected.options {
        let sentence = sentences.get(name).cloned().unwrap_or_default();
        table.row([name.clone(), shown(value), types::of_option(value).to_owned(), sentence]);
    }
    table
}

/// As `--set` takes it, but for a number that is not finite, which no file of a run can hold.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "not finite".into(),
        other => other.to_string(),
    }
}
