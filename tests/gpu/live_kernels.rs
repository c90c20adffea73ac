//! Kernels of scripts while these train: a shader that is saved takes effect at the next step or is refused with its
//! place, one that never ends is told, and what a machine without an adapter says. Without an adapter the tests show as
//! ignored.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use libtest_mimic::{Failed, Trial};
use moonburn::{
    Device,
    run::{Event, Journal},
};

use super::live_run::LiveRun;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shaders");

/// Those of a kernel on tensors of the CPU need any adapter, whatever a build measures.
pub fn trials() -> Vec<Trial> {
    let has_adapter = !Device::adapters().is_empty();
    vec![
        Trial::test("a shader that is saved takes effect, one that is invalid changes nothing", reload)
            .with_ignored_flag(!has_adapter),
        Trial::test("a kernel that never ends is an error, and the process ends", || endless("cpu"))
            .with_ignored_flag(!has_adapter),
        Trial::test("it is one on a GPU device, too, whose tensors cannot be read any more", || endless("gpu"))
            .with_ignored_flag(Device::select("gpu").is_err()),
        Trial::test("a machine without an adapter says what to install", no_adapter)
            .with_ignored_flag(!cfg!(target_os = "linux")),
    ]
}

const SCRIPT: &str = r#"
local mb = require "moonburn"
local scale = mb.kernel("scale.wgsl", { backward = "scale_backward.wgsl" })
local experiment = { options = { steps = 1000000 } }
function experiment.setup(session)
  session.model = mb.nn.linear(2, 3)
  session.optimizer = mb.optim.sgd { lr = 0.001 }
end
function experiment.train(session)
  for step in session:steps() do
    local x = mb.ones(4)
    session:log { factor = scale { x = x }:mean() }
    session:update((scale { x = session.model(mb.randn(4, 2)) } ^ 2):mean())
    local wait = os.clock() + 0.02
    while os.clock() < wait do end
  end
end
return experiment
"#;

const SCALE: &str = "// y = factor() · x.
// include: factor.wgsl
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= arrayLength(&x) {
        return;
    }
    y[id.x] = factor() * x[id.x];
}
";

const BACKWARD: &str = "// grad_x = 2 · grad_y.
@group(0) @binding(0) var<storage, read> grad_y: array<f32>;
@group(0) @binding(1) var<storage, read_write> grad_x: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    if id.x >= arrayLength(&grad_y) {
        return;
    }
    grad_x[id.x] = 2.0 * grad_y[id.x];
}
";

const FACTOR: &str = "fn factor() -> f32 {\n    return 2.0;\n}\n";

/// Saves a file at once, as good editors do.
fn save(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join("partial"), text).expect("a file can be written");
    fs::rename(folder.join("partial"), folder.join(name)).expect("a file can be saved");
}

