//! Times single convolutions on the CPU for `benches/convolution.py`, which has PyTorch's side. Reads a JSON object with
//! sizes, a pass and seconds per line, and answers with the milliseconds of a call: the median of several looks at the
//! clock. Images, results and gradients lie channels last, as they do inside a network. With `"convolution": "exact"` it
//! computes every product of the sum.
//!
//!     echo '{"images": 64, "inputs": 64, "outputs": 64, "size": 32, "kernel": 3, "stride": 1, "padding": 1,
//!            "pass": "forward", "least": 0.1}' | tr -d '\n' | cargo bench --bench convolution

use std::{
    error::Error,
    io::{BufRead, stdin},
    time::Instant,
};

use moonburn::{
    Device, Result, Tensor,
    rng::{DrawKey, Stream},
    tensor::{Convolution, Exactness, Pass, grad},
};
use serde_json::Value;

/// Looks at the clock, after one for nothing.
const LOOKS: usize = 5;

fn main() -> std::result::Result<(), Box<dyn Error>> {
    for line in stdin().lock().lines() {
        let wanted: Value = serde_json::from_str(&line?)?;
        let way = wanted["convolution"].as_str().map(str::parse::<Exactness>).transpose()?.unwrap_or_default();
        println!("{}", 1e3 * way.within(|| time(&wanted))?);
    }
    Ok(())
}

/// Seconds of a call.
fn time(wanted: &Value) -> std::result::Result<f64, Box<dyn Error>> {
    let number =
        |name: &str| wanted[name].as_u64().map(|n| n as usize).ok_or_else(|| format!("convolution: no {name}"));
    let [images, inputs, outputs] = [number("images")?, number("inputs")?, number("outputs")?];
    let [size, kernel] = [number("size")?, number("kernel")?];
    let options =
        Convolution { stride: [number("stride")?; 2], padding: [number("padding")?; 2], ..Convolution::default() };
    let x = channels_last(images, inputs, [size, size])?;
    let w = random(&[outputs, inputs, kernel, kernel])?.mul_scalar(((inputs * kernel * kernel) as f64).powf(-0.5))?;
    let least = wanted["least"].as_f64().unwrap_or_default();
    let pass = Pass { retain_graph: true, ..Pass::default() };
    let leaf = match wanted["pass"].as_str() {
        Some("forward") => return Ok(median_of(|| x.conv2d(&w, None, options).map(drop), least)?),
        Some("by_images") => 0,
        Some("by_weight") => 1,
        other => return Err(format!("convolution: no pass {other:?}").into()),
    };
    let mut operands = [x, w];
    operands[leaf] = operands[leaf].requires_grad()?;
    let y = operands[0].conv2d(&operands[1], None, options)?;
    let by = channels_last(images, outputs, [y.shape()[2], y.shape()[3]])?;
    let (inputs, by) = ([operands[leaf].clone()], [Some(by)]);
    Ok(median_of(|| grad(std::slice::from_ref(&y), &by, &inputs, pass).map(drop), least)?)
}

fn random(shape: &[usize]) -> Result<Tensor> {
    Tensor::randn(shape, Stream::new(0, "convolution"), DrawKey::default(), &Device::cpu())
}

/// Images `[images, channels, height, width]`, which lie as `[images, height, width, channels]`.
fn channels_last(images: usize, channels: usize, [height, width]: [usize; 2]) -> Result<Tensor> {
    random(&[images, height, width, channels])?.permute(&[0, 3, 1, 2])
}

/// The median of some looks at the clock; between two, `body` runs for `least` seconds, at least once.
fn median_of(mut body: impl FnMut() -> Result<()>, least: f64) -> Result<f64> {
    let mut seconds = Vec::new();
    for _ in 0..=LOOKS {
        let (start, mut count) = (Instant::now(), 0);
        while count == 0 || start.elapsed().as_secs_f64() < least {
            body()?;
            count += 1;
        }
        seconds.push(start.elapsed().as_secs_f64() / f64::from(count));
    }
    seconds.remove(0);
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[LOOKS / 2])
}
