//! Batch normalisation as tensor operations: `(x − mean) / √(variance + ε) · weight + bias` per channel. Who keeps
//! the running statistics is not known here.

use super::{Kind, Tensor, cpu};
use crate::{
    Error, Result,
    tape::{is_recording, record},
};

/// A normalised batch and the statistics that it was normalised with.
pub struct BatchNorm {
    /// The shape of the input.
    pub output: Tensor,
    /// `[C]`, without a tape.
    pub mean: Tensor,
    /// `[C]`, divided by the number of values and not by one less; without a tape.
    pub variance: Tensor,
}

/// What follows a normalisation, and is done in the same pass over memory where that can be.
#[derive(Clone, Copy, Default)]
pub struct Behind<'a> {
    /// What is added, of the input's shape.
    pub residual: Option<&'a Tensor>,
    /// Whether max(x, 0) is taken of that.
    pub relu: bool,
}

impl Behind<'_> {
    /// It alone, of what was normalised. Errors as [`Tensor::add`].
    pub fn of(self, normalised: Tensor) -> Result<Tensor> {
        let sum = match self.residual {
            Some(residual) => normalised.add(residual)?,
            None => normalised,
        };
        if self.relu { sum.relu() } else { Ok(sum) }
    }

    fn is_nothing(self) -> bool {
        self.residual.is_none() && !self.relu
    }
}

impl Tensor {
    /// Normalises `[N, C, …]` with the mean and variance of the batch itself. One operation to the tape.
    ///
    /// # Errors
    /// A tensor that is not float; weight or bias other than `[C]`; one value per channel, which has no variance.
    pub fn batch_norm_train(&self, weight: &Self, bias: &Self, epsilon: f64) -> Result<BatchNorm> {
        self.batch_norm_train_with(weight, bias, epsilon, Behind::default())
    }

    /// [`Tensor::batch_norm_train`] and what is behind it: `max(norm(x) + residual, 0)`. One operation to the tape for
    /// rows, and for images that lie channels last.
    ///
    /// # Errors
    /// As [`Tensor::batch_norm_train`]; a residual that cannot be added.
    pub fn batch_norm_train_with(
        &self,
        weight: &Self,
        bias: &Self,
        epsilon: f64,
        behind: Behind<'_>,
    ) -> Result<BatchNorm> {
        let channels = self.want_channels("batch_norm", &[weight, bias])?;
        if self.is_stored() {
            return self.cast(Kind::Float)?.batch_norm_train_with(weight, bias, epsilon, behind);
        }
        if self.len() <= channels {
            let want = "wants more than 1 value per channel in training".into();
            return Err(Error::Shape { op: "batch_norm".into(), want, got: self.shape().to_vec() });
        }
        if self.is_fused(behind) {
            return self.batch_norm_rows(weight, bias, epsilon, behind);
        }
        if !behind.is_nothing() {
            let found = self.batch_norm_train(weight, bias, epsilon)?;
            return Ok(BatchNorm { output: behind.of(found.output)?, ..found });
        }
        match cpu::normalise(self, weight, bias, epsilon as f32) {
            Some((found, statistics)) => {
                let BatchNorm { output, mean, variance } = found;
                let inputs = [self, weight, bias];
                let output = record("batch_norm", inputs, output, |tape| {
                    let (values, weight) = (tape.keep(self), tape.keep(weight));
                    move |by: Self, step| {
                        let (values, weight) = (values.get(step)?, weight.get(step)?);
                        if is_recording() {
                            return values.batch_norm_slopes(&weight, &by, epsilon);
                        }
                        let gradients = statistics.gradients(&values, &weight, &by, step.wants(0));
                        gradients.ok_or_else(|| left_the_cpu("batch_norm"))
                    }
                });
                Ok(BatchNorm { output, mean, variance })
            }
            None => self.batch_norm_in_parts(weight, bias, epsilon),
        }
    }

    /// Whether a normalisation of this and what is behind it is one pass over memory.
    fn is_fused(&self, behind: Behind<'_>) -> bool {
        let fits = |residual: &Self| residual.kind() == Kind::Float && residual.shape() == self.shape();
        !self.is_empty()
            && cpu::lie_as_rows(self)
            && behind.residual.is_none_or(|residual| fits(residual) && !residual.is_burns())
    }

