//! From the command line to the command that it names, and from what came of that to the exit code.

use std::{io::Write, process::ExitCode};

use clap::{Parser, error::ErrorKind};
use moonburn::{Fork, ScriptError, Settings, bench::BenchOptions};

use super::{
    argument_groups::ScriptArguments,
    arguments::{Cli, Command},
    bench, check, compare, control, devices, examples, fork, generated, help, launcher, new, on_device, output, parity,
    preview, reference, repair, replay, resume, run, script_help, signals,
    study::{self, StudyOptions},
    types,
    values::shown,
};

/// Obeys the command line of this process.
pub fn main() -> ExitCode {
    signals::ignore_file_size_limit();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            if let Some(outcome) = (error.kind() == ErrorKind::DisplayHelp).then(script_help::asked).flatten() {
                return told(code(outcome), true);
            }
            let error = shown::<Cli>(error);
            let printed = error.print();
            if error.use_stderr() {
                return ExitCode::from(2);
            }
            output::note(printed);
            return told(ExitCode::SUCCESS, true);
        }
    };
    let is_printed = is_printed(&cli.command);
    let outcome = on_device::check_variables().and_then(|()| refuse_several(&cli.command));
    let outcome = outcome.and_then(|()| obey(cli.command));
    told(code(outcome), is_printed)
}

/// The exit code, once what is wrong is told.
fn code(outcome: Result<ExitCode, ScriptError>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "{error}");
        ExitCode::from(match () {
            () if error.is_usage() => 2,
            () if error.is_interrupt() => 130,
            () => 1,
        })
    })
}

fn obey(command: Command) -> Result<ExitCode, ScriptError> {
    match command {
        Command::Run { script, out, live } => run::run(&script, out, live),
        Command::Resume { run, verify, set, edited, device, live } => {
            resume::run(run, verify, set, edited, &device, live)
        }
        Command::Fork { run, script, step, set, modules, device, out, live } => fork::run(
            Fork { settings: Settings { modules, ..Settings::new("") }, run, script, step, set },
            &device,
            out,
            live,
        ),
        Command::Replay { run, device, out } => replay::run(run, &device, out),
        Command::Repair { run } => repair::run(&run),
        Command::Control { run, order, timeout } => control::run(&run, &order.join(" "), timeout),
        Command::Check { script, watch: false } => check::run(&script),
        Command::Check { script, watch: true } => check::watch(&script),
        Command::Study { scripts, seeds, set, modules, device, out } => {
            study::run(&StudyOptions { scripts, seeds, set, modules, device, out })
        }
        Command::Compare { runs, out } => compare::run(&runs, &out),
        Command::Devices { json } => devices::run(json),
        Command::Parity { device, steps, only, output } => {
            parity::run(device.device.as_deref(), steps, only.as_deref(), output.as_deref())
        }
        Command::Preview { script, images, views, out } => preview::run(&script, images, views, &out),
        Command::Bench { script: Some(script), set, batch, steps, warmup, device, .. } => {
            preview::time(&ScriptArguments::of(script, set, device), batch, steps, warmup)
        }
        Command::Bench { parts, model, width, batch, size, steps, warmup, precision, device, .. } => {
            let options = BenchOptions { parts, encoder: model, width, batch, size, steps, warmup, precision };
            bench::run(&options, device.device.as_deref())
        }
        Command::New { folder, template } => new::run(&folder, template),
        Command::Examples { copy } => examples::run(copy.as_deref()),
        Command::Types { place, set, modules } => types::run(&place, set, modules),
        Command::Reference => reference::run(),
        Command::Help { name } => help::run(name.as_deref()),
        Command::Completions { shell } => generated::completions(shell),
        Command::Man { folder } => generated::man(&folder),
    }
}

/// Refuses to train as one of several processes of a launcher.
fn refuse_several(command: &Command) -> Result<(), ScriptError> {
    match command {
        Command::Run { out, .. } => launcher::refuse_several("run", out.as_deref()),
        Command::Resume { run, .. } => launcher::refuse_several("resume", Some(run)),
        Command::Fork { out, .. } => launcher::refuse_several("fork", out.as_deref()),
        Command::Replay { out, .. } => launcher::refuse_several("replay", out.as_deref()),
        Command::Study { out, .. } => launcher::refuse_several("study", Some(out)),
        _ => Ok(()),
    }
}

/// Whether the standard output is what a command is for. A training is for its folder, and goes on without an output.
fn is_printed(command: &Command) -> bool {
    !matches!(command, Command::Run { .. } | Command::Resume { .. } | Command::Fork { .. } | Command::Replay { .. })
}

/// Reports that something could not be printed, which fails a command that exists to print it.
fn told(code: ExitCode, is_printed: bool) -> ExitCode {
    let Some(error) = output::failure() else { return code };
    let _ = writeln!(std::io::stderr(), "standard output: {error}");
    if is_printed && code == ExitCode::SUCCESS { ExitCode::FAILURE } else { code }
}
