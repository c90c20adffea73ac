//! How fast a device trains: the parts that scripts of PyTorch's users time, with the same fields, so that
//! both can be set side by side. Times only; knows nothing of how results are shown.

mod augment;
mod clock;
mod layers;
mod memory;
mod options;
mod peak;
mod pipeline;
mod simclr;
mod step;

use serde_json::{Value, json};

pub use options::{BenchOptions, Encoder, Part};
pub use peak::Peak;

use crate::{
    Device, Result,
    digits::{rounded, significant},
    options::Options,
    tensor::Precision,
};
use augment::Making;
use clock::Times;

/// Times the parts one after another. `emit` gets JSON objects: the device's peak, one for each part, in PyTorch's
/// fields where there are such, and for the layers one for each operation.
///
/// `device_memory_mb` is what a part made of Burn's pool reserve on a GPU, and the data set there. Buffers that live
/// for one batch, such as the draws of the augmentation, are not counted, nor is what the driver keeps. On the CPU it
/// is `tensor_memory_mb`, the tensors in hand at most, without what only the tape of the backward pass keeps.
///
/// On the CPU float16 and bfloat16 are computed in float32 and rounded, so neither times nor peak are better there.
///
/// # Errors
/// Options that make no sense; a device that fails, out of memory included; a device without the precision, unless only
/// views are timed.
pub fn run(options: &BenchOptions, device: &Device, emit: &mut dyn FnMut(Value)) -> Result<()> {
    options.check("bench")?;
    let has_model = options.parts.iter().any(|part| *part != Part::Augment);
    let options =
        &BenchOptions { precision: if has_model { options.precision } else { Precision::Float32 }, ..options.clone() };
    options.precision.check(device)?;
    let peak = Peak::measure(device, options.precision)?;
    emit(json!({
        "part": "peak", "device": device.name(), "precision": peak.precision.name(), "size": peak.size,
        "gflops": rounded(peak.gflops), "gigabytes_per_s": rounded(peak.gigabytes_per_s),
        "moonburn": env!("CARGO_PKG_VERSION"),
    }));
    for part in &options.parts {
        memory::start(device)?;
        match part {
            Part::Step => emit(line("step", options, device, &step::time(options, device)?, Some(&peak), 0)),
            Part::Augment => {
                let making = Making::new(options)?;
                let times = augment::time(options, &making, device)?;
                emit(line("augment", options, device, &times, None, making.bytes()));
            }
            Part::Pipeline => {
                let making = Making::new(options)?;
                let times = pipeline::time(options, &making, device)?;
                emit(line("pipeline", options, device, &times, Some(&peak), making.bytes()));
            }
            Part::Layers => layers::time(options, device, &peak, emit)?,
        }
    }
    Ok(())
}

fn line(
    part: &str,
    options: &BenchOptions,
    device: &Device,
    times: &Times,
    peak: Option<&Peak>,
    own_bytes: usize,
) -> Value {
    let speed = |seconds: f64| options.views() as f64 / seconds;
    let mut line = json!({
        "part": part, "device": device.name(), "model": format!("{:?}", options.encoder).to_lowercase(),
        "width": options.width, "size": options.size, "batch": options.batch, "amp": amp(options.precision),
        "threads": rayon::current_num_threads(), "workers": 0,
        "views_per_s": rounded(speed(times.median())), "min": rounded(speed(times.most())),
        "max": rounded(speed(times.least())), "moonburn": env!("CARGO_PKG_VERSION"),
    });
    memory::note(&mut line, device, own_bytes);
    if let Some(peak) = peak {
        line["peak_share"] = significant(layers::flops(options) / times.median() / 1e9 / peak.gflops).into();
    }
    line
}

/// As the scripts of PyTorch's users name it.
fn amp(precision: Precision) -> &'static str {
    match precision {
        Precision::Float32 => "none",
        Precision::Float16 => "fp16",
        Precision::BFloat16 => "bf16",
    }
}
