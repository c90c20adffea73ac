//! What becomes of scripts and of a training when the device is lost: an error, never a panic or an abort, and a
//! checkpoint that the training goes on from. Each in a process of its own, as nothing can use the device afterwards.
//! They need a build with the feature `fault-injection`, and show as ignored without.

use std::{path::PathBuf, process::Command, time::Duration};

use libtest_mimic::{Arguments, Failed, Trial};
use moonburn::{
    Device, Engine, Resume, Settings,
    run::{Checkpoints, Every, Place},
};

/// Says which of them this process is for.
const PART: &str = "MOONBURN_LOST_DEVICE";

fn main() {
    // SAFETY: no other thread has been started yet.
    unsafe { moonburn::device::silence_device_select() };
    if let Ok(part) = std::env::var(PART) {
        let outcome = if part == "kernel" { kernel() } else { training() };
        outcome.unwrap_or_else(|error| {
            eprintln!("{error}");
            std::process::exit(1)
        });
        return;
    }
    let (no_adapter, no_gpu) = (Device::adapters().is_empty(), Device::select("gpu").is_err());
    let trials = [
        ("kernel", "a lost device is an error, on whatever device the tensors are", no_adapter),
        ("training", "a training on a device that is lost goes on from what the host had of it", no_gpu),
    ];
    let trial = |(part, name, ignored)| {
        Trial::test(name, move || alone(part)).with_ignored_flag(ignored || cfg!(not(feature = "fault-injection")))
    };
    libtest_mimic::run(&Arguments::from_args(), trials.map(trial).into()).exit();
}

fn alone(part: &str) -> Result<(), Failed> {
    let output = Command::new(std::env::current_exe()?).env(PART, part).output()?;
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned().into()) }
}

fn losing(device: Device) -> Engine {
    let mut engine = Engine::new();
    engine.function("lose()", "Loses the device.", move || lose(&device));
    engine
}

#[cfg(feature = "fault-injection")]
fn lose(device: &Device) -> moonburn::Result<()> {
    device.lose()
}

#[cfg(not(feature = "fault-injection"))]
fn lose(_: &Device) -> moonburn::Result<()> {
    Err(moonburn::Error::Device("this build loses none".into()))
}

fn kernel() -> Result<(), String> {
    // Where this build opens a GPU device, which is that of the CPU's kernels too.
    let gpu = Device::select("gpu");
    let engine = losing(gpu.as_ref().ok().cloned().unwrap_or_else(Device::cpu));
    for device in [gpu, Ok(Device::cpu())].into_iter().flatten() {
        let settings = Settings { device, ..Settings::new("tests/shaders/lost.lua") };
        engine.run_file(&settings).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn training() -> Result<(), String> {
    let device = Device::select("gpu").map_err(|error| error.to_string())?;
    let engine = losing(device.clone());
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let run = folder.path().join("run");
    let settings = Settings {
        device,
        place: Some(Place::Exactly(run.clone())),
        checkpoint: Some(Every::Never),
        copy_to_host: Duration::ZERO,
        ..Settings::new("tests/training/losing.lua")
    };
    let error = engine.run(&settings).err().ok_or("the training goes on without its device")?.to_string();
    let steps = Checkpoints::below(run.join("checkpoints")).steps();
    if steps != [4] || !error.contains("of step 4: `moonburn resume") {
        return Err(format!("checkpoints of {steps:?}: {error}"));
    }
    resumed(run).map_err(|error| error.to_string())
}

fn resumed(run: PathBuf) -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::new("");
    let resume = Resume { run, settings, set: vec![("lose".into(), "0".into())], edited: false };
    let outcome = Engine::new().resume(&resume)?;
    if outcome.updates == 8 { Ok(()) } else { Err(format!("{} updates", outcome.updates).into()) }
}
