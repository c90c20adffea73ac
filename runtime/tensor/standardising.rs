//! Normalisation of each part of a tensor by its own mean and variance: `(x − mean) / √(variance + ε) · weight + bias`.
//! Layer, group and instance normalisation are this over other parts.

use super::{Kind, Tensor, cpu, shape};
use crate::{
    Result, memory,
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
        shape::check(op, self.shape())?;
        if self.is_tracked() {
            memory::check_room(op, self.len() * 4)?;
        }
        let is_own = affine.is_of(&self.shape()[self.rank().saturating_sub(dims)..]);
        let constant = |operand: Option<&Self>| operand.map(Self::detach);
        let (weight, bias) = (constant(affine.weight), constant(affine.bias));
        let constants = Affine { weight: weight.as_ref(), bias: bias.as_ref() };
        let (output, moments) =
            parts.standardised(&self.detach(), if is_own { constants } else { Affine::default() })?;
        let output = if is_own { output } else { constants.of(output)? };
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
                let [by_weight, by_bias] = &shapes;
                let wants_sums = is_own && (step.wants(1) || step.wants(2));
                let at_once = |weight: Option<&Self>, by: &Self| match is_recording() {
                    true => None,
                    false => parts.fused().gradients(&values, moments.all(), weight, by, wants_sums),
                };
                if is_own && let Some((own, sums)) = at_once(weight.as_ref(), &by) {
                    let Some([weight, bias]) = sums else { return Ok([Some(own), None, None]) };
                    let shaped = |by: &Self, to: &Option<Vec<usize>>| to.as_ref().map(|to| by.reshape(to)).transpose();
                    return Ok([Some(own), shaped(&weight, by_weight)?, shaped(&bias, by_bias)?]);
                }
                let normal = parts.normal(&values, &moments)?;
                let by_values = || {
                    let by = weight.as_ref().map_or_else(|| Ok(by.clone()), |weight| by.mul(weight))?;
                    if let Some((own, _)) = at_once(None, &by) {
                        return Ok(own);
                    }
                    let along = normal.mul(&parts.mean(&by.mul(&normal)?)?)?;
                    by.sub(&parts.mean(&by)?)?.sub(&along)?.mul(&moments.inverse)
                };
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
    /// Whether each has a value for every value of a part of these dims.
    fn is_of(&self, part: &[usize]) -> bool {
        [self.weight, self.bias].into_iter().flatten().all(|operand| operand.shape() == part)
    }

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

    /// What normalises rows at once where they are on the CPU device.
    fn fused(&self) -> cpu::Standard {
        cpu::Standard { width: self.count as usize, epsilon: self.epsilon }
    }

    fn standardised(&self, values: &Tensor, affine: Affine<'_>) -> Result<(Tensor, Moments)> {
        if let Some((output, [mean, rest, inverse])) = self.fused().forward(values, [affine.weight, affine.bias]) {
            return Ok((output, Moments { mean, rest, inverse }));
        }
        let moments = self.moments(values)?;
        Ok((affine.of(self.normal(values, &moments)?)?, moments))
    }

    fn normal(&self, values: &Tensor, moments: &Moments) -> Result<Tensor> {
        values.sub(&moments.mean)?.sub(&moments.rest)?.mul(&moments.inverse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device,
        rng::{DrawKey, Stream},
        tensor::fixture::{at_once_and_recorded, worst},
    };

    #[test]
    fn rows_at_once_are_what_operations_make_of_them() {
        let random = |name: &str, shape: &[usize]| {
            Tensor::randn(shape, Stream::new(3, name), DrawKey::default(), &Device::cpu()).unwrap()
        };
        // One value, fewer than there are lanes, more, odd, and so many rows that there are several parts.
        for (shape, dims) in [(&[3, 1][..], 1), (&[7, 5], 1), (&[2, 3, 4, 9], 2), (&[1, 1000], 1), (&[1500, 65], 1)] {
            let part = &shape[shape.len() - dims..];
            let (weight, bias) = (random("weight", part), random("bias", part));
            for [weight, bias] in
                [[None, None], [Some(&weight), None], [None, Some(&bias)], [Some(&weight), Some(&bias)]]
            {
                let affine = Affine { weight, bias };
                let values = random("values", shape).mul_scalar(3.0).unwrap().add_scalar(40.0).unwrap();
                let parts = Parts::of(&values, dims, 1e-5);
                let moments = parts.moments(&values).unwrap();
                let (output, found) = parts.standardised(&values, affine).unwrap();
                let want = affine.of(parts.normal(&values, &moments).unwrap()).unwrap();
                assert!(worst(&output, &want) < 1e-4, "{shape:?}");
                assert_eq!(found.mean.shape(), moments.mean.shape());
                assert!(
                    worst(&found.inverse.div(&moments.inverse).unwrap(), &found.inverse.full_like(1.0).unwrap()) < 1e-4
                );
                let inputs =
                    [Some(&values), weight, bias].map(|tensor| tensor.map(|tensor| tensor.requires_grad().unwrap()));
                let affine = Affine { weight: inputs[1].as_ref(), bias: inputs[2].as_ref() };
                let output = inputs[0].as_ref().unwrap().standardised("layer_norm", dims, affine, 1e-5).unwrap();
                let leaves: Vec<Tensor> = inputs.iter().flatten().cloned().collect();
                for [at_once, recorded] in at_once_and_recorded(&output, &leaves) {
                    assert_eq!(at_once.shape(), recorded.shape());
                    let size = recorded.abs().unwrap().max(None, false).unwrap().item().unwrap() as f32;
                    assert!(worst(&at_once, &recorded) < 2e-4 * size.max(1.0), "{shape:?}");
                }
            }
        }
    }

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
