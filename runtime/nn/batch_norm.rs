//! Batch normalisation as a layer, with PyTorch's running statistics: the running variance is the unbiased one.

use super::{Buffer, Init, Layer, Module, Parameter, Role, module::single};
use crate::{
    Error, Result, Tensor,
    options::{options, over},
    tape,
    tensor::{Behind, no_grad},
};

options! {
    /// What a batch normalisation is besides its channel count.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct BatchNormOptions {
        /// Added to the variance.
        pub epsilon: f64 = 1e-5, in over(0.0);
        /// The share of the batch in the running statistics after a training step.
        pub momentum: f64 = 0.1, in 0.0..=1.0;
        /// Whether the result is scaled.
        pub weight: bool = true;
        /// Whether the result is shifted.
        pub bias: bool = true;
    }
}

/// Where the layer has no weight or bias of its own, a constant stands in.
enum Affine {
    Trained(Parameter),
    Constant(Buffer),
}

struct BatchNorm {
    channels: usize,
    options: BatchNormOptions,
    weight: Affine,
    bias: Affine,
    mean: Buffer,
    variance: Buffer,
}

/// Normalises each channel of `[N, channels]`, `[N, channels, L]` or `[N, channels, H, W]`: with the batch's statistics in training
/// mode, with the running ones in evaluation mode.
pub fn batch_norm(channels: usize, options: BatchNormOptions) -> Module {
    Module::new(BatchNorm::new(channels, options))
}

impl BatchNorm {
    fn new(channels: usize, options: BatchNormOptions) -> Self {
        let affine = |trained: bool, start: f64| {
            if trained {
                Affine::Trained(Parameter::new(&[channels], Init::Constant(start), Role::Norm))
            } else {
                Affine::Constant(Buffer::new(&[channels], start))
            }
        };
        Self {
            channels,
            options,
            weight: affine(options.weight, 1.0),
            bias: affine(options.bias, 0.0),
            mean: Buffer::new(&[channels], 0.0),
            variance: Buffer::new(&[channels], 1.0),
        }
    }

    /// running ← (1 − momentum) · running + momentum · batch.
    fn follow(&self, running: &Buffer, batch: &Tensor, correction: f64) -> Result<()> {
        let momentum = self.options.momentum;
        let kept = running.value()?.mul_scalar(1.0 - momentum)?;
        running.set(kept.add(&batch.mul_scalar(momentum * correction)?)?)
    }
}

impl Affine {
    fn operand(&self, like: &Tensor) -> Result<Tensor> {
        match self {
            Self::Trained(parameter) => parameter.leaf(),
            Self::Constant(buffer) => match buffer.value() {
                Ok(value) => Ok(value),
                Err(_) => {
                    buffer.realise(like.device())?;
                    buffer.value()
                }
            },
        }
    }

    fn parameter(&self, name: &str) -> Option<(String, Parameter)> {
        match self {
            Self::Trained(parameter) => Some((name.into(), parameter.clone())),
            Self::Constant(_) => None,
        }
    }
}

impl Layer for BatchNorm {
    fn kind(&self) -> &str {
        "batch_norm"
    }

    fn describe(&self) -> String {
        let mut text = format!("batch_norm({}", self.channels);
        let (own, usual) = (self.options, BatchNormOptions::default());
        for (name, value, usual) in
            [("epsilon", own.epsilon, usual.epsilon), ("momentum", own.momentum, usual.momentum)]
        {
            if value != usual {
                text += &format!(", {name} = {value}");
            }
        }
        for (name, present) in [("weight", own.weight), ("bias", own.bias)] {
            if !present {
                text += &format!(", {name} = false");
            }
        }
        text + ")"
    }

    fn forward(&self, module: &Module, inputs: &[Tensor]) -> Result<Tensor> {
        self.forward_with(module, single("batch_norm", inputs)?, Behind::default())
    }

    fn is_joined(&self) -> bool {
        true
    }