    fn batch_norm_rows(&self, weight: &Self, bias: &Self, epsilon: f64, behind: Behind<'_>) -> Result<BatchNorm> {
        let (found, statistics) = cpu::normalise_rows(self, [weight, bias], epsilon as f32, behind)
            .ok_or_else(|| left_the_cpu("batch_norm"))?;
        // In the place of a residual that there is none of: it is on no tape.
        let nothing = bias.detach();
        let inputs = [self, weight, bias, behind.residual.unwrap_or(&nothing)];
        let output = record("batch_norm", inputs, found.output.clone(), |tape| {
            let (values, weight) = (tape.keep(self), tape.keep(weight));
            let output = behind.relu.then(|| tape.keep_output(&found.output, 0));
            move |by: Self, step| {
                let (values, weight) = (values.get(step)?, weight.get(step)?);
                let output = output.as_ref().map(|kept| kept.get(step)).transpose()?;
                if is_recording() {
                    let by = match &output {
                        Some(output) => output.relu_slope(by)?,
                        None => by,
                    };
                    let [by_input, by_weight, by_bias] = values.batch_norm_slopes(&weight, &by, epsilon)?;
                    return Ok([by_input, by_weight, by_bias, Some(by)]);
                }
                let wants = [step.wants(0), step.wants(3)];
                let gradients = statistics.gradients(&values, &weight, output.as_ref(), by, wants);
                gradients.ok_or_else(|| left_the_cpu("batch_norm"))
            }
        });
        Ok(BatchNorm { output, ..found })
    }

    /// What `cpu/batch_norm.rs` does, of operations that any device has.
    pub(super) fn batch_norm_in_parts(&self, weight: &Self, bias: &Self, epsilon: f64) -> Result<BatchNorm> {
        let (channels, values) = (self.shape()[1], self.detach());
        let per_channel = self.per_channel();
        let count = (self.len() / channels) as f64;
        let mean = values.sum_to(&per_channel)?.div_scalar(count)?;
        // Twice: far from 0 a mean that is rounded is off by more than values lie apart.
        let centred = values.sub(&mean)?;
        let rest = centred.sum_to(&per_channel)?.div_scalar(count)?;
        let centred = centred.sub(&rest)?;
        let variance = centred.mul(&centred)?.sum_to(&per_channel)?.div_scalar(count)?;
        let inverse = Self::scalar(1.0, self.device())?.div(&variance.add_scalar(epsilon)?.sqrt()?)?;
        let scale = weight.detach().reshape(&per_channel)?;
        let output = centred.mul(&inverse.mul(&scale)?)?.add(&bias.detach().reshape(&per_channel)?)?;
        let output = record("batch_norm", [self, weight, bias], output, |tape| {
            let (values, weight) = (tape.keep(self), tape.keep(weight));
            let statistics = [&mean, &rest, &inverse].map(|tensor| tape.keep(tensor));
            move |by: Self, step| {
                let (values, weight) = (values.get(step)?, weight.get(step)?);
                if is_recording() {
                    return values.batch_norm_slopes(&weight, &by, epsilon);
                }
                let [mean, rest, inverse] = statistics.each_ref().map(|kept| kept.get(step));
                let (mean, rest, inverse) = (mean?, rest?, inverse?);
                let normal = values.sub(&mean)?.sub(&rest)?.mul(&inverse)?;
                normalised_slopes(&normal, &inverse, &weight, &by)
            }
        });
        Ok(BatchNorm { output, mean: mean.add(&rest)?.reshape(&[channels])?, variance: variance.reshape(&[channels])? })
    }

    /// The gradients by input, weight and bias, as functions of all of them.
    fn batch_norm_slopes(&self, weight: &Self, by: &Self, epsilon: f64) -> Result<[Option<Self>; 3]> {
        let per_channel = self.per_channel();
        let mean_of =
            |values: &Self| values.sum_to(&per_channel)?.div_scalar((values.len() / values.shape()[1]) as f64);
        let centred = self.sub(&mean_of(self)?)?;
        let centred = centred.sub(&mean_of(&centred)?)?;
        let variance = mean_of(&centred.mul(&centred)?)?;
        let inverse = variance.add_scalar(epsilon)?.pow_scalar(-0.5)?;
        normalised_slopes(&centred.mul(&inverse)?, &inverse, weight, by)
    }

    /// `[1, C, 1, …]`.
    fn per_channel(&self) -> Vec<usize> {
        let mut shape = vec![1; self.rank()];
        shape[1] = self.shape()[1];
        shape
    }

