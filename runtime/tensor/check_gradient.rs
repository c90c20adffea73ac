//! Comparing a function's gradient with what its values say: central finite differences, element by element.

use super::{Tensor, autograd::gradients};
use crate::{
    Error, Result,
    options::{Options, between, options},
    position::number,
    rng::Stream,
};

const OP: &str = "check_gradient";

/// A function of tensors.
type Function<'a> = dyn FnMut(&[Tensor]) -> Result<Tensor> + 'a;

options! {
    /// How a gradient is checked. Of a smooth function of about 1, differences in float32 over 0.01 are good to about
    /// 1e-4.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct GradientCheck as "CheckGradientOptions" {
        /// How far an element x is moved to each side: this times max(1, |x|).
        pub epsilon: f64 = 0.005, in between(0.0, 1.0);
        /// The largest relative error that passes.
        pub tolerance: f64 = 0.01, in 0.0..;
        /// The most elements of an input that are moved. Of a larger input, this many random elements are.
        pub samples: usize = 64, in 1..;
    }
}

impl GradientCheck {
    /// The largest relative error |g − d| / max(|g|, |d|, f) of the gradient g against the difference d, both of Σ w ·
    /// y for random weights w. The floor f is 1 % of the input's largest gradient, or what rounding lets d be off by.
    /// Weights and elements are drawn from `stream`; the sum is in float64. `names` are the inputs' for the message.
    ///
    /// # Errors
    /// An error over the tolerance; a function that gives something else each time, or nothing that depends on an
    /// input; what the function itself fails with.
    pub fn of(self, function: &mut Function<'_>, inputs: &[Tensor], names: &[String], stream: &Stream) -> Result<f64> {
        self.check(OP)?;
        if inputs.is_empty() {
            return Err(Error::argument(OP, "inputs", "at least one float tensor", "none"));
        }
        let leaves = inputs.iter().map(|input| input.detach().requires_grad()).collect::<Result<Vec<_>>>()?;
        let output = function(&leaves)?;
        output.want_float(OP)?;
        let mut draws = stream.at(0, 0, 0, 0);
        let weights: Vec<f32> = (0..output.len()).map(|_| draws.normal()).collect();
        let weighted = output.mul(&Tensor::from_floats(weights.clone(), output.shape(), output.device())?)?;
        let by_input = gradients(&weighted.sum(None, false)?, &leaves)?;
        let at = output.floats()?;
        let largest = at.iter().zip(&weights).map(|(y, w)| f64::from(y * w).abs()).fold(0.0, f64::max);
        let rounding = 16.0 * f64::from(f32::EPSILON) * largest / self.epsilon;
        let mut values = Values { function, inputs: leaves.clone(), weights };
        let again = values.compute()?;
        if again != at && at.iter().chain(&again).all(|value| !value.is_nan()) {
            let reason =
                "the function gives another value for the same inputs; draw what is random outside of it".into();
            return Err(Error::State { op: OP, reason });
        }
        let mut worst = 0.0;
        for (position, gradient) in by_input.iter().enumerate() {
            let order = stream.permutation(position as u64, gradient.len());
            let elements = order.into_iter().take(self.samples).map(|element| element as usize);
            let found = values.differences(position, elements, self.epsilon)?;
            worst = f64::max(
                worst,
                self.compare(&gradient.floats()?, &found, rounding, gradient.shape(), &names[position])?,
            );
        }
        Ok(worst)
    }

    /// The largest relative error of an input's gradient, of the elements that have a difference.
    fn compare(
        self,
        gradient: &[f32],
        differences: &[(usize, f64)],
        rounding: f64,
        shape: &[usize],
        name: &str,
    ) -> Result<f64> {
        let pairs: Vec<_> =
            differences.iter().map(|(element, d)| (*element, f64::from(gradient[*element]), *d)).collect();
        let size = pairs.iter().fold(0.0f64, |most, (_, g, d)| most.max(g.abs()).max(d.abs()));
        let floor = rounding.max(0.01 * size).max(f64::MIN_POSITIVE);
        let error = |g: f64, d: f64| match (g - d).abs() / g.abs().max(d.abs()).max(floor) {
            // What is not a number is further off than anything.
            error if error.is_nan() => f64::INFINITY,
            error => error,
        };
        let worst = pairs.iter().map(|(element, g, d)| (error(*g, *d), *element, *g, *d));
        let worst = worst.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap_or_default();
        if worst.0 <= self.tolerance {
            return Ok(worst.0);
        }
        let (error, element, g, d) = worst;
        let reason = format!(
            "by '{name}' at {:?} the gradient is {g:.6}, and finite differences give {d:.6}: a relative error of \
             {error:.2e}, over the tolerance of {}",
            place(element, shape),
            self.tolerance
        );
        Err(Error::State { op: OP, reason })
    }
}

