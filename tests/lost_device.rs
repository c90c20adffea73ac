//! What a script reads when the device is lost: an error of the kernel, or of the reading, never a panic or an abort. In a
//! process of its own, as nothing can use the device afterwards.

use libtest_mimic::{Arguments, Failed, Trial};
use moonburn::{Device, Engine, Settings};

fn main() {
    // SAFETY: no other thread has been started yet.
    unsafe { moonburn::device::silence_device_select() };
    let is_ignored = Device::adapters().is_empty();
    let trial = Trial::test("a lost device is an error, on whatever device the tensors are", lost);
    libtest_mimic::run(&Arguments::from_args(), vec![trial.with_ignored_flag(is_ignored)]).exit();
}

fn lost() -> Result<(), Failed> {
    // Where this build opens a GPU device, which is that of the CPU's kernels too.
    let gpu = Device::select("gpu");
    let losing = gpu.as_ref().ok().cloned().unwrap_or_else(Device::cpu);
    let mut engine = Engine::new();
    engine.function("lose()", "Loses the device.", move || losing.lose());
    for device in [gpu, Ok(Device::cpu())].into_iter().flatten() {
        let settings = Settings { device, ..Settings::new("tests/shaders/lost.lua") };
        engine.run_file(&settings).map_err(|error| error.to_string())?;
    }
    Ok(())
}