    fn forward_with(&self, module: &Module, input: &Tensor, behind: Behind<'_>) -> Result<Tensor> {
        if !matches!(input.rank(), 2..=4) || input.shape()[1] != self.channels {
            let want = format!("wants [N, {0}], [N, {0}, L] or [N, {0}, H, W]", self.channels);
            return Err(Error::Shape { op: "batch_norm".into(), want, got: input.shape().to_vec() });
        }
        if let &[rows, channels, length] = input.shape() {
            // A sequence is an image of height 1.
            let image = |tensor: &Tensor| tensor.reshape(&[rows, channels, 1, length]);
            let residual = behind.residual.map(image).transpose()?;
            let behind = Behind { residual: residual.as_ref(), ..behind };
            return self.forward_with(module, &image(input)?, behind)?.reshape(&[rows, channels, length]);
        }
        let (weight, bias) = (self.weight.operand(input)?, self.bias.operand(input)?);
        if !module.is_training() {
            let (mean, variance) = (self.mean.value()?, self.variance.value()?);
            return input.batch_norm_with([&weight, &bias], [&mean, &variance], self.options.epsilon, behind);
        }
        let batch = input.batch_norm_train_with(&weight, &bias, self.options.epsilon, behind)?;
        let count = (input.len() / self.channels) as f64;
        // What is computed again for its gradients has been followed already.
        if tape::is_again() {
            return Ok(batch.output);
        }
        no_grad(|| {
            self.follow(&self.mean, &batch.mean, 1.0)?;
            self.follow(&self.variance, &batch.variance, count / (count - 1.0))
        })?;
        Ok(batch.output)
    }

    fn fresh(&self) -> Box<dyn Layer> {
        Box::new(Self::new(self.channels, self.options))
    }

    fn parameters(&self) -> Vec<(String, Parameter)> {
        [self.weight.parameter("weight"), self.bias.parameter("bias")].into_iter().flatten().collect()
    }

    fn buffers(&self) -> Vec<(String, Buffer)> {
        vec![("running_mean".into(), self.mean.clone()), ("running_var".into(), self.variance.clone())]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        nn::{fixture::check_layer, reference::check},
    };

    #[test]
    fn values_gradients_and_running_statistics_are_pytorchs() {
        check_layer("batch_norm 2-d", &batch_norm(3, BatchNormOptions::default()));
        check_layer("batch_norm 4-d", &batch_norm(3, BatchNormOptions::default()));
        check_layer(
            "batch_norm constant",
            &batch_norm(3, BatchNormOptions { weight: false, bias: false, ..Default::default() }),
        );
        let evaluated = batch_norm(3, BatchNormOptions::default());
        evaluated.set_training(false);
        check_layer("batch_norm eval", &evaluated);
    }

    #[test]
    fn a_sequence_is_normalised_as_pytorchs_is_also_with_what_is_done_behind_it() {
        check("batch_norm of sequences", &batch_norm(3, BatchNormOptions::default()));
        let device = Device::cpu();
        let layer = batch_norm(2, BatchNormOptions::default());
        layer.realise("norm", 0, &device).unwrap();
        let input = Tensor::from_floats(vec![1.0, 2.0, 5.0, 4.0, 0.0, -1.0], &[1, 2, 3], &device).unwrap();
        let plain = layer.forward(&input).unwrap().add(&input).unwrap().relu().unwrap();
        let behind = Behind { residual: Some(&input), relu: true };
        assert_eq!(layer.forward_with(&input, behind).unwrap().floats().unwrap(), plain.floats().unwrap());
    }

    #[test]
    fn one_value_per_channel_cannot_be_trained_on() {
        let layer = batch_norm(4, BatchNormOptions { bias: false, ..Default::default() });
        layer.realise("projector.4", 0, &Device::cpu()).unwrap();
        assert_eq!(layer.describe(), "batch_norm(4, bias = false)");
        let input = Tensor::zeros(&[1, 4], &Device::cpu()).unwrap();
        let error = layer.forward(&input).unwrap_err();
        assert_eq!(
            error.to_string(),
            "projector.4: batch_norm: wants more than 1 value per channel in training, got shape [1, 4]"
        );
        layer.set_training(false);
        layer.forward(&input).unwrap();
    }
}