/// A function at inputs that are moved.
struct Values<'a, 'b> {
    function: &'a mut Function<'b>,
    inputs: Vec<Tensor>,
    weights: Vec<f32>,
}

impl Values<'_, '_> {
    fn compute(&mut self) -> Result<Vec<f32>> {
        // Recorded, on leaves: the function may be a gradient itself.
        let output = (self.function)(&self.inputs)?.floats()?;
        if output.len() == self.weights.len() {
            return Ok(output);
        }
        let reason = format!("the function gives {} elements, and {} before", output.len(), self.weights.len());
        Err(Error::State { op: OP, reason })
    }

    /// The central difference of Σ w · y by some elements of an input.
    fn differences(
        &mut self,
        position: usize,
        elements: impl Iterator<Item = usize>,
        epsilon: f64,
    ) -> Result<Vec<(usize, f64)>> {
        let input = self.inputs[position].clone();
        let values = input.floats()?;
        let mut found = Vec::new();
        for element in elements {
            let step = epsilon * f64::from(values[element].abs()).max(1.0);
            let mut side = |step: f64| -> Result<(f64, Vec<f32>)> {
                let mut moved = values.clone();
                moved[element] = (f64::from(values[element]) + step) as f32;
                let at = f64::from(moved[element]);
                self.inputs[position] = Tensor::from_floats(moved, input.shape(), input.device())?.requires_grad()?;
                Ok((at, self.compute()?))
            };
            let ((right, above), (left, below)) = (side(step)?, side(-step)?);
            let sides = above.iter().zip(&below).zip(&self.weights);
            let difference: f64 = sides.map(|((a, b), w)| f64::from(*w) * (f64::from(*a) - f64::from(*b))).sum();
            found.push((element, difference / (right - left)));
        }
        self.inputs[position] = input;
        Ok(found)
    }
}

/// The position of an element as the user counts it: from 1 in every dim.
fn place(element: usize, shape: &[usize]) -> Vec<i64> {
    let mut rest = element;
    let mut positions: Vec<i64> = Vec::with_capacity(shape.len());
    for size in shape.iter().rev() {
        positions.push(number(rest % size));
        rest /= size;
    }
    positions.reverse();
    positions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Device;

    fn check(function: impl Fn(&Tensor) -> Result<Tensor>) -> Result<f64> {
        let input = Tensor::from_floats(vec![0.3, -1.2, 2.0, 0.7, 40.0, -0.4], &[2, 3], &Device::cpu())?;
        let mut function = |inputs: &[Tensor]| function(&inputs[0]);
        GradientCheck::default().of(&mut function, &[input], &["x".into()], &Stream::new(0, "test"))
    }

    #[test]
    fn a_right_gradient_passes_and_a_wrong_one_is_found_at_its_place() {
        for function in [Tensor::sin, Tensor::tanh, Tensor::gelu, Tensor::sigmoid] {
            let error = check(function).unwrap();
            assert!(error < 1e-2, "{error}");
        }
        // The gradient is that of a constant times x.
        let message = check(|x| x.detach().mul(x)).unwrap_err().to_string();
        assert!(message.starts_with("check_gradient: by 'x' at ["), "{message}");
        assert_eq!(place(4, &[2, 3]), [2, 2]);
        assert!(place(0, &[]).is_empty());
    }

    #[test]
    fn a_gradient_of_zero_passes_where_the_function_is_flat() {
        assert_eq!(check(|x| x.mul_scalar(0.0)).unwrap(), 0.0);
    }
}
