//! Normalisation of each part of a tensor by its own mean and variance: `(x − mean) / √(variance + ε) · weight + bias`.
//! Layer, group and instance normalisation are this over other parts.

use super::{Kind, Tensor};
use crate::{
    Result,
    tape::{Kept, is_recording, record},
};

/// Scale and shift, either of which may be missing. Their shapes broadcast to that of what is scaled.
#[derive(Clone, Copy, Default)]
pub struct Affine<'a> {
    /// What is multiplied by.
    pub weight: Option<&'a Tensor>,
    /// What is added.
    pub bias: Option<&'a Tensor>,
}

impl Tensor {
    /// Mean 0 and variance 1 over the last `dims` dims together, then scaled and shifted. The variance is divided by the
    /// number of values. One operation to the tape.
    ///
    /// # Errors
    /// A tensor that is not float; weight or bias that do not broadcast to it.
    pub fn standardised(&self, op: &'static str, dims: usize, affine: Affine<'_>, epsilon: f64) -> Result<Self> {
        self.want_float(op)?;
        if self.is_stored() {
            return self.cast(Kind::Float)?.standardised(op, dims, affine, epsilon);
        }
        let parts = Parts::of(self, dims, epsilon);
        if self.is_empty() {
            return affine.of(self.mul_scalar(1.0)?);
        }
        let moments = parts.moments(&self.detach())?;
        let normal = parts.normal(&self.detach(), &moments)?;
        let constant = |operand: Option<&Self>| operand.map(Self::detach);
        let (weight, bias) = (constant(affine.weight), constant(affine.bias));
        let output = Affine { weight: weight.as_ref(), bias: bias.as_ref() }.of(normal)?;
        // In the place of an operand that there is none of: it is on no tape.
        let nothing = moments.inverse.clone();
        let inputs = [self, affine.weight.unwrap_or(&nothing), affine.bias.unwrap_or(&nothing)];
        let shapes = [affine.weight, affine.bias].map(|operand| operand.map(|operand| operand.shape().to_vec()));
        Ok(record(op, inputs, output, |tape| {
            let (values, weight) = (tape.keep(self), affine.weight.map(|weight| tape.keep(weight)));
            let kept = moments.all().map(|moment| tape.keep(moment));
            move |by: Self, step| {
                let (values, weight) = (values.get(step)?, weight.as_ref().map(|kept| kept.get(step)).transpose()?);
                let moments = match is_recording() {
                    true => parts.moments(&values)?,
                    false => Moments::got(kept.each_ref().map(|kept: &Kept<Self>| kept.get(step)))?,
                };
                let normal = parts.normal(&values, &moments)?;
                let by_values = || {
                    let by = weight.as_ref().map_or_else(|| Ok(by.clone()), |weight| by.mul(weight))?;
                    let along = normal.mul(&parts.mean(&by.mul(&normal)?)?)?;
                    by.sub(&parts.mean(&by)?)?.sub(&along)?.mul(&moments.inverse)
                };
                let [by_weight, by_bias] = &shapes;
                Ok([
                    step.of(0, by_values)?,
                    by_weight.as_ref().map(|to| step.of(1, || by.mul(&normal)?.sum_to(to))).transpose()?.flatten(),
                    by_bias.as_ref().map(|to| step.of(2, || by.sum_to(to))).transpose()?.flatten(),
                ])
            }
        }))
    }
}

impl Tensor {
    /// Divided by the root of the mean square over the last `dims` dims together and `epsilon`, then scaled and shifted.
    ///
    /// # Errors
    /// As [`Tensor::standardised`].
    pub fn over_mean_square(&self, dims: usize, affine: Affine<'_>, epsilon: f64) -> Result<Self> {
        let own = self.float_operand("rms_norm")?;
        let parts = Parts::of(&own, dims, epsilon);
        let square = parts.mean(&own.mul(&own)?)?.add_scalar(epsilon)?;
        affine.of(own.mul(&square.pow_scalar(-0.5)?)?)
    }
}

impl Affine<'_> {
    fn of(&self, normal: Tensor) -> Result<Tensor> {
        let scaled = self.weight.map_or_else(|| Ok(normal.clone()), |weight| normal.mul(weight))?;
        self.bias.map_or_else(|| Ok(scaled.clone()), |bias| scaled.add(bias))
    }
}

/// What is normalised together.
#[derive(Clone)]
struct Parts {
    /// The shape of a number for each part.
    each: Vec<usize>,
    count: f64,
    epsilon: f64,
}

/// What a part is normalised by. The mean comes in two numbers: far from 0 one that is rounded is off by more than values
/// lie apart.
struct Moments {
    mean: Tensor,
    rest: Tensor,
    inverse: Tensor,
}

impl Moments {
    fn all(&self) -> [&Tensor; 3] {
        [&self.mean, &self.rest, &self.inverse]
    }

    fn got([mean, rest, inverse]: [Result<Tensor>; 3]) -> Result<Self> {
        Ok(Self { mean: mean?, rest: rest?, inverse: inverse? })
    }
}

impl Parts {
    fn of(tensor: &Tensor, dims: usize, epsilon: f64) -> Self {
        let from = tensor.rank().saturating_sub(dims);
        let mut each = tensor.shape().to_vec();
        each[from..].fill(1);
        Self { each, count: tensor.shape()[from..].iter().product::<usize>() as f64, epsilon }
    }

    fn mean(&self, values: &Tensor) -> Result<Tensor> {
        values.sum_to(&self.each)?.div_scalar(self.count)
    }

    fn moments(&self, values: &Tensor) -> Result<Moments> {
        let mean = self.mean(values)?;
        let centred = values.sub(&mean)?;
        let rest = self.mean(&centred)?;
        let centred = centred.sub(&rest)?;
        let inverse = self.mean(&centred.mul(&centred)?)?.add_scalar(self.epsilon)?.pow_scalar(-0.5)?;
        Ok(Moments { mean, rest, inverse })
    }

    fn normal(&self, values: &Tensor, moments: &Moments) -> Result<Tensor> {
        values.sub(&moments.mean)?.sub(&moments.rest)?.mul(&moments.inverse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    #[test]
    fn far_from_0_values_still_have_mean_0_and_variance_1() {
        let values = [100_000.0f32, 100_000.06, 99_999.94, 100_000.02];
        let far = Tensor::from_floats(values.to_vec(), &[1, 4], &Device::cpu()).unwrap();
        let exact: Vec<f64> = values.into_iter().map(f64::from).collect();
        let mean = exact.iter().sum::<f64>() / 4.0;
        let variance = exact.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / 4.0;
        let found = far.standardised("layer_norm", 1, Affine::default(), 1e-12).unwrap().floats().unwrap();
        for (found, exact) in found.into_iter().zip(exact) {
            let want = (exact - mean) / (variance + 1e-12).sqrt();
            assert!((f64::from(found) - want).abs() < 1e-3, "{found} for {want}");
        }
    }
}
