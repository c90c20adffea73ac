//! The classifiers that a few-shot episode fits on its support rows X [n, d], whose classes are 0 … ways − 1. All are
//! linear in a query row, so each is a weight and a bias; what is said of a query never depends on other queries.

use super::{logistic::logistic, unfit::Unfit};
use crate::linalg::{Cholesky, Matrix, MatrixMut, product};

/// Logits q·W + b.
pub(super) struct Classifier {
    /// W [width, ways] in rows.
    weight: Vec<f64>,
    /// b [ways].
    bias: Vec<f64>,
}

impl Classifier {
    /// −‖q − p‖² = 2q·p − ‖p‖² less what is the same for every class.
    pub fn prototypes(rows: &[f64], width: usize, labels: &[usize], ways: usize) -> Self {
        let mut weight = vec![0.0; width * ways];
        let mut bias = vec![0.0; ways];
        for (class, bias) in bias.iter_mut().enumerate() {
            let own = || rows.chunks(width).zip(labels).filter(|(_, label)| **label == class).map(|(row, _)| row);
            let mut mean = vec![0.0; width];
            own().for_each(|row| mean.iter_mut().zip(row).for_each(|(sum, x)| *sum += x));
            let shots = own().count() as f64;
            mean.iter_mut().for_each(|x| *x /= shots);
            *bias = -mean.iter().map(|x| x * x).sum::<f64>();
            weight.iter_mut().skip(class).step_by(ways).zip(&mean).for_each(|(weight, x)| *weight = 2.0 * x);
        }
        Self { weight, bias }
    }

    /// In the smaller of the two systems: n equations, or (XᵀX + λI)·W = Xᵀ·Y.
    ///
    /// # Errors
    /// A λ so small that the system is singular.
    pub fn ridge(rows: &[f64], width: usize, labels: &[usize], ways: usize, lambda: f64) -> Result<Self, Unfit> {
        let (count, size) = (labels.len(), labels.len().min(width));
        let x = Matrix::rows(rows, count, width);
        let (left, right) = if count <= width { (x, x.transposed()) } else { (x.transposed(), x) };
        let mut system = vec![0.0; size * size];
        product(MatrixMut::rows(&mut system, size, size), left, right, 1.0, false);
        system.iter_mut().step_by(size + 1).for_each(|diagonal| *diagonal += lambda);
        // What a λ far below the rounding of the system leaves may not be positive.
        let factor = Cholesky::new(system, size, 0.0)
            .map_err(|_| Unfit("large enough for rows that depend on each other".into()))?;
        let mut targets = vec![0.0; count * ways];
        labels.iter().enumerate().for_each(|(row, label)| targets[row * ways + label] = 1.0);
        let weight = if count <= width {
            factor.solve(&mut targets, ways);
            of_rows(rows, width, &targets, ways)
        } else {
            let mut weight = of_rows(rows, width, &targets, ways);
            factor.solve(&mut weight, ways);
            weight
        };
        Ok(Self { weight, bias: vec![0.0; ways] })
    }

    /// As [`logistic`] fits it.
    ///
    /// # Errors
    /// No convergence.
    pub fn logistic(rows: &[f64], width: usize, labels: &[usize], ways: usize, c: f64) -> Result<Self, Unfit> {
        let fit = logistic(rows, width, labels, ways, c)?;
        Ok(Self { weight: of_rows(rows, width, &fit.coefficients, ways), bias: fit.bias })
    }

    /// The logits [n, ways] of rows [n, width].
    pub fn logits(&self, rows: &[f64], width: usize) -> Vec<f64> {
        let (count, ways) = (rows.len() / width, self.bias.len());
        let mut logits = self.bias.repeat(count);
        let (rows, weight) = (Matrix::rows(rows, count, width), Matrix::rows(&self.weight, width, ways));
        product(MatrixMut::rows(&mut logits, count, ways), rows, weight, 1.0, true);
        logits
    }
}

/// Xᵀ·A.
fn of_rows(rows: &[f64], width: usize, coefficients: &[f64], ways: usize) -> Vec<f64> {
    let count = rows.len() / width;
    let mut weight = vec![0.0; width * ways];
    let (x, a) = (Matrix::rows(rows, count, width), Matrix::rows(coefficients, count, ways));
    product(MatrixMut::rows(&mut weight, width, ways), x.transposed(), a, 1.0, false);
    weight
}

#[cfg(test)]
mod tests {
    use crate::{
        Device, Tensor,
        evaluate::{
            FewShotHead, FewShotProtocol,
            fixture::{fixture, matrix, positions},
            rows::Rows,
        },
    };

    /// The fixture's rows with length 1.
    fn unit(value: &serde_json::Value) -> (Vec<f64>, usize) {
        let (values, count, width) = matrix(value);
        let values = values.into_iter().map(|x| x as f32).collect();
        let features = Tensor::from_floats(values, &[count, width], &Device::cpu()).unwrap();
        let rows = Rows::read("few_shot", "the features", &features, &vec![0; count]).unwrap();
        let picks: Vec<u32> = (0..count as u32).collect();
        (rows.gather_unit(&picks, &rows.unit_scales()), width)
    }

    #[test]
    fn logits_are_those_of_scikit_learn_and_pytorch() {
        let episodes = fixture("/episodes");
        for (number, episode) in episodes.as_array().unwrap().iter().enumerate() {
            let ways = episode["ways"].as_u64().unwrap() as usize;
            let ((support, width), (query, _)) = (unit(&episode["support"]), unit(&episode["query"]));
            for name in ["prototypes", "ridge", "logistic"] {
                let head: FewShotHead = name.parse().unwrap();
                let protocol = FewShotProtocol { ways, head, ..Default::default() };
                let fit = protocol.fit(&support, width, &positions(&episode["support_labels"])).unwrap();
                // −‖q‖² of a unit row is not among what the classifier computes.
                let constant = if head == FewShotHead::Prototypes { 1.0 } else { 0.0 };
                let got: Vec<f64> = fit.logits(&query, width).iter().map(|x| x - constant).collect();
                let (want, ..) = matrix(&episode[name]["logits"]);
                let worst = got.iter().zip(&want).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
                println!("episode {number}, {name}: {worst:.1e}");
                assert!(got.len() == want.len() && worst < 1e-6, "episode {number}, {name}: off by {worst}");
                let best = |row: &[f64]| (0..ways).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap();
                let predicted: Vec<usize> = got.chunks(ways).map(best).collect();
                assert_eq!(predicted, positions(&episode[name]["predictions"]), "episode {number}, {name}");
            }
        }
    }
}