    /// Normalises `[N, C, …]` with statistics that are given, each `[C]`. Errors as [`Tensor::batch_norm_train`].
    pub fn batch_norm(&self, weight: &Self, bias: &Self, mean: &Self, variance: &Self, epsilon: f64) -> Result<Self> {
        self.batch_norm_with([weight, bias], [mean, variance], epsilon, Behind::default())
    }

    /// [`Tensor::batch_norm`] by weight and bias, mean and variance, and what is behind it. Errors as
    /// [`Tensor::batch_norm_train_with`].
    pub fn batch_norm_with(
        &self,
        [weight, bias]: [&Self; 2],
        [mean, variance]: [&Self; 2],
        epsilon: f64,
        behind: Behind<'_>,
    ) -> Result<Self> {
        self.want_channels("batch_norm", &[weight, bias, mean, variance])?;
        // Folded per channel first, so that the input is gone over once.
        let scale = weight.div(&variance.add_scalar(epsilon)?.sqrt()?)?;
        let shift = bias.sub(&mean.mul(&scale)?)?;
        if self.is_fused(behind) {
            return self.scaled(&scale, &shift, behind);
        }
        let per_channel = self.per_channel();
        behind.of(self.mul(&scale.reshape(&per_channel)?)?.add(&shift.reshape(&per_channel)?)?)
    }

    /// `max(x · scale + shift + residual, 0)`, scale and shift `[C]`, of rows of channels on the CPU.
    fn scaled(&self, scale: &Self, shift: &Self, behind: Behind<'_>) -> Result<Self> {
        const OP: &str = "batch_norm";
        let output = cpu::scale_rows(self, [scale, shift], behind).ok_or_else(|| left_the_cpu(OP))?;
        // In the place of a residual that there is none of: it is on no tape.
        let nothing = shift.detach();
        let inputs = [self, scale, shift, behind.residual.unwrap_or(&nothing)];
        Ok(record(OP, inputs, output.clone(), |tape| {
            let (values, scale) = (tape.keep(self), tape.keep(scale));
            let output = behind.relu.then(|| tape.keep_output(&output, 0));
            move |by: Self, step| {
                let (values, scale) = (values.get(step)?, scale.get(step)?);
                let output = output.as_ref().map(|kept| kept.get(step)).transpose()?;
                let wants = [step.wants(0), step.wants(3)];
                if !is_recording() {
                    let gradients = cpu::scale_rows_gradients(&values, &scale, output.as_ref(), by, wants);
                    return gradients.ok_or_else(|| left_the_cpu(OP));
                }
                let by = match &output {
                    Some(output) => output.relu_slope(by)?,
                    None => by,
                };
                let (per_channel, channels) = (values.per_channel(), [values.shape()[1]]);
                let by_input = step.of(0, || by.mul(&scale.reshape(&per_channel)?))?;
                let by_scale = by.mul(&values)?.sum_to(&per_channel)?.reshape(&channels)?;
                let by_shift = by.sum_to(&per_channel)?.reshape(&channels)?;
                Ok([by_input, Some(by_scale), Some(by_shift), Some(by)])
            }
        }))
    }

    fn want_channels(&self, op: &'static str, statistics: &[&Self]) -> Result<usize> {
        self.want_float(op)?;
        let channels = statistics[0].len();
        if self.rank() < 2 || self.shape()[1] != channels {
            let want = format!("wants [N, {channels}] or [N, {channels}, H, W]");
            return Err(Error::Shape { op: op.into(), want, got: self.shape().to_vec() });
        }
        for tensor in statistics {
            tensor.want_float(op)?;
            self.want_device(op, tensor)?;
            if tensor.shape() != [channels] {
                let want = format!("wants [{channels}] per channel");
                return Err(Error::Shape { op: op.into(), want, got: tensor.shape().to_vec() });
            }
        }
        Ok(channels)
    }
}

