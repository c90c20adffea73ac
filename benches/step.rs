//! Times a training step of SimCLR as `torch_simclr.py` does in PyTorch: ResNet-18 (CIFAR stem), projector, NT-Xent,
//! backward and SGD on views that are already on the device. Prints one JSON line with views per second.
//!
//!     cargo bench --bench step -- [--batch 32] [--steps 5] [--warmup 1] [--width 64] [--device cpu]

use std::{error::Error, time::Instant};

use moonburn::{
    Device, Tensor, loss,
    model::{ResNetOptions, Stem, resnet18},
    nn::projector,
    optim::{Optimizer, Rule, Schedule, Sgd},
    rng::Stream,
    tensor::Gradients,
};

fn option(name: &str, default: usize) -> usize {
    text(name).and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn text(name: &str) -> Option<String> {
    let arguments: Vec<String> = std::env::args().collect();
    let position = arguments.iter().position(|argument| *argument == format!("--{name}"))?;
    arguments.get(position + 1).cloned()
}

fn main() -> Result<(), Box<dyn Error>> {
    let (batch, steps, warmup, width) =
        (option("batch", 32), option("steps", 5), option("warmup", 1), option("width", 64));
    let name = text("device").unwrap_or_else(|| "cpu".into());
    let device = Device::select(&name)?;
    let (encoder, head) =
        (resnet18(ResNetOptions { stem: Stem::Cifar, width })?, projector(&[8 * width, 8 * width, 128])?);
    encoder.realise("encoder", 0, &device)?;
    head.realise("projector", 0, &device)?;
    let parameters = [encoder.parameters(), head.parameters()].concat();
    let parameters: Vec<_> =
        parameters.into_iter().enumerate().map(|(i, (path, p))| (format!("{i}.{path}"), p)).collect();
    let mut optimizer = Optimizer::new(Rule::Sgd(Sgd { momentum: 0.9, ..Sgd::default() }), Schedule::constant(0.1)?)?;
    let images = Tensor::rand(&[2 * batch, 3, 32, 32], Stream::new(0, "bench"), (0, 0), &device)?;

    let mut speeds = Vec::new();
    for step in 0..warmup + steps {
        let started = Instant::now();
        let z = head.forward(&encoder.forward(&images)?)?;
        let mut gradients = Gradients::of(&loss::nt_xent(&z, 2, 0.5)?)?;
        optimizer.step(&parameters, &mut gradients, step as u64, 0.1)?;
        device.sync()?;
        if step >= warmup {
            speeds.push(2.0 * batch as f64 / started.elapsed().as_secs_f64());
        }
    }
    speeds.sort_by(f64::total_cmp);
    let result = serde_json::json!({
        "part": "step", "device": device.name(), "batch": batch, "width": width,
        "views_per_s": (speeds[speeds.len() / 2] * 10.0).round() / 10.0,
        "min": (speeds[0] * 10.0).round() / 10.0, "max": (speeds[speeds.len() - 1] * 10.0).round() / 10.0,
    });
    println!("{result}");
    Ok(())
}
