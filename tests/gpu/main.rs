//! The same script on the GPU device and on the CPU. Without a real GPU this runs on software Vulkan, in a build
//! without autotuning, which would compile every candidate kernel on the CPU. A machine without any adapter shows the
//! tests as ignored.

mod convolutions;
mod first_use;
mod kernels;
mod launches;
mod live_kernels;
#[path = "../program/live_run.rs"]
mod live_run;
mod memory;
mod views;

use libtest_mimic::{Arguments, Trial};
use moonburn::{
    Device, Engine, Outcome, Settings,
    device::Adapter,
    parity::{self, Case, Group},
    tensor::Precision,
};

const SCRIPT: &str = "tests/gpu/simclr.lua";

fn main() {
    // SAFETY: no other thread has been started yet.
    unsafe { moonburn::device::silence_device_select() };
    let gpu = Device::select(&name()).map_err(|error| error.to_string());
    match &gpu {
        Ok(device) => println!("running on {}", device.name()),
        Err(reason) => println!("ignored: {reason}"),
    }
    let listed = gpu.as_ref().ok().and_then(|device| device.adapter().cloned());
    let trials = vec![
        Trial::test("the list of devices has the adapter that it runs on, under a number that opens it", move || {
            is_listed(listed.as_ref())
        }),
        Trial::test("a few steps of SimCLR have the CPU's losses", || compare(SCRIPT)),
        Trial::test("every head has the CPU's loss and gradient, and a ridge training the CPU's losses", || {
            compare("tests/gpu/heads.lua")
        }),
        Trial::test("a kernel of the script's own has the CPU's values and gradients", || {
            compare("tests/gpu/own_kernel.lua")
        }),
        Trial::test("every tensor operation has the CPU's value and gradient", || compare("tests/gpu/operations.lua")),
        Trial::test("every part of the parity report but the training is within its tolerance", || {
            parity(parity::cases(0))
        }),
        Trial::test("the first steps of the parity report's training are within their tolerances", || {
            parity(parity::cases(3).into_iter().filter(|case| case.group() == Group::Training).collect())
        }),
    ];
    let trials = trials.into_iter().chain(kernels::trials()).chain(views::trials()).chain(memory::trials());
    let trials = trials.chain(launches::trials()).chain(convolutions::trials());
    let trials = trials.chain(first_use::trials());
    let mut trials: Vec<_> = trials.map(|trial| trial.with_ignored_flag(gpu.is_err())).collect();
    let half = match &gpu {
        Ok(device) => Precision::Float16.check(device).map_err(|error| error.to_string()),
        Err(reason) => Err(reason.clone()),
    };
    if let (Ok(_), Err(reason)) = (&gpu, &half) {
        println!("float16 ignored: {reason}");
    }
    let float16 = Trial::test("a few steps of SimCLR in float16 have almost float32's losses", float16);
    trials.push(float16.with_ignored_flag(half.is_err()));
    let refused = Trial::test("a precision that the GPU does not have is refused", refuse);
    trials.push(refused.with_ignored_flag(gpu.is_err()));
    trials.extend(live_kernels::trials());
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn train(script: &str, device: &str, precision: &str) -> Result<Outcome, String> {
    let device = Device::select(device).map_err(|error| error.to_string())?;
    let set = vec![("precision".to_owned(), precision.to_owned())];
    let settings = Settings { device, set, modules: vec!["scripts".into()], ..Settings::new(script) };
    Engine::new().run(&settings).map_err(|error| error.to_string())
}

/// Products and their gradients in float16 within 5 parts in 1,000, and losses within 5 in 100, of those in float32 and
/// of those that the CPU computes with rounded operands; no update is skipped.
fn float16() -> Result<(), libtest_mimic::Failed> {
    let script = "tests/gpu/float16.lua";
    let half = train(script, &name(), "float16")?;
    for (other, name) in
        [(train(script, &name(), "float32")?, "float32"), (train(script, "cpu", "float16")?, "the CPU")]
    {
        if half.updates != other.updates {
            return Err(format!("{} updates, {} in {name}", half.updates, other.updates).into());
        }
        for metric in other.metrics.names() {
            let tolerance = if metric == "loss" { 0.05 } else { 0.005 };
            for ((step, want), (_, got)) in other.metrics.series(metric).iter().zip(half.metrics.series(metric)) {
                let agrees = (got - want).abs() <= tolerance * want.abs();
                if !agrees || (got == want && metric == "loss" && name == "float32") {
                    return Err(format!("{metric} at step {step}: {got}, {want} in {name}").into());
                }
            }
        }
    }
    Ok(())
}

/// The adapter that MOONBURN_DEVICE names, or the best one.
fn name() -> String {
    std::env::var("MOONBURN_DEVICE").unwrap_or_else(|_| "gpu".into())
}

fn is_listed(adapter: Option<&Adapter>) -> Result<(), libtest_mimic::Failed> {
    let adapter = adapter.ok_or("a GPU has an adapter")?;
    let adapters = Device::adapters();
    let number = adapters.iter().position(|listed| listed == adapter).ok_or("the adapter is not in the list")?;
    let device = Device::select(&format!("gpu:{number}")).map_err(|error| error.to_string())?;
    if device.adapter() != Some(adapter) || adapter.limits.workgroup_threads == 0 {
        return Err(format!("gpu:{number} opens {device:?}").into());
    }
    Ok(())
}

/// No shader has bfloat16, so no run in it begins.
fn refuse() -> Result<(), libtest_mimic::Failed> {
    match train("tests/gpu/float16.lua", &name(), "bfloat16") {
        Err(error) if error.contains("cannot compute in bfloat16, as wgsl has no such type; use float") => Ok(()),
        other => Err(format!("{:?}", other.map(|outcome| outcome.updates)).into()),
    }
}

/// How far a logged value near 0 may be off: what is logged are sums of some dozen values around 1, each rounded at
/// 1e-7.
const FLOOR: f64 = 1e-5;

/// Everything that the script logs agrees within 1 part in 1,000, and [`FLOOR`].
fn compare(script: &str) -> Result<(), libtest_mimic::Failed> {
    let [cpu, gpu] = ["cpu", &name()].map(|device| train(script, device, "float32"));
    let (cpu, gpu) = (cpu?, gpu?);
    let names: Vec<_> = cpu.metrics.names().collect();
    if !names.contains(&"loss") {
        return Err("the script logged no loss".into());
    }
    for name in names {
        let counts = [&cpu, &gpu].map(|outcome| outcome.metrics.series(name).len());
        if counts[0] != counts[1] {
            return Err(format!("{name}: {} values on the GPU, {} on the CPU", counts[1], counts[0]).into());
        }
        for ((step, want), (_, got)) in cpu.metrics.series(name).iter().zip(gpu.metrics.series(name)) {
            let agrees = (got - want).abs() <= 1e-3 * want.abs() + FLOOR;
            if !agrees {
                return Err(format!("{name} at step {step}: {got} on the GPU, {want} on the CPU").into());
            }
        }
    }
    Ok(())
}

/// What `moonburn parity` compares agrees with the CPU.
fn parity(cases: Vec<Case>) -> Result<(), libtest_mimic::Failed> {
    let device = Device::select(&name()).map_err(|error| error.to_string())?;
    let report = parity::compare(&cases, &device, &|_| {});
    if report.is_within() { Ok(()) } else { Err(format!("{}\n{}", report.verdict(), report.failures()).into()) }
}