/// With x̂ = (x − mean) · inverse, inverse = 1 / √(variance + ε) and m values per channel: dbias = Σ dy, dweight = Σ dy·x̂,
/// dx = weight · inverse · (dy − dbias / m − x̂ · dweight / m).
fn normalised_slopes(normal: &Tensor, inverse: &Tensor, weight: &Tensor, by: &Tensor) -> Result<[Option<Tensor>; 3]> {
    let (per_channel, channels) = (normal.per_channel(), [normal.shape()[1]]);
    let count = (normal.len() / channels[0]) as f64;
    let by_bias = by.sum_to(&per_channel)?;
    let by_weight = by.mul(normal)?.sum_to(&per_channel)?;
    let rest = by.sub(&by_bias.div_scalar(count)?)?.sub(&normal.mul(&by_weight.div_scalar(count)?)?)?;
    let by_input = rest.mul(&inverse.mul(&weight.reshape(&per_channel)?)?)?;
    Ok([Some(by_input), Some(by_weight.reshape(&channels)?), Some(by_bias.reshape(&channels)?)])
}

/// What was computed on the CPU has its gradient there.
pub(super) fn left_the_cpu(op: &'static str) -> Error {
    Error::State { op, reason: "its gradient is not on the cpu".into() }
}

#[cfg(test)]
mod tests {
    use crate::{
        Device,
        rng::{DrawKey, Stream},
        tensor::{Tensor, gradients},
    };

    #[test]
    fn in_parts_it_is_what_the_cpu_does_at_once() {
        let random = |shape: &[usize], name: &str| {
            Tensor::randn(shape, Stream::new(5, name), DrawKey::default(), &Device::cpu())
                .unwrap()
                .requires_grad()
                .unwrap()
        };
        for shape in [&[7, 3][..], &[4, 5, 3, 7]] {
            let found = [true, false].map(|in_parts| {
                let inputs = [random(shape, "x"), random(&shape[1..2], "w"), random(&shape[1..2], "b")];
                let [x, w, b] = &inputs;
                let norm = if in_parts { x.batch_norm_in_parts(w, b, 1e-5) } else { x.batch_norm_train(w, b, 1e-5) };
                let norm = norm.unwrap();
                let loss = norm.output.mul(&random(shape, "loss").detach()).unwrap().sum(None, false).unwrap();
                let mut all = gradients(&loss, &inputs).unwrap();
                all.extend([norm.output, norm.mean, norm.variance]);
                all.iter().flat_map(|tensor| tensor.floats().unwrap()).collect::<Vec<f32>>()
            });
            let worst = found[0].iter().zip(&found[1]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(found[0].len() == found[1].len() && worst < 1e-5, "{shape:?}: off by {worst}");
        }
    }
    #[test]
    fn far_from_0_values_still_have_mean_0_and_variance_1() {
        let (shape, device) = ([8, 1, 32, 32], Device::cpu());
        let drawn = Tensor::randn(&shape, Stream::new(6, "far"), DrawKey::default(), &device).unwrap();
        let far = drawn.mul_scalar(0.01).unwrap().add_scalar(100_000.7).unwrap();
        let exact: Vec<f64> = far.floats().unwrap().into_iter().map(f64::from).collect();
        let count = exact.len() as f64;
        let mean = exact.iter().sum::<f64>() / count;
        let variance = exact.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let weight = Tensor::randn(&shape, Stream::new(7, "loss"), DrawKey::default(), &device).unwrap();
        let want: Vec<f64> = exact.iter().map(|value| (value - mean) / (variance + 1e-5).sqrt()).collect();
        let by_scale: f64 = weight.floats().unwrap().iter().zip(&want).map(|(by, want)| f64::from(*by) * want).sum();
        for in_parts in [true, false] {
            let [scale, bias] = [Tensor::ones(&[1], &device).unwrap(), Tensor::zeros(&[1], &device).unwrap()];
            let scale = scale.requires_grad().unwrap();
            let norm = match in_parts {
                true => far.batch_norm_in_parts(&scale, &bias, 1e-5),
                false => far.batch_norm_train(&scale, &bias, 1e-5),
            };
            let norm = norm.unwrap();
            let loss = norm.output.mul(&weight).unwrap().sum(None, false).unwrap();
            let gradient = gradients(&loss, &[scale]).unwrap()[0].item().unwrap();
            assert!((gradient - by_scale).abs() < 0.01, "{in_parts}: {gradient} for {by_scale}");
            assert!((norm.variance.item().unwrap() / variance - 1.0).abs() < 1e-4);
            assert!((norm.mean.item().unwrap() - mean).abs() < 0.008);
            let found = norm.output.floats().unwrap();
            let worst = found.iter().zip(&want).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-3, "in parts {in_parts}: off by {worst}");
        }
    }
}
