//! Comparing a function's gradient with what its values say: central finite differences, element by element.

use super::{Tensor, autograd::gradients};
use crate::{Error, Result, rng::Stream};

const OP: &str = "check_gradient";

/// How a gradient is checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradientCheck {
    /// How far an element x is moved to each side: this times max(1, |x|).
    pub epsilon: f64,
    /// The largest relative error that passes.
    pub tolerance: f64,
    /// The most elements of an input that are moved; of a larger input, random ones.
    pub samples: usize,
}

impl Default for GradientCheck {
    /// Of a smooth function of about 1, differences in float32 over 0.01 are good to about 1e-4.
    fn default() -> Self {
        Self { epsilon: 5e-3, tolerance: 1e-2, samples: 64 }
    }
}

/// Where a gradient and the differences are furthest apart.
struct Worst {
    error: f64,
    input: usize,
    element: usize,
    gradient: f64,
    difference: f64,
}

impl GradientCheck {
    /// The largest relative error |g − d| / max(|g|, |d|, f) of the gradient g against the difference d, both of Σ w · y
    /// for random weights w. The floor f is 1 % of the input's largest gradient, or what rounding lets d be off by. Weights
    /// and elements are drawn from `stream` at `key`; the sum is in float64. `names` are the inputs' for the message.
    ///
    /// # Errors
    /// An error over the tolerance; a function that gives something else each time, or nothing that depends on an input;
    /// what the function itself fails with.
    pub fn of(
        self,
        function: &mut dyn FnMut(&[Tensor]) -> Result<Tensor>,
        inputs: &[Tensor],
        names: &[String],
        stream: &Stream,
        key: (u64, u64),
    ) -> Result<f64> {
        if !(self.epsilon > 0.0 && self.epsilon < 1.0) {
            return Err(Error::argument(OP, "epsilon", "between 0 and 1", self.epsilon));
        }
        let leaves = inputs.iter().map(|input| input.detach().requires_grad()).collect::<Result<Vec<_>>>()?;
        let output = function(&leaves)?;
        output.want_float(OP)?;
        let mut draws = stream.at(key.0, key.1, 0, 0);
        let weights: Vec<f32> = (0..output.len()).map(|_| draws.normal()).collect();
        let weighted = output.mul(&Tensor::from_floats(weights.clone(), output.shape(), output.device())?)?;
        let by_input = gradients(&weighted.sum(None, false)?, &leaves)?;
        let at = output.floats()?;
        let mut value = |inputs: &[Tensor]| -> Result<Vec<f32>> {
            let again = super::no_grad(|| function(inputs))?;
            if again.shape() != output.shape() {
                return Err(Error::Shapes { op: OP, left: output.shape().to_vec(), right: again.shape().to_vec() });
            }
            again.floats()
        };
        let mut moved: Vec<Tensor> = inputs.iter().map(Tensor::detach).collect();
        if value(&moved)? != at && at.iter().all(|value| !value.is_nan()) {
            let reason =
                "the function gives another value for the same inputs; draw what is random outside of it".into();
            return Err(Error::State { op: OP, reason });
        }
        let largest = at.iter().zip(&weights).map(|(y, w)| f64::from(y * w).abs()).fold(0.0, f64::max);
        let rounding = 16.0 * f64::from(f32::EPSILON) * largest / self.epsilon;
        let mut worst: Option<Worst> = None;
        for (position, (input, gradient)) in inputs.iter().zip(&by_input).enumerate() {
            let (values, gradient) = (input.floats()?, gradient.floats()?);
            let order = stream.permutation(key.0.wrapping_add(position as u64), values.len());
            let elements = order.into_iter().take(self.samples).map(|element| element as usize);
            let mut found = Vec::with_capacity(elements.len());
            for element in elements {
                let step = self.epsilon * f64::from(values[element].abs()).max(1.0);
                let mut side = |sign: f64| -> Result<(f64, Vec<f32>)> {
                    let mut there = values.clone();
                    there[element] = (f64::from(values[element]) + sign * step) as f32;
                    let at = f64::from(there[element]);
                    moved[position] = Tensor::from_floats(there, input.shape(), input.device())?;
                    Ok((at, value(&moved)?))
                };
                let ((right, above), (left, below)) = (side(1.0)?, side(-1.0)?);
                let sides = above.iter().zip(&below).zip(&weights);
                let difference: f64 = sides.map(|((a, b), w)| f64::from(*w) * (f64::from(*a) - f64::from(*b))).sum();
                found.push((element, f64::from(gradient[element]), difference / (right - left)));
            }
            moved[position] = input.detach();
            let size = found.iter().fold(0.0f64, |most, (_, g, d)| most.max(g.abs()).max(d.abs()));
            let floor = rounding.max(0.01 * size).max(f64::MIN_POSITIVE);
            for (element, gradient, difference) in found {
                let error = (gradient - difference).abs() / gradient.abs().max(difference.abs()).max(floor);
                // What is not a number is further off than anything.
                let error = if error.is_nan() { f64::INFINITY } else { error };
                if worst.as_ref().is_none_or(|worst| error > worst.error) {
                    worst = Some(Worst { error, input: position, element, gradient, difference });
                }
            }
        }
        let Some(worst) = worst else {
            return Err(Error::argument(OP, "inputs", "at least one float tensor", "none"));
        };
        if worst.error <= self.tolerance {
            return Ok(worst.error);
        }
        let Worst { error, input, element, gradient, difference } = worst;
        let place = place(element, inputs[input].shape());
        Err(Error::State {
            op: OP,
            reason: format!(
                "by '{}' at {place} the gradient is {gradient:.6}, and finite differences give {difference:.6}: a \
                 relative error of {error:.2e}, over the tolerance of {}",
                names[input], self.tolerance
            ),
        })
    }
}

/// The position of an element as the user counts it: from 1 in every dim.
fn place(element: usize, shape: &[usize]) -> String {
    let mut rest = element;
    let mut positions: Vec<usize> = Vec::with_capacity(shape.len());
    for size in shape.iter().rev() {
        positions.push(rest % size + 1);
        rest /= size;
    }
    positions.reverse();
    format!("{positions:?}")
}
