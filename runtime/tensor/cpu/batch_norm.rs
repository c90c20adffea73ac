//! Batch normalisation with the batch's own statistics, in few passes over memory.

use rayon::prelude::*;

use super::floats::{beside, contiguous, floats};
use crate::tensor::{BatchNorm, Tensor};

/// Partial sums that a processor adds side by side.
const LANES: usize = 16;

/// Values that are added in float32 before their sum goes on in float64.
const BLOCK: usize = 1024;

/// Normalises `[N, C, …]`, with what the gradient needs to know of the batch. None for tensors that are not on the CPU
/// device. The output is on no tape.
pub(in crate::tensor) fn normalise(
    input: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    epsilon: f32,
) -> Option<(BatchNorm, Statistics)> {
    let [values, scale, shift] = contiguous([input, weight, bias])?;
    let shape = input.shape();
    let planes = Planes { images: shape[0], channels: shape[1], size: shape[2..].iter().product() };
    let (values, scale, shift) = (floats(&values), floats(&scale), floats(&shift));
    let moments: Vec<Moments> =
        (0..planes.channels).into_par_iter().map(|channel| planes.moments(values, channel)).collect();
    let mean: Vec<f32> = moments.iter().map(|moments| moments.mean).collect();
    let rest: Vec<f32> = moments.iter().map(|moments| moments.rest).collect();
    let variance: Vec<f32> = moments.iter().map(|moments| moments.variance).collect();
    let inverse: Vec<f32> = variance.iter().map(|variance| 1.0 / (variance + epsilon).sqrt()).collect();
    let mut output = vec![0.0; values.len()];
    planes.each(&mut output, |channel, offset, target| {
        let factor = scale[channel] * inverse[channel];
        let (mean, shift) = (mean[channel], shift[channel] - rest[channel] * factor);
        target.iter_mut().zip(&values[offset..]).for_each(|(target, value)| *target = (value - mean) * factor + shift);
    });
    let whole_mean: Vec<f32> = moments.iter().map(|moments| moments.mean + moments.rest).collect();
    let found = BatchNorm {
        output: beside(input, output, shape),
        mean: beside(input, whole_mean, &[planes.channels]),
        variance: beside(input, variance, &[planes.channels]),
    };
    Some((found, Statistics { planes, mean, rest, inverse }))
}

/// What a batch was normalised with.
pub(in crate::tensor) struct Statistics {
    planes: Planes,
    mean: Vec<f32>,
    /// What the mean lacks.
    rest: Vec<f32>,
    /// 1 / √(variance + ε).
    inverse: Vec<f32>,
}

impl Statistics {
    /// The gradients by input, if that is wanted, weight and bias. With x̂ = (x − mean) · inverse: dbias = Σ dy,
    /// dweight = Σ dy·x̂, and dx = weight · inverse · (dy − dbias / m − x̂ · dweight / m) for m values per channel.
    pub(in crate::tensor) fn gradients(
        &self,
        input: &Tensor,
        weight: &Tensor,
        by_output: &Tensor,
        wants_input: bool,
    ) -> Option<[Option<Tensor>; 3]> {
        let Self { planes, mean, rest, inverse } = self;
        let [values, scale, output] = contiguous([input, weight, by_output])?;
        let (values, scale, output) = (floats(&values), floats(&scale), floats(&output));
        let sums = |channel: usize| planes.sums(values, output, channel, [mean[channel], rest[channel]]);
        let (by_bias, centred): (Vec<f32>, Vec<f32>) = (0..planes.channels).into_par_iter().map(sums).unzip();
        let by_weight: Vec<f32> = centred.iter().zip(inverse).map(|(sum, inverse)| sum * inverse).collect();
        let by_input = wants_input.then(|| {
            let count = (planes.images * planes.size) as f32;
            let mut by_input = vec![0.0; values.len()];
            planes.each(&mut by_input, |channel, offset, target| {
                let factor = scale[channel] * inverse[channel];
                let slope = by_weight[channel] * inverse[channel] / count;
                let (shift, mean) = (by_bias[channel] / count - rest[channel] * slope, mean[channel]);
                let pairs = values[offset..].iter().zip(&output[offset..]);
                target
                    .iter_mut()
                    .zip(pairs)
                    .for_each(|(target, (value, output))| *target = factor * (output - shift - (value - mean) * slope));
            });
            beside(by_output, by_input, input.shape())
        });
        let per_channel = |values| Some(beside(by_output, values, &[planes.channels]));
        Some([by_input, per_channel(by_weight), per_channel(by_bias)])
    }
}

/// What a channel is normalised with: its mean is `mean + rest`. Far from 0 a float32 alone is off by more than values
/// lie apart.
#[derive(Clone, Copy, Debug)]
struct Moments {
    mean: f32,
    rest: f32,
    /// Divided by the number of values.
    variance: f32,
}

/// `[images, channels, size]`.
#[derive(Clone, Copy, Debug)]
struct Planes {
    images: usize,
    channels: usize,
    size: usize,
}

impl Planes {
    /// Calls `body(channel, offset, plane)` for every plane, on all cores.
    fn each(self, values: &mut [f32], body: impl Fn(usize, usize, &mut [f32]) + Sync) {
        let chunk = self.size * self.channels;
        values.par_chunks_mut(chunk).enumerate().for_each(|(image, planes)| {
            for (channel, plane) in planes.chunks_mut(self.size).enumerate() {
                body(channel, image * chunk + channel * self.size, plane);
            }
        });
    }

