//! The same script on the GPU device and on the CPU. Without a real GPU this runs on software Vulkan, in a build without
//! autotuning, which would compile every candidate kernel on the CPU. A machine without any adapter shows the tests as
//! ignored.

#[path = "gpu/kernels.rs"]
mod kernels;
#[path = "gpu/views.rs"]
mod views;

use libtest_mimic::{Arguments, Trial};
use moonburn::{Device, Engine, Settings, device::Adapter};

const SCRIPT: &str = "tests/gpu/simclr.lua";

fn main() {
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
        Trial::test("every tensor operation has the CPU's value and gradient", || compare("tests/gpu/operations.lua")),
    ];
    let trials = trials.into_iter().chain(kernels::trials()).chain(views::trials());
    let trials = trials.map(|trial| trial.with_ignored_flag(gpu.is_err())).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
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

/// Everything that the script logs agrees within 1 part in 1,000.
fn compare(script: &str) -> Result<(), libtest_mimic::Failed> {
    let [cpu, gpu] = ["cpu", &name()].map(|device| {
        let device = Device::select(device).map_err(|error| error.to_string())?;
        let settings = Settings { device, modules: vec!["scripts".into()], ..Settings::new(script) };
        Engine::new().run(&settings).map_err(|error| error.to_string())
    });
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
            let agrees = (got - want).abs() <= 1e-3 * want.abs().max(1.0);
            if !agrees {
                return Err(format!("{name} at step {step}: {got} on the GPU, {want} on the CPU").into());
            }
        }
    }
    Ok(())
}
