//! The command line.

mod study;

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use moonburn::{
    Device, Engine, Outcome, ScriptError, Settings,
    interrupt::Interrupt,
    run::{Place, ProgressKind},
    tensor::memory,
    watch::Changes,
};
use serde_json::{Map, Value};

/// Train self-supervised and episodic models by Lua scripts, on any GPU or on the CPU.
#[derive(Parser)]
#[command(version, arg_required_else_help = true, after_help = "Start with: moonburn run scripts/simclr.lua")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Train by a script; leaves a run folder with options, metrics, pictures and weights
    Run {
        #[command(flatten)]
        script: ScriptArguments,
        /// The run's folder, new or empty [default: runs/SCRIPT-DATE-TIME]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Load a script, build its parts and do one tiny step, without a run folder
    Check {
        #[command(flatten)]
        script: ScriptArguments,
        /// Check again whenever the script, or a file that it required, is saved
        #[arg(long)]
        watch: bool,
    },
    /// Train by several scripts with several seeds each; prints a table of mean ± deviation of what they evaluate
    ///
    /// Runs that an earlier call finished in the same folder are kept, so a study can be broken off and go on.
    Study {
        /// The Lua scripts
        #[arg(required = true)]
        scripts: Vec<PathBuf>,
        /// How many seeds, from 0 on
        #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
        seeds: u64,
        /// Set an option of every script, such as epochs=10; may be repeated
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
        set: Vec<(String, String)>,
        /// Where the scripts find what they require, besides their own folders; may be repeated
        #[arg(long = "modules", value_name = "DIR")]
        modules: Vec<PathBuf>,
        /// auto (a real GPU if there is one, else the CPU), cpu or gpu
        #[arg(long, default_value = "auto", value_parser = ["auto", "cpu", "gpu"])]
        device: String,
        /// The study's folder, with a run's folder for each script and seed, and the table
        #[arg(long, value_name = "DIR", default_value = "runs/study")]
        out: PathBuf,
    },
    /// Write the Lua type definitions for editors
    Types {
        /// The file to write
        #[arg(default_value = "scripts/types/moonburn.d.lua")]
        file: PathBuf,
    },
    /// Print the reference page of the Lua API (Markdown)
    Reference,
}

#[derive(Args)]
struct ScriptArguments {
    /// The Lua script
    script: PathBuf,
    /// Set an option of the script, such as batch=128; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    set: Vec<(String, String)>,
    /// Where the script finds what it requires, besides its own folder; may be repeated
    #[arg(long = "modules", value_name = "DIR")]
    modules: Vec<PathBuf>,
    /// auto (a real GPU if there is one, else the CPU), cpu or gpu
    #[arg(long, default_value = "auto", value_parser = ["auto", "cpu", "gpu"])]
    device: String,
    /// Keys initialisation, shuffling and augmentation
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.into(), value.into())),
        _ => Err("must be KEY=VALUE".into()),
    }
}

fn main() -> ExitCode {
    silence_device_select();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let outcome = match cli.command {
        Command::Run { script, out } => run(&script, out),
        Command::Check { script, watch: false } => check(&script),
        Command::Check { script, watch: true } => watch_and_check(&script),
        Command::Study { scripts, seeds, set, modules, device, out } => {
            study::run(&study::Plan { scripts, seeds, set, modules, device, out })
        }
        Command::Types { file } => write_types(&file),
        Command::Reference => {
            print(&Engine::new().reference());
            Ok(ExitCode::SUCCESS)
        }
    };
    outcome.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "{error}");
        ExitCode::from(match () {
            () if error.is_usage() => 2,
            () if error.is_interrupt() => 130,
            () => 1,
        })
    })
}

/// On a machine without a display Mesa's device selection layer complains about that on the error output, twice for
/// each look at the adapters, and then selects nothing.
fn silence_device_select() {
    let display = ["WAYLAND_DISPLAY", "DISPLAY", "XDG_RUNTIME_DIR"];
    if cfg!(target_os = "linux") && display.iter().all(|name| std::env::var_os(name).is_none()) {
        // SAFETY: no other thread has been started yet.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}

/// Prints to the standard output; a closed one is nobody's fault.
fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}

fn settings(script: &ScriptArguments) -> Result<Settings, ScriptError> {
    if let Some(missing) = script.modules.iter().find(|folder| !folder.is_dir()) {
        return Err(ScriptError::usage("--modules", format!("{}: no such folder", missing.display())));
    }
    let device = Device::select(&script.device).map_err(|error| ScriptError::at(script.script.display(), error))?;
    if let (false, Some(budget)) = (device.is_gpu(), memory::machine_budget()) {
        memory::set_budget(budget);
    }
    Ok(Settings {
        set: script.set.clone(),
        modules: script.modules.clone(),
        device,
        seed: script.seed,
        progress: ProgressKind::Auto,
        command: std::env::args().collect(),
        ..Settings::new(&script.script)
    })
}

/// Ctrl-C asks once to end after the step, twice to end at the next chance; the third time ends the process.
fn interruptible() -> Interrupt {
    let interrupt = Interrupt::default();
    let shared = interrupt.clone();
    // Fails only where a handler is installed already, and a run installs one.
    let _ = ctrlc::set_handler(move || match shared.request() {
        1 => {
            let _ = writeln!(std::io::stderr(), "\nstopping after this step (Ctrl-C again: at once)");
        }
        2 => {}
        _ => std::process::exit(130),
    });
    interrupt
}

fn run(script: &ScriptArguments, out: Option<PathBuf>) -> Result<ExitCode, ScriptError> {
    let mut settings = settings(script)?;
    settings.interrupt = interruptible();
    settings.place = Some(out.map_or_else(|| Place::Under("runs".into()), Place::Exactly));
    let outcome = Engine::new().run(&settings)?;
    print(&summary(&outcome));
    Ok(if outcome.interrupted { ExitCode::from(130) } else { ExitCode::SUCCESS })
}

fn check(script: &ScriptArguments) -> Result<ExitCode, ScriptError> {
    let settings = settings(script)?;
    let outcome = Engine::new().check(&settings)?;
    let loss = outcome.metrics.last("loss").map_or(String::new(), |loss| format!(", loss {loss:.4}"));
    let steps = if outcome.updates == 1 { "one step" } else { "no update" };
    print(&format!("{}: ok ({steps} on {}{loss})", script.script.display(), settings.device.name()));
    Ok(ExitCode::SUCCESS)
}

fn watch_and_check(script: &ScriptArguments) -> Result<ExitCode, ScriptError> {
    let changes = Changes::below(&script.script)?;
    loop {
        if let Err(error) = check(script) {
            let _ = writeln!(std::io::stderr(), "{error}");
        }
        changes.wait();
    }
}

fn write_types(file: &Path) -> Result<ExitCode, ScriptError> {
    moonburn::run::write_atomically(file, Engine::new().definitions().as_bytes())?;
    print(&format!("wrote {}", file.display()));
    Ok(ExitCode::SUCCESS)
}

/// The results before and after the training beside each other.
fn summary(outcome: &Outcome) -> String {
    let empty = Map::new();
    let untrained = outcome.results.get("untrained").and_then(Value::as_object).unwrap_or(&empty);
    let mut lines = Vec::new();
    for (name, value) in outcome.results.iter().filter(|(name, _)| *name != "untrained" && *name != "timing") {
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
