//! Where the time of a step goes: every distinct convolution of the encoder by itself, against what the device's peak
//! would take for it.

use serde_json::{Value, json};

use super::{Encoder, Options, Peak, Times, rounded, simclr::SMALL};
use crate::{
    Device, Result, Tensor,
    rng::Stream,
    tensor::{Convolution, Gradients, autocast},
};

/// A convolution of a ResNet, and how often it occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    inputs: usize,
    outputs: usize,
    kernel: usize,
    stride: usize,
    /// The side of its input.
    side: usize,
    count: usize,
}

impl Shape {
    /// Multiplications of one image.
    fn multiplications(&self) -> f64 {
        let side = self.side / self.stride;
        (side * side * self.outputs * self.inputs * self.kernel * self.kernel) as f64
    }
}

/// Multiplications of a forward pass over a batch's views, convolutions only.
pub(super) fn multiplications(options: &Options) -> f64 {
    let shapes = shapes(options);
    options.views() as f64 * shapes.iter().map(|shape| shape.count as f64 * shape.multiplications()).sum::<f64>()
}

fn shapes(options: &Options) -> Vec<Shape> {
    let is_small = options.size < SMALL;
    let (kernel, stride) = if is_small { (3, 1) } else { (7, 2) };
    let mut shapes = vec![Shape { inputs: 3, outputs: options.width, kernel, stride, side: options.size, count: 1 }];
    let mut side = if is_small { options.size } else { options.size / 4 };
    let (depths, expansion) = match options.encoder {
        Encoder::ResNet18 => ([2, 2, 2, 2], 1),
        Encoder::ResNet50 => ([3, 4, 6, 3], 4),
    };
    let mut inputs = options.width;
    let mut add = |shape: Shape| match shapes.iter_mut().find(|known| Shape { count: 1, ..**known } == shape) {
        Some(known) => known.count += 1,
        None => shapes.push(shape),
    };
    for (stage, depth) in depths.into_iter().enumerate() {
        let channels = options.width << stage;
        for block in 0..depth {
            let stride = if stage > 0 && block == 0 { 2 } else { 1 };
            let outputs = channels * expansion;
            let shape =
                |inputs, outputs, kernel, stride, side| Shape { inputs, outputs, kernel, stride, side, count: 1 };
            let after = side / stride;
            match options.encoder {
                Encoder::ResNet18 => {
                    add(shape(inputs, channels, 3, stride, side));
                    add(shape(channels, channels, 3, 1, after));
                }
                Encoder::ResNet50 => {
                    add(shape(inputs, channels, 1, 1, side));
                    add(shape(channels, channels, 3, stride, side));
                    add(shape(channels, outputs, 1, 1, after));
                }
            }
            if stride != 1 || inputs != outputs {
                add(shape(inputs, outputs, 1, stride, side));
            }
            (inputs, side) = (outputs, after);
        }
    }
    shapes
}

/// A line for each distinct convolution: milliseconds of one, and the share of the peak.
pub(super) fn time(options: &Options, device: &Device, peak: &Peak, emit: &mut dyn FnMut(Value)) -> Result<()> {
    for shape in shapes(options) {
        let floor = 2.0 * options.views() as f64 * shape.multiplications() / (peak.gflops * 1e9);
        let images = random(&[options.views(), shape.inputs, shape.side, shape.side], device)?;
        let weight = random(&[shape.outputs, shape.inputs, shape.kernel, shape.kernel], device)?;
        let how = Convolution { stride: [shape.stride; 2], padding: [shape.kernel / 2; 2], groups: 1 };
        let convolve =
            |images: &Tensor, weight: &Tensor| autocast(options.precision, || images.conv2d(weight, None, how));
        let forward = Times::of(device, options.warmup, options.steps, |_| convolve(&images, &weight).map(drop))?;
        let by_input = backward(options, device, || convolve(&images.requires_grad()?, &weight))?;
        let by_weight = backward(options, device, || convolve(&images, &weight.requires_grad()?))?;
        let part = |seconds: f64| json!({ "ms": (seconds * 1e5).round() / 100.0, "peak_share": (1e4 * floor / seconds).round() / 1e4 });
        emit(json!({
            "part": "layer", "count": shape.count, "inputs": shape.inputs, "outputs": shape.outputs,
            "kernel": shape.kernel, "stride": shape.stride, "side": shape.side, "floor_ms": rounded(floor * 1e4) / 10.0,
            "forward": part(forward.median()), "input_gradient": part(by_input), "weight_gradient": part(by_weight),
        }));
    }
    Ok(())
}

/// Seconds of the backward pass alone, with the sum of the output as the loss.
fn backward(options: &Options, device: &Device, mut forward: impl FnMut() -> Result<Tensor>) -> Result<f64> {
    let mut seconds = Vec::new();
    for number in 0..options.warmup + options.steps {
        let loss = forward()?.sum(None, false)?;
        device.sync()?;
        let started = std::time::Instant::now();
        drop(Gradients::of(&loss)?);
        device.sync()?;
        if number >= options.warmup {
            seconds.push(started.elapsed().as_secs_f64());
        }
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[seconds.len() / 2])
}

fn random(shape: &[usize], device: &Device) -> Result<Tensor> {
    Tensor::rand(shape, Stream::new(0, "layers"), (0, 0), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_of_known_networks_is_what_is_published() {
        // torchvision states 1.81 and 4.09 GMAC for an image of 224 pixels; the linear layer is 0.5 and 2 million of it.
        let at = |encoder, size| {
            let options = Options { encoder, size, batch: 1, ..Options::default() };
            multiplications(&options) / 2.0 / 1e9
        };
        assert!((at(Encoder::ResNet18, 224) - 1.81).abs() < 0.01, "{}", at(Encoder::ResNet18, 224));
        assert!((at(Encoder::ResNet50, 224) - 4.09).abs() < 0.01, "{}", at(Encoder::ResNet50, 224));
        // With the CIFAR stem, 0.56 GMAC (Kuang Liu's pytorch-cifar and others).
        assert!((at(Encoder::ResNet18, 32) - 0.56).abs() < 0.01, "{}", at(Encoder::ResNet18, 32));
    }
}
