//! A linear layer on the host and its training: softmax cross-entropy by stochastic gradient descent as PyTorch's
//! `torch.optim.SGD` does it, the learning rate falling linearly to 0. The gradient is written out, so no tape is kept.

use rayon::prelude::*;

use super::{
    linear_probe::{LinearProbe, OP},
    rows::Rows,
};
use crate::{
    Error, Result,
    linalg::{Matrix, MatrixMut, product},
    position::number,
};

/// Rows, or features, of a task. Fixed, so that sums do not depend on the number of cores.
const PART: usize = 64;

/// Logits x·W + b.
pub(super) struct Layer {
    /// W [width, classes] in rows: the transpose of PyTorch's.
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Layer {
    /// Trains a zero layer on batches of rows, `steps` of them.
    pub fn trained(
        rows: &Rows,
        labels: &[u32],
        classes: usize,
        batches: impl Iterator<Item = Vec<u32>>,
        steps: usize,
        options: &LinearProbe,
    ) -> Result<Self> {
        let width = rows.width();
        let mut layer = Layer { weight: vec![0.0; width * classes], bias: vec![0.0; classes] };
        let mut velocity = Layer { weight: vec![0.0; width * classes], bias: vec![0.0; classes] };
        for (step, picks) in batches.enumerate() {
            let lr = options.lr * (1.0 - step as f64 / steps as f64);
            let (values, size) = (rows.gather(&picks), picks.len());
            let mut errors = layer.logits(&values);
            errors.par_chunks_mut(classes).zip(&picks).for_each(|(row, pick)| {
                softmax(row);
                row[labels[*pick as usize] as usize] -= 1.0;
                row.iter_mut().for_each(|error| *error /= size as f32);
            });
            let (x, by_logits) = (Matrix::rows(&values, size, width), Matrix::rows(&errors, size, classes));
            let parts = layer.weight.par_chunks_mut(PART * classes).zip(velocity.weight.par_chunks_mut(PART * classes));
            parts.enumerate().for_each(|(part, (weight, velocity))| {
                let start = part * PART;
                let features = weight.len() / classes;
                let mut gradient = vec![0.0; weight.len()];
                let target = MatrixMut::rows(&mut gradient, features, classes);
                product(target, x.part(0..size, start..start + features).transposed(), by_logits, 1.0, false);
                update(options, weight, velocity, &gradient, lr);
            });
            let mut gradient = vec![0.0; classes];
            errors.chunks(classes).for_each(|row| gradient.iter_mut().zip(row).for_each(|(sum, error)| *sum += error));
            update(options, &mut layer.bias, &mut velocity.bias, &gradient, lr);
            // A weight that is not finite makes probabilities that are none, and these the bias.
            if !layer.bias.iter().all(|bias| bias.is_finite()) {
                return Err(Error::NotFinite {
                    op: OP,
                    what: "the layer".into(),
                    step: Some(number(step).unsigned_abs()),
                });
            }
        }
        Ok(layer)
    }

    /// The logits [n, classes] of rows [n, width].
    pub fn logits(&self, values: &[f32]) -> Vec<f32> {
        let classes = self.bias.len();
        let width = self.weight.len() / classes;
        let mut logits = self.bias.repeat(values.len() / width);
        let weight = Matrix::rows(&self.weight, width, classes);
        logits.par_chunks_mut(PART * classes).zip(values.par_chunks(PART * width)).for_each(|(logits, values)| {
            let count = logits.len() / classes;
            product(MatrixMut::rows(logits, count, classes), Matrix::rows(values, count, width), weight, 1.0, true);
        });
        logits
    }
}

/// v = μ·v + g + λ·p; p −= lr·v.
fn update(options: &LinearProbe, parameter: &mut [f32], velocity: &mut [f32], gradient: &[f32], lr: f64) {
    let (lr, momentum, decay) = (lr as f32, options.momentum as f32, options.weight_decay as f32);
    for ((p, v), g) in parameter.iter_mut().zip(velocity).zip(gradient) {
        *v = momentum * *v + g + decay * *p;
        *p -= lr * *v;
    }
}

fn softmax(logits: &mut [f32]) {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    logits.iter_mut().for_each(|x| *x = (*x - most).exp());
    let sum: f32 = logits.iter().sum();
    logits.iter_mut().for_each(|x| *x /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Device, Tensor,
        evaluate::fixture::{fixture, matrix, numbers, positions},
        nn::fixture::check,
    };

    fn floats(values: Vec<f64>) -> Vec<f32> {
        values.into_iter().map(|value| value as f32).collect()
    }

    #[test]
    fn weight_bias_and_logits_are_those_of_pytorch() {
        let case = fixture("/linear_probe");
        let number = |name: &str| case[name].as_f64().unwrap();
        let options = LinearProbe {
            epochs: number("epochs") as usize,
            batch: number("batch") as usize,
            lr: number("lr"),
            momentum: number("momentum"),
            weight_decay: number("weight_decay"),
            ..Default::default()
        };
        let (values, count, width) = matrix(&case["train"]);
        let labels: Vec<u32> = positions(&case["train_labels"]).into_iter().map(|label| label as u32).collect();
        let features = Tensor::from_floats(floats(values), &[count, width], &Device::cpu()).unwrap();
        let rows = Rows::read(OP, "the train features", &features, &labels).unwrap();
        let orders: Vec<Vec<u32>> = case["permutations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|order| positions(order).into_iter().map(|row| row as u32).collect())
            .collect();
        let batches: Vec<Vec<u32>> =
            orders.iter().flat_map(|order| order.chunks_exact(options.batch).map(<[u32]>::to_vec)).collect();
        let (steps, classes) = (batches.len(), number("classes") as usize);
        let layer = Layer::trained(&rows, &labels, classes, batches.into_iter(), steps, &options).unwrap();
        let (weight, ..) = matrix(&case["weight"]);
        let transposed = (0..width * classes).map(|i| weight[i % classes * width + i / classes]).collect();
        check("weight", &layer.weight, &floats(transposed), 1e-6);
        check("bias", &layer.bias, &floats(numbers(&case["bias"])), 1e-6);
        let (test, ..) = matrix(&case["test"]);
        let (logits, ..) = matrix(&case["logits"]);
        check("logits", &layer.logits(&floats(test)), &floats(logits), 1e-6);
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let mut noise = crate::rng::Stream::new(0, "threads").at(0, 0, 0, 0);
        let values = (0..300 * 150).map(|_| noise.normal()).collect();
        let features = Tensor::from_floats(values, &[300, 150], &Device::cpu()).unwrap();
        let labels: Vec<u32> = (0..300).map(|row| row % 7).collect();
        let rows = Rows::read(OP, "the features", &features, &labels).unwrap();
        let trained = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let batches = (0..5).map(|step| (step..300).step_by(2).collect());
            pool.install(|| Layer::trained(&rows, &labels, 7, batches, 5, &LinearProbe::default()).unwrap().weight)
        };
        assert_eq!(trained(1), trained(4));
    }
}
