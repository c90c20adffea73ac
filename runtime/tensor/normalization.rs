//! Batch normalisation as tensor operations: `(x − mean) / √(variance + ε) · weight + bias` per channel. Who keeps
//! the running statistics is not known here.

use burn_backend::ops::ModuleOps;
use burn_dispatch::Dispatch;

use super::{Kind, Tensor, cpu};
use crate::{Error, Result};

/// A normalised batch and the statistics that it was normalised with.
pub struct BatchNorm {
    /// The shape of the input.
    pub output: Tensor,
    /// `[C]`, without a tape.
    pub mean: Tensor,
    /// `[C]`, divided by the number of values and not by one less; without a tape.
    pub variance: Tensor,
}

impl Tensor {
    /// Normalises `[N, C, …]` with the mean and variance of the batch itself. One operation to the tape.
    ///
    /// # Errors
    /// A tensor that is not float; weight or bias other than `[C]`; one value per channel, which has no variance.
    pub fn batch_norm_train(&self, weight: &Self, bias: &Self, epsilon: f64) -> Result<BatchNorm> {
        let channels = self.want_channels("batch_norm", &[weight, bias])?;
        if self.len() == channels {
            let want = "wants more than 1 value per channel in training".into();
            return Err(Error::Shape { op: "batch_norm".into(), want, got: self.shape().to_vec() });
        }
        if !self.device().is_gpu()
            && let Some((raw, mean, variance)) =
                cpu::batch_norm_train(self.raw(), weight.raw(), bias.raw(), self.shape(), epsilon as f32)
        {
            return Ok(BatchNorm {
                output: self.with(raw, Kind::Float, self.shape().to_vec()),
                mean: Self::from_floats(mean, &[channels], self.device())?,
                variance: Self::from_floats(variance, &[channels], self.device())?,
            });
        }
        let result = Dispatch::batch_norm_train(self.raw(), weight.raw(), bias.raw(), epsilon);
        Ok(BatchNorm {
            output: self.with(result.output, Kind::Float, self.shape().to_vec()),
            mean: self.with(result.mean, Kind::Float, vec![channels]).detach(),
            variance: self.with(result.variance, Kind::Float, vec![channels]).detach(),
        })
    }

    /// Normalises `[N, C, …]` with statistics that are given, each `[C]`. Errors as [`Tensor::batch_norm_train`].
    pub fn batch_norm(&self, weight: &Self, bias: &Self, mean: &Self, variance: &Self, epsilon: f64) -> Result<Self> {
        let channels = self.want_channels("batch_norm", &[weight, bias, mean, variance])?;
        let mut per_channel = vec![1; self.rank()];
        per_channel[1] = channels;
        // Folded per channel first, so that the input is gone over twice and not five times.
        let scale = weight.div(&variance.add_scalar(epsilon)?.sqrt()?)?;
        let shift = bias.sub(&mean.mul(&scale)?)?;
        self.mul(&scale.reshape(&per_channel)?)?.add(&shift.reshape(&per_channel)?)
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
