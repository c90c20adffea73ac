//! What the command line takes. It does nothing.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;
use moonburn::{
    bench::{BenchOptions, Encoder, Part},
    shipped::Template,
    tensor::Precision,
};

use super::{
    argument_groups::{DeviceArgument, LiveArguments, OthersDevice, OwnDevice, ScriptArguments},
    values::{few, key_value, one_of, parsed, pictures, positive, whole},
};

/// Train self-supervised and episodic models by Lua scripts, on any GPU or on the CPU.
#[derive(Parser)]
#[command(
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "Start with: moonburn new NAME"
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Make a new experiment: a folder with a script that trains at once
    New {
        /// The folder, new or empty
        #[arg(value_name = "NAME")]
        folder: PathBuf,
        /// What it begins with
        #[arg(long, value_parser = one_of::<Template>(), default_value_t = Template::default())]
        template: Template,
    },
    /// List the scripts that ship, or copy one
    Examples {
        /// Copy the script of this name into the working directory, with the files that it needs
        #[arg(long, value_name = "NAME")]
        copy: Option<String>,
    },
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
    /// Go on with a run from its newest checkpoint, as if it had never stopped
    ///
    /// The script, its options and the seed are those that the run had at that checkpoint.
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
        #[command(flatten)]
        device: OwnDevice,
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
        #[arg(long, value_parser = whole::<u64>)]
        step: Option<u64>,
        /// Set an option of the script; may be repeated
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
        set: Vec<(String, String)>,
        /// Where the script finds what it requires, besides its own folder; may be repeated
        #[arg(long = "modules", value_name = "DIR")]
        modules: Vec<PathBuf>,
        #[command(flatten)]
        device: OthersDevice,
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
        #[command(flatten)]
        device: OwnDevice,
        /// The repetition's folder, new or empty [default: runs/SCRIPT-DATE-TIME]
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Make a run whole again that a power cut or a full disk has damaged, from what its checkpoints keep of it
    ///
    /// Damaged files that it replaces are put aside, into a folder `damaged-…` of the run. Nothing is removed.
    Repair {
        /// The run's folder
        run: PathBuf,
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
        #[arg(long, default_value_t = 60, value_parser = whole::<u64>)]
        timeout: u64,
    },
    /// Load a script, build its parts, do one tiny step and try evaluate on a few images, without a run folder
    Check {
        #[command(flatten)]
        script: ScriptArguments,
        /// Check again whenever the script, or a file that it required, is saved
        #[arg(long)]
        watch: bool,
    },
    /// Make a picture of what a script's augmentations do: views of an image, and what was drawn for each
    ///
    /// Builds the script's parts and makes its first step, as `check` does. The picture has a section for each
    /// augmentation that the step used.
    Preview {
        #[command(flatten)]
        script: ScriptArguments,
        /// How many images
        #[arg(long, default_value_t = 1, value_parser = pictures::<32>)]
        images: usize,
        /// How many views of each
        #[arg(long, default_value_t = 9, value_parser = pictures::<100>)]
        views: usize,
        /// The picture's file, a PNG; an existing file is replaced
        #[arg(long, value_name = "FILE", default_value = "preview.png")]
        out: PathBuf,
    },
    /// Train by several scripts with several seeds each; prints a table of mean ± deviation of what they evaluate
    ///
    /// Runs that an earlier call finished in the same folder are kept, and those that it did not finish go on from
    /// their checkpoints, so a study can be broken off at any time.
    Study {
        /// The Lua scripts
        #[arg(required = true)]
        scripts: Vec<PathBuf>,
        /// How many seeds, from 0 on
        #[arg(long, default_value_t = 3, value_parser = positive)]
        seeds: u64,
        /// Set an option of every script, such as epochs=10; may be repeated
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
        set: Vec<(String, String)>,
        /// Where the scripts find what they require, besides their own folders; may be repeated
        #[arg(long = "modules", value_name = "DIR")]
        modules: Vec<PathBuf>,
        #[command(flatten)]
        device: DeviceArgument,
        /// The study's folder, with a run's folder for each script and seed, and the tables study.md and study.csv
        #[arg(long, value_name = "DIR", default_value = "runs/study")]
        out: PathBuf,
    },
    /// Show runs beside each other: what differs, what they logged and what they evaluate, and a plot of their losses
    ///
    /// Edits, options that were set while a run trained, and returns to older states count as differences and are
    /// listed with their steps. Runs may still be training, or have been broken off. Results are compared only if all
    /// were measured by one protocol; otherwise they are left out, and the exit status is 1.
    Compare {
        /// The folders of two or more runs
        #[arg(required = true, num_args = 2.., value_name = "RUN")]
        runs: Vec<PathBuf>,
        /// The plot's file, a PNG; an existing file is replaced
        #[arg(long, value_name = "FILE", default_value = "compare.png")]
        out: PathBuf,
    },
    /// List every device with what it can do, and which names take it
    Devices {
        /// For programs: one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Compare a device with the CPU: every operation, layer, loss and optimizer, and then a training
    ///
    /// Prints the largest drift of each part, and writes a file for a bug report, which holds the values that are
    /// farthest apart. The exit status is 1 if a part is over its tolerance.
    Parity {
        #[command(flatten)]
        device: DeviceArgument,
        /// Steps of the training; 0 leaves it out
        #[arg(long, default_value_t = 20, value_parser = few)]
        steps: u64,
        /// Compare only the parts that have this in their name
        #[arg(long, value_name = "TEXT")]
        only: Option<String>,
        /// The file; an existing file is replaced [default: parity-DEVICE.json]
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Time a training on a device: step, augmentation and both, and with --parts layers every operation of a step
    ///
    /// Prints a JSON object per line. The first says what the device can do at most, by a matrix product and a long sum
    /// in the precision of the run: its peak. peak_share is the share of the peak that the convolutions of a step
    /// reach. floor_ms is the least time that an operation needs at the peak, and floor_share is floor_ms as a share of
    /// the measured time; it is over 1 if the operands lie in a cache. unexplained_ms is what a step takes besides its
    /// operations; it is below 0 if the step fuses them. device_memory_mb is the memory that a part took, without the
    /// buffers of one batch. On the CPU tensor_memory_mb is what tensors hold, those kept for the backward pass among
    /// them. Compare only times that were taken in turn on one machine.
    Bench {
        /// step, augment, pipeline and layers, separated by commas
        #[arg(long, value_delimiter = ',', value_parser = parsed::<Part>, default_values_t = BenchOptions::default().parts)]
        parts: Vec<Part>,
        /// resnet18 or resnet50
        #[arg(long, value_parser = parsed::<Encoder>, default_value_t = BenchOptions::default().encoder)]
        model: Encoder,
        /// Channels of the model's first stage
        #[arg(long, default_value_t = BenchOptions::default().width, value_parser = whole::<usize>)]
        width: usize,
        /// Images of a batch, of which two views each are made
        #[arg(long, default_value_t = BenchOptions::default().batch, value_parser = whole::<usize>)]
        batch: usize,
        /// The side of a view in pixels; under 64 the model has the stem for small images
        #[arg(long, default_value_t = BenchOptions::default().size, value_parser = whole::<usize>)]
        size: usize,
        /// Timed repetitions
        #[arg(long, default_value_t = BenchOptions::default().steps, value_parser = whole::<usize>)]
        steps: usize,
        /// Repetitions before them, in which kernels are compiled
        #[arg(long, default_value_t = BenchOptions::default().warmup, value_parser = whole::<usize>)]
        warmup: usize,
        /// The precision of the model's convolutions and matrix products: float32, float16 or bfloat16. The CPU only
        /// rounds to the last two and is no faster
        #[arg(long, value_parser = parsed::<Precision>, default_value_t = BenchOptions::default().precision)]
        precision: Precision,
        /// Instead time the augmentations of this script, a line for each of their steps, functions in Lua and kernels
        /// among them; of the options only batch, steps and warmup count
        #[arg(long, value_name = "SCRIPT", conflicts_with_all = ["parts", "model", "width", "size", "precision"])]
        script: Option<PathBuf>,
        /// Set an option of that script; may be repeated
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value, requires = "script")]
        set: Vec<(String, String)>,
        #[command(flatten)]
        device: DeviceArgument,
    },
    /// Write what editors need into a folder with scripts: type definitions, the library's sources, configuration
    ///
    /// For a script, types/SCRIPT.d.lua beside it says what its setup puts into the session.
    Types {
        /// The folder, or a script. A name that ends in .d.lua is a file, which gets the API's definitions alone
        #[arg(default_value = ".", value_name = "DIR|SCRIPT", hide_default_value = true)]
        place: PathBuf,
        /// Set an option of the script; may be repeated
        #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
        set: Vec<(String, String)>,
        /// Where the script finds what it requires, besides its own folder; may be repeated
        #[arg(long = "modules", value_name = "DIR")]
        modules: Vec<PathBuf>,
    },
    /// Print the reference page of the Lua API (Markdown)
    Reference,
    /// Explain a command, or a name of the Lua API such as mb.optim.sgd, mb.optim, Tensor:softmax or Tensor
    Help {
        /// The name
        name: Option<String>,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Write a manual page for each command
    Man {
        /// The folder
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}
