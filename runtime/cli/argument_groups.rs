//! Arguments that several commands take.

use std::path::PathBuf;

use clap::Args;
use moonburn::run::Every;

use super::values::{key_value, parsed, whole};

#[derive(Args, Clone)]
pub struct DeviceArgument {
    /// auto (a real GPU that Vulkan, Metal or DX12 reaches, else the CPU), cpu, gpu (the best adapter, even if only
    /// OpenGL reaches it or it is in software), gpu:N (as `moonburn devices` counts), vulkan, metal, dx12 or gl
    /// [default: MOONBURN_DEVICE, else the script's, else auto]
    #[arg(long)]
    pub device: Option<String>,
}

/// The same for what goes on with a run, or repeats it.
#[derive(Args, Clone)]
pub struct OwnDevice {
    /// auto, cpu, gpu, gpu:N (as `moonburn devices` counts), vulkan, metal, dx12 or gl [default: the run's own]
    #[arg(long)]
    pub device: Option<String>,
}

/// The same for what starts from a run.
#[derive(Args, Clone)]
pub struct OthersDevice {
    /// auto, cpu, gpu, gpu:N (as `moonburn devices` counts), vulkan, metal, dx12 or gl [default: MOONBURN_DEVICE, else
    /// that of the other run]
    #[arg(long)]
    pub device: Option<String>,
}

#[derive(Args, Clone, Copy)]
pub struct LiveArguments {
    /// Do not take edits of the script's files while it trains
    #[arg(long)]
    pub no_watch: bool,
    /// How often a checkpoint is written: steps such as 100, a time such as 5m, or never [default: the script's, else
    /// 1m]
    #[arg(long, value_name = "EVERY", value_parser = parsed::<Every>)]
    pub checkpoint: Option<Every>,
}

#[derive(Args)]
pub struct ScriptArguments {
    /// The Lua script
    pub script: PathBuf,
    /// Set an option of the script, such as batch=128; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub set: Vec<(String, String)>,
    /// Where the script finds what it requires, besides its own folder; may be repeated
    #[arg(long = "modules", value_name = "DIR")]
    pub modules: Vec<PathBuf>,
    #[command(flatten)]
    pub device: DeviceArgument,
    /// The precision of convolutions and matrix products of modules while training, the same as --set precision=….
    /// float16 is for GPUs; the CPU only rounds to it and is no faster [default: the script's, else float32]
    #[arg(long, value_parser = ["float32", "float16", "bfloat16"])]
    pub precision: Option<String>,
    /// How the CPU computes convolutions, the same as --set convolution=…. fast may differ by about 2e-5 of the largest
    /// value from exact, which computes every product of the sum; on a GPU there is no difference [default: the
    /// script's, else fast]
    #[arg(long, value_parser = ["fast", "exact"])]
    pub convolution: Option<String>,
    /// Keys initialisation, shuffling and augmentation
    #[arg(long, default_value_t = 0, value_parser = whole::<u64>)]
    pub seed: u64,
}

impl ScriptArguments {
    /// A script with options, all else as it is where nothing is said.
    pub fn of(script: PathBuf, set: Vec<(String, String)>, device: DeviceArgument) -> Self {
        Self { script, set, modules: Vec::new(), device, precision: None, convolution: None, seed: 0 }
    }
}
