//! The command line.

mod again;
mod compare;
mod study;

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use moonburn::{
    Device, Engine, Fork, Outcome, ScriptError, Settings,
    interrupt::Interrupt,
    reload::{Watch, digest},
    run::{Every, Place, ProgressKind},
    tensor::memory,
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
        #[command(flatten)]
        live: LiveArguments,
    },
    /// Go on with a run from its newest checkpoint, as if nothing had happened
    ///
    /// The script, its options and the seed are the run's own, as it had them then.
    Resume {
        /// The run's folder
        run: PathBuf,
        /// First do the last steps once more, in memory, and compare every bit
        #[arg(long)]
        verify: bool,
        /// Set an option, such as epochs=20, which counts as an edit; may be repeated
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
        set: Vec<(String, String)>,
        /// Take the script's files as they are on the disk, which counts as an edit
        #[arg(long)]
        edited: bool,
        /// auto (a real GPU if there is one, else the CPU), cpu or gpu [default: as the run]
        #[arg(long, value_parser = ["auto", "cpu", "gpu"])]
        device: Option<String>,
        #[command(flatten)]
        live: LiveArguments,
    },
    /// Start a second run from a run's state: the same weights, randomness and order of the data
    Fork {
        /// The folder of the run that it starts from
        run: PathBuf,
        /// Another script [default: the run's own]
        #[arg(long, value_name = "SCRIPT")]
        script: Option<PathBuf>,
        /// Start from the newest checkpoint of a step up to this one [default: the newest]
        #[arg(long)]
        step: Option<u64>,
        /// Set an option of the script; may be repeated
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
        set: Vec<(String, String)>,
        /// Where the script finds what it requires, besides its own folder; may be repeated
        #[arg(long = "modules", value_name = "DIR")]
        modules: Vec<PathBuf>,
        /// auto, cpu or gpu [default: as the run]
        #[arg(long, value_parser = ["auto", "cpu", "gpu"])]
        device: Option<String>,
        /// The new run's folder, new or empty [default: runs/SCRIPT-DATE-TIME]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        #[command(flatten)]
        live: LiveArguments,
    },
    /// Repeat a run from its seed and its journal of edits, and compare the two bit for bit
    Replay {
        /// The run's folder
        run: PathBuf,
        /// auto, cpu or gpu [default: as the run]
        #[arg(long, value_parser = ["auto", "cpu", "gpu"])]
        device: Option<String>,
        /// The repetition's folder, new or empty [default: runs/SCRIPT-DATE-TIME]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Give an order to a run that another process trains: pause, continue, step, save, evaluate, reload, episode,
    /// set KEY=VALUE, status, quit
    Control {
        /// The run's folder
        run: PathBuf,
        /// The order
        #[arg(required = true)]
        order: Vec<String>,
        /// How many seconds to wait for the end of the running step
        #[arg(long, default_value_t = 60)]
        timeout: u64,
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
    /// Show runs beside each other: what differs, what they logged and what they evaluate, and a plot of their losses
    ///
    /// Runs may still go on, or have been broken off. Results are compared only where all were measured by one protocol;
    /// otherwise they are left out, and the exit status is 1.
    Compare {
        /// The folders of two or more runs
        #[arg(required = true, num_args = 2.., value_name = "RUN")]
        runs: Vec<PathBuf>,
        /// The plot's file, a PNG; one that is there is replaced
        #[arg(long, value_name = "FILE", default_value = "compare.png")]
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

#[derive(Args, Clone, Copy)]
struct LiveArguments {
    /// Do not take edits of the script's files while it trains
    #[arg(long)]
    no_watch: bool,
    /// Write a checkpoint so often: steps such as 100, a time such as 5m, or never [default: the script's, else 1m]
    #[arg(long, value_name = "EVERY", value_parser = |text: &str| text.parse::<Every>().map_err(|error| error.to_string()))]
    checkpoint: Option<Every>,
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
        Command::Run { script, out, live } => run(&script, out, live),
        Command::Resume { run, verify, set, edited, device, live } => {
            again::resume(run, verify, set, edited, device.as_deref(), live)
        }
        Command::Fork { run, script, step, set, modules, device, out, live } => {
            let fork = Fork { settings: Settings { modules, ..Settings::new("") }, run, script, step, set };
            again::fork(fork, device.as_deref(), out, live)
        }
        Command::Replay { run, device, out } => again::replay(run, device.as_deref(), out),
        Command::Control { run, order, timeout } => again::control(&run, &order.join(" "), timeout),
        Command::Check { script, watch: false } => check(&script),
        Command::Check { script, watch: true } => watch_and_check(&script),
        Command::Study { scripts, seeds, set, modules, device, out } => {
            study::run(&study::Plan { scripts, seeds, set, modules, device, out })
        }
        Command::Compare { runs, out } => compare::run(&runs, &out),
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
    let device = device(&script.device).map_err(|error| ScriptError::at(script.script.display(), error))?;
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

/// A device by its name on the command line. On the CPU more tensors than the machine has memory would end the process.
fn device(name: &str) -> moonburn::Result<Device> {
    let device = Device::select(name)?;
    if let (false, Some(budget)) = (device.is_gpu(), memory::machine_budget()) {
        memory::set_budget(budget);
    }
    Ok(device)
}

/// Ctrl-C asks once to end after the step, twice to end at the next chance; the third time ends the process.
fn interruptible() -> Interrupt {
    let interrupt = Interrupt::default();
    let shared = interrupt.clone();
    // Fails only where a handler is installed already, and a run installs one.
    let _ = ctrlc::set_handler(move || match shared.request() {
        1 => shared.show("stopping after this step (Ctrl-C again: at once)"),
        2 => {}
        _ => std::process::exit(130),
    });
    interrupt
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
        Settings { watch: !self.no_watch, checkpoint: self.checkpoint, terminal, ..settings }
    }
}

fn place(out: Option<PathBuf>) -> Place {
    out.map_or_else(|| Place::Under("runs".into()), Place::Exactly)
}

/// Prints what came of a run, and says it by the exit code.
fn ended(outcome: &Outcome) -> ExitCode {
    print(&summary(outcome));
    if outcome.interrupted { ExitCode::from(130) } else { ExitCode::SUCCESS }
}

fn check(script: &ScriptArguments) -> Result<ExitCode, ScriptError> {
    let settings = settings(script)?;
    report_check(script, &settings, &Engine::new().check(&settings)?);
    Ok(ExitCode::SUCCESS)
}

fn report_check(script: &ScriptArguments, settings: &Settings, outcome: &Outcome) {
    let loss = outcome.metrics.last("loss").map_or(String::new(), |loss| format!(", loss {loss:.4}"));
    let steps = if outcome.updates == 1 { "one step" } else { "no update" };
    print(&format!("{}: ok ({steps} on {}{loss})", script.script.display(), settings.device.name()));
}

fn watch_and_check(script: &ScriptArguments) -> Result<ExitCode, ScriptError> {
    let settings = settings(script)?;
    let watch = Watch::start(Vec::new())?;
    loop {
        let (checked, files) = Engine::new().check_files(&settings);
        match checked {
            Ok(outcome) => report_check(script, &settings, &outcome),
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
