//! The command line.

mod again;
mod arguments;
mod compare;
mod devices;
mod launcher;
mod on_device;
mod output;
mod parity_command;
mod repair_command;
mod signals;
mod study;
mod study_folder;

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::Parser;
use moonburn::{
    Checked, Engine, Fork, Outcome, ScriptError, Settings, TriedEvaluation, bench,
    reload::{Watch, digest},
    run::{Place, ProgressKind},
};
use serde_json::{Map, Value};

use arguments::{Cli, Command, LiveArguments, ScriptArguments};
use output::print;
use signals::interruptible;

fn main() -> ExitCode {
    // SAFETY: no other thread has been started yet.
    unsafe { moonburn::device::silence_device_select() };
    signals::ignore_file_size_limit();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let printed = error.print();
            if error.use_stderr() {
                return ExitCode::from(2);
            }
            output::note(printed);
            return told(ExitCode::SUCCESS, true);
        }
    };
    let is_printed = is_printed(&cli.command);
    let outcome = refuse_several(&cli.command).and_then(|()| obey(cli.command));
    let code = outcome.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "{error}");
        ExitCode::from(match () {
            () if error.is_usage() => 2,
            () if error.is_interrupt() => 130,
            () => 1,
        })
    });
    told(code, is_printed)
}

fn obey(command: Command) -> Result<ExitCode, ScriptError> {
    match command {
        Command::Run { script, out, live } => run(&script, out, live),
        Command::Resume { run, verify, set, edited, device, live } => {
            again::resume(run, verify, set, edited, &device, live)
        }
        Command::Fork { run, script, step, set, modules, device, out, live } => {
            let fork = Fork { settings: Settings { modules, ..Settings::new("") }, run, script, step, set };
            again::fork(fork, &device, out, live)
        }
        Command::Replay { run, device, out } => again::replay(run, &device, out),
        Command::Repair { run } => repair_command::run(&run),
        Command::Control { run, order, timeout } => again::control(&run, &order.join(" "), timeout),
        Command::Check { script, watch: false } => check(&script),
        Command::Check { script, watch: true } => watch_and_check(&script),
        Command::Study { scripts, seeds, set, modules, device, out } => {
            study::run(&study::Plan { scripts, seeds, set, modules, device, out })
        }
        Command::Compare { runs, out } => compare::run(&runs, &out),
        Command::Devices { json } => devices::run(json),
        Command::Parity { device, steps, only, output } => {
            let device = on_device::of_command(device.device.as_deref(), "parity");
            device.and_then(|device| parity_command::run(&device, steps, only.as_deref(), output.as_deref()))
        }
        Command::Bench { parts, model, width, batch, size, steps, warmup, precision, device } => {
            let options = bench::Options { parts, encoder: model, width, batch, size, steps, warmup, precision };
            bench_command(&options, device.device.as_deref())
        }
        Command::Types { file } => write_types(&file),
        Command::Reference => {
            print(&Engine::new().reference());
            Ok(ExitCode::SUCCESS)
        }
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

/// Whether what a command is for goes to the standard output. A training is for its folder, and goes on without.
fn is_printed(command: &Command) -> bool {
    !matches!(command, Command::Run { .. } | Command::Resume { .. } | Command::Fork { .. } | Command::Replay { .. })
}

/// What cannot be printed is told, and fails a command whose product it is.
fn told(code: ExitCode, is_printed: bool) -> ExitCode {
    let Some(error) = output::failure() else { return code };
    let _ = writeln!(std::io::stderr(), "standard output: {error}");
    if is_printed && code == ExitCode::SUCCESS { ExitCode::FAILURE } else { code }
}

fn settings(script: &ScriptArguments) -> Result<Settings, ScriptError> {
    let settings = settings_on_cpu(script)?;
    let device = on_device::of_script(script.device.device.as_deref(), &settings)?;
    Ok(Settings { device, ..settings })
}

fn settings_on_cpu(script: &ScriptArguments) -> Result<Settings, ScriptError> {
    if let Some(missing) = script.modules.iter().find(|folder| !folder.is_dir()) {
        return Err(ScriptError::usage("--modules", format!("{}: no such folder", missing.display())));
    }
    let precision = script.precision.clone().map(|value| ("precision".to_owned(), value));
    Ok(Settings {
        set: script.set.iter().cloned().chain(precision).collect(),
        modules: script.modules.clone(),
        seed: script.seed,
        progress: ProgressKind::Auto,
        command: command_line(),
        ..Settings::new(&script.script)
    })
}

/// What the process was started with, as text for people.
fn command_line() -> Vec<String> {
    std::env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect()
}

/// A line for each result, as soon as it is there.
fn bench_command(options: &bench::Options, device: Option<&str>) -> Result<ExitCode, ScriptError> {
    let device = on_device::of_command(device, "bench")?;
    bench::run(options, &device, &mut |line| print(&line.to_string()))
        .map_err(|error| ScriptError::at("bench", error.to_string().trim_start_matches("bench: ")))?;
    Ok(ExitCode::SUCCESS)
}

fn run(script: &ScriptArguments, out: Option<PathBuf>, live: LiveArguments) -> Result<ExitCode, ScriptError> {
    let mut settings = live.applied(settings(script)?);
    settings.interrupt = interruptible();
    settings.place = Some(place(out));
    let outcome = Engine::new().run(&settings)?;
    Ok(ended(&outcome))
}

impl LiveArguments {
    /// A person at the terminal can give orders and mend a script.
    fn applied(self, settings: Settings) -> Settings {
        let terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
        Settings { watch: !self.no_watch, checkpoint: self.checkpoint, terminal, owns_process: true, ..settings }
    }
}

fn place(out: Option<PathBuf>) -> Place {
    out.map_or_else(|| Place::Under("runs".into()), Place::Exactly)
}

/// Prints what came of a run, and says it by the exit code.
fn ended(outcome: &Outcome) -> ExitCode {
    print(&summary(outcome, &[]));
    if outcome.interrupted { ExitCode::from(130) } else { ExitCode::SUCCESS }
}

fn check(script: &ScriptArguments) -> Result<ExitCode, ScriptError> {
    let settings = settings(script)?;
    let checked = Engine::new().check_files(&settings);
    tell_findings(&checked);
    report_check(script, &settings, &checked.outcome?);
    Ok(ExitCode::SUCCESS)
}

/// They fail nothing.
fn tell_findings(checked: &Checked) {
    for finding in &checked.findings {
        let _ = writeln!(std::io::stderr(), "{finding}");
    }
}

fn report_check(script: &ScriptArguments, settings: &Settings, outcome: &Outcome) {
    let loss = outcome.metrics.last("loss").map_or(String::new(), |loss| format!(", loss {loss:.4}"));
    let steps = if outcome.updates == 1 { "one step" } else { "no update" };
    let evaluation = match outcome.evaluation {
        None => String::new(),
        Some(TriedEvaluation::Whole) => "; evaluate, on a few images".to_owned(),
        Some(TriedEvaluation::Partly(time)) => format!("; the first {} s of evaluate", time.as_secs()),
    };
    print(&format!("{}: ok ({steps} on {}{loss}{evaluation})", script.script.display(), settings.device.name()));
}

fn watch_and_check(script: &ScriptArguments) -> Result<ExitCode, ScriptError> {
    let watch = Watch::start(Vec::new())?;
    loop {
        let (checked, files) = match settings(script) {
            Ok(settings) => {
                let checked = Engine::new().check_files(&settings);
                tell_findings(&checked);
                (checked.outcome.map(|outcome| (settings, outcome)), checked.files)
            }
            // No edit mends the command line. What is wrong with the script, its device included, one does.
            Err(error) if error.is_usage() || on_device::is_asked(script.device.device.as_deref()) => {
                return Err(error);
            }
            Err(error) => {
                let on_cpu = Settings { progress: ProgressKind::Silent, ..settings_on_cpu(script)? };
                (Err(error), Engine::new().check_files(&on_cpu).files)
            }
        };
        match checked {
            Ok((settings, outcome)) => report_check(script, &settings, &outcome),
            Err(error) => {
                let _ = writeln!(std::io::stderr(), "{error}");
            }
        }
        watch
            .set_files(files.into_iter().map(|(path, bytes)| (path, bytes.and_then(|bytes| digest(&bytes)))).collect());
        while watch.wait(Duration::from_secs(3600)).is_none() {}
    }
}

fn write_types(file: &Path) -> Result<ExitCode, ScriptError> {
    moonburn::run::write_atomically(file, Engine::new().definitions().as_bytes())?;
    // A device, the standard output among them, is for what was written alone.
    if !["/dev", "/proc"].iter().any(|folder| file.starts_with(folder)) {
        print(&format!("wrote {}", file.display()));
    }
    Ok(ExitCode::SUCCESS)
}

/// The results before and after the training beside each other, some of them left out.
fn summary(outcome: &Outcome, left_out: &[&str]) -> String {
    let empty = Map::new();
    let untrained = outcome.results.get("untrained").and_then(Value::as_object).unwrap_or(&empty);
    let mut lines = Vec::new();
    let is_shown = |name: &str| !["untrained", "timing"].contains(&name) && !left_out.contains(&name);
    for (name, value) in outcome.results.iter().filter(|(name, _)| is_shown(name)) {
        match (untrained.get(name).and_then(Value::as_f64), value.as_f64()) {
            (Some(before), Some(after)) => lines.push(format!("{name}: {after:.2} (untrained {before:.2})")),
            (_, Some(after)) => lines.push(format!("{name}: {after:.2}")),
            _ => lines.push(format!("{name}: {}", value.to_string().trim_matches('"'))),
        }
    }
    let seconds = outcome.results["timing"]["training_seconds"].as_f64().unwrap_or(0.0);
    let state = if outcome.interrupted { "interrupted" } else { "finished" };
    lines.push(format!("{state} after {} updates, {seconds:.0} s of training", outcome.updates));
    if let Some(folder) = &outcome.folder {
        lines.push(format!("weights, metrics and pictures: {}", folder.display()));
    }
    lines.join("\n")
}