    fn offsets(self, channel: usize) -> impl Iterator<Item = usize> {
        (0..self.images).map(move |image| (image * self.channels + channel) * self.size)
    }

    fn moments(self, values: &[f32], channel: usize) -> Moments {
        let count = (self.images * self.size) as f64;
        let planes = || self.offsets(channel).map(|offset| &values[offset..offset + self.size]);
        let blocks = || planes().flat_map(|plane| plane.chunks(BLOCK));
        let mean = (blocks().map(|block| f64::from(sum(block))).sum::<f64>() / count) as f32;
        let (mut rest, mut squares) = (0.0, 0.0);
        for block in blocks() {
            let found = centred(block, mean);
            rest += f64::from(found.0);
            squares += f64::from(found.1);
        }
        rest /= count;
        // About a mean that is off, squares are larger by the square of that.
        let variance = squares / count - rest * rest;
        Moments { mean, rest: rest as f32, variance: if variance < 0.0 { 0.0 } else { variance as f32 } }
    }

    /// Σ dy and Σ dy·(x − mean) of a channel.
    fn sums(self, values: &[f32], output: &[f32], channel: usize, [mean, rest]: [f32; 2]) -> (f32, f32) {
        let (mut plain, mut centred) = (0.0, 0.0);
        for offset in self.offsets(channel) {
            let range = offset..offset + self.size;
            let (values, output) = (&values[range.clone()], &output[range]);
            for (output, values) in output.chunks(BLOCK).zip(values.chunks(BLOCK)) {
                plain += f64::from(sum(output));
                centred += f64::from(dot(output, values, mean));
            }
        }
        (plain as f32, (centred - f64::from(rest) * plain) as f32)
    }
}

fn sum(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        lanes.iter_mut().zip(chunk).for_each(|(lane, value)| *lane += value);
    }
    lanes.iter().sum::<f32>() + rest.iter().sum::<f32>()
}

/// Σ (x − mean) and Σ (x − mean)².
fn centred(values: &[f32], mean: f32) -> (f32, f32) {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let (mut plain, mut squares) = ([0.0; LANES], [0.0; LANES]);
    for chunk in chunks {
        for lane in 0..LANES {
            let value = chunk[lane] - mean;
            plain[lane] += value;
            squares[lane] += value * value;
        }
    }
    let (mut plain, mut squares) = (plain.iter().sum::<f32>(), squares.iter().sum::<f32>());
    for value in rest.iter().map(|value| value - mean) {
        plain += value;
        squares += value * value;
    }
    (plain, squares)
}

/// Σ a·(b − mean).
fn dot(left: &[f32], right: &[f32], mean: f32) -> f32 {
    let ((left, left_rest), (right, right_rest)) = (left.as_chunks::<LANES>(), right.as_chunks::<LANES>());
    let mut lanes = [0.0; LANES];
    for (left, right) in left.iter().zip(right) {
        for lane in 0..LANES {
            lanes[lane] += left[lane] * (right[lane] - mean);
        }
    }
    lanes.iter().sum::<f32>() + left_rest.iter().zip(right_rest).map(|(left, right)| left * (right - mean)).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use burn_backend::ops::ModuleOps;
    use burn_dispatch::Dispatch;

    use crate::{
        Device,
        rng::{DrawKey, Stream},
        tensor::{Kind, Tensor, gradients},
    };

    #[test]
    fn values_statistics_and_gradients_are_burns() {
        let device = Device::cpu();
        for shape in [&[7, 3][..], &[4, 5, 3, 7], &[2, 6, 9, 11]] {
            let random = |shape: &[usize], name: &str| {
                Tensor::randn(shape, Stream::new(5, name), DrawKey::default(), &device).unwrap()
            };
            let channels = [shape[1]];
            let inputs = [random(shape, "x").add_scalar(3.0).unwrap(), random(&channels, "w"), random(&channels, "b")]
                .map(|input| input.requires_grad().unwrap());
            let [x, w, b] = &inputs;
            let found = x.batch_norm_train(w, b, 1e-5).unwrap();
            let by = random(shape, "loss");
            let loss = found.output.mul(&by).unwrap().sum(None, false).unwrap();
            let mut ours = gradients(&loss, &inputs).unwrap();
            ours.extend([found.output, found.mean, found.variance]);
            let burns = Dispatch::batch_norm_train(x.raw(), w.raw(), b.raw(), 1e-5);
            let (mean, variance) = (burns.mean.clone(), burns.variance.clone());
            let by = Dispatch::batch_norm_train_backward(x.raw(), w.raw(), mean, variance, 1e-5, by.raw());
            let like = |raw, shape: &[usize]| Tensor::wrap(raw, Kind::Float, shape.to_vec(), &device);
            let [wide, vector] = [shape, &channels];
            let burns = [
                like(by.x_grad, wide),
                like(by.gamma_grad, vector),
                like(by.beta_grad, vector),
                like(burns.output, wide),
                like(burns.mean, vector),
                like(burns.variance, vector),
            ];
            let [ours, burns] =
                [&ours[..], &burns].map(|all| all.iter().map(|t| t.floats().unwrap()).collect::<Vec<_>>());
            for (ours, burns) in ours.iter().zip(&burns) {
                let scale = burns.iter().fold(1f32, |most, value| most.max(value.abs()));
                let worst = ours.iter().zip(burns).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / scale;
                assert!(ours.len() == burns.len() && worst < 1e-5, "{shape:?}: off by {worst}");
            }
        }
    }
}