fn reload() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path();
    fs::create_dir_all(path.join("shaders/shared"))?;
    for (name, text) in [
        ("train.lua", SCRIPT),
        ("shaders/scale.wgsl", SCALE),
        ("shaders/scale_backward.wgsl", BACKWARD),
        ("shaders/shared/factor.wgsl", FACTOR),
    ] {
        save(path, name, text);
    }
    let mut run = LiveRun::start(path, 1, &["run", "train.lua", "--device", "cpu", "--out", "run"]);
    let wait_for_metrics = |count: usize| {
        let end = Instant::now() + Duration::from_secs(60);
        while factors(path).len() < count && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(50));
        }
    };
    wait_for_metrics(5);
    // In the kernel itself, in its gradient, which includes nothing, and in what is included.
    save(path, "shaders/scale.wgsl", &SCALE.replace("factor() * x[id.x]", "factor() +"));
    run.wait_for("edit refused, nothing has changed:");
    run.wait_for("shaders/scale.wgsl:11:25: ");
    save(path, "shaders/scale.wgsl", SCALE);
    save(path, "shaders/scale_backward.wgsl", &BACKWARD.replace("2.0 * grad_y", "2.0 * grad_z"));
    run.wait_for("edit refused, nothing has changed:");
    run.wait_for("shaders/scale_backward.wgsl:10:26: no definition in scope for identifier: `grad_z`");
    save(path, "shaders/scale_backward.wgsl", BACKWARD);
    save(path, "shaders/shared/factor.wgsl", &FACTOR.replace("2.0", "two"));
    run.wait_for("edit refused, nothing has changed:");
    run.wait_for("shaders/shared/factor.wgsl:2:12: no definition in scope for identifier: `two`");
    // A binding that the script does not give.
    let renamed = SCALE.replace("y[id.x] =", "z[id.x] =").replace("write> y", "write> z");
    save(path, "shaders/shared/factor.wgsl", FACTOR);
    save(path, "shaders/scale.wgsl", &renamed);
    run.wait_for("edit refused, nothing has changed:");
    run.wait_for("shaders/scale_backward.wgsl: unknown binding 'grad_y'; did you mean 'grad_z'?");
    save(path, "shaders/scale.wgsl", SCALE);
    save(path, "shaders/shared/factor.wgsl", &FACTOR.replace("2.0", "3.0"));
    run.wait_for("edit 1 takes effect from step");
    save(path, "shaders/scale.wgsl", &SCALE.replace("factor() *", "10.0 * factor() *"));
    run.wait_for("edit 2 takes effect from step");
    let count = factors(path).len();
    wait_for_metrics(count + 5);
    run.interrupt();
    let (_, output) = run.end();
    let found = factors(path);
    let mut seen = found.clone();
    seen.dedup();
    assert_eq!(seen, [2.0, 3.0, 30.0], "{output}");
    let versions = Journal::read(&path.join("run/journal.jsonl"))?
        .into_iter()
        .filter(|entry| matches!(&entry.event, Event::Version { version, .. } if *version > 0))
        .count();
    assert_eq!(versions, 2, "the refused ones left no trace");
    // The run is repeated from the copies of its shaders, whatever has become of the files.
    fs::remove_dir_all(path.join("shaders"))?;
    let mut replay = LiveRun::start(path, 1, &["replay", "run", "--device", "cpu", "--out", "again"]);
    let (code, output) = replay.end();
    assert_eq!(code, Some(0), "{output}");
    Ok(())
}

/// What the kernel made of 1 in each step.
fn factors(folder: &Path) -> Vec<f64> {
    let text = fs::read_to_string(folder.join("run/metrics.jsonl")).unwrap_or_default();
    let of = |line: &str| serde_json::from_str::<serde_json::Value>(line).ok()?.get("factor")?.as_f64();
    text.lines().filter_map(of).collect()
}

fn endless(device: &str) -> Result<(), Failed> {
    let mut run = LiveRun::start(Path::new(FOLDER), 2, &["check", "endless.lua", "--device", device]);
    let begun = Instant::now();
    let (code, output) = run.end();
    assert!(begun.elapsed() < Duration::from_secs(60), "it ended after {:?}", begun.elapsed());
    for want in [
        "endless.lua:12: endless.wgsl: did not end within 1 s: a kernel cannot be broken off, so this process cannot \
         use the device any more and must be ended",
        "device: it was given up: endless.wgsl did not end within 1 s",
        if device == "cpu" { "\n4.0\n" } else { "endless.lua:15: device: it was given up" },
    ] {
        assert!(output.contains(want), "{output}");
    }
    assert_eq!(code, Some(1), "{output}");
    Ok(())
}

fn no_adapter() -> Result<(), Failed> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moonburn"));
    command.args(["check", "vectors.lua", "--device", "cpu"]).current_dir(FOLDER);
    // The loaders find no driver.
    command
        .env("VK_DRIVER_FILES", "none")
        .env("VK_ICD_FILENAMES", "none")
        .env("__EGL_VENDOR_LIBRARY_FILENAMES", "none");
    let output = command.output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let want = "vectors.lua:5: device: a kernel needs an adapter, and there is none; install the graphics driver; on \
                Debian or Ubuntu, apt install libvulkan1 mesa-vulkan-drivers gives one in software";
    assert!(text.contains(want), "{text}");
    assert_eq!(output.status.code(), Some(1));
    Ok(())
}
