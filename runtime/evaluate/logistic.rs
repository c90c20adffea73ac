//! Multinomial logistic regression on few rows, exactly: the objective of scikit-learn's `LogisticRegression`,
//! C · Σ cross-entropy + ½‖W‖² with free intercepts.
//!
//! At the minimum W = Xᵀ·A with A = C·(Y − P), P being the fitted probabilities of the rows X [n, d]. So W lies in the
//! space of the rows, and where n < d all is done in coordinates of that space: the rows of L of XXᵀ = L·Lᵀ have the
//! same products, hence the same P.

use super::{
    newton::{Convex, dot, minimum},
    unfit::Unfit,
};
use crate::linalg::{Cholesky, Matrix, MatrixMut, product};

/// On XXᵀ's diagonal, so that equal rows have coordinates too. Moves a logit by C·1e-10 at most.
const DEFINITE: f64 = 1e-10;

/// The length of the gradient at which the minimum is reached, relative to C·n.
const TOLERANCE: f64 = 1e-9;

/// A fit: a row q has the logits q·Xᵀ·A + b.
pub(super) struct Logistic {
    /// A [n, ways] in rows.
    pub coefficients: Vec<f64>,
    /// b [ways], of sum 0.
    pub bias: Vec<f64>,
}

/// Fits rows X [n, width] of classes 0 … ways − 1.
///
/// # Errors
/// No convergence, which takes a C of many powers of ten.
pub(super) fn logistic(rows: &[f64], width: usize, labels: &[usize], ways: usize, c: f64) -> Result<Logistic, Unfit> {
    let count = labels.len();
    let own = || (0..width).flat_map(|column| rows.iter().skip(column).step_by(width)).copied().collect();
    let shorter = if count < width { coordinates(rows, width, count) } else { None };
    let problem = Problem::new(shorter.unwrap_or_else(own), labels, ways, c);
    let weights = problem.width * ways;
    let tolerance = TOLERANCE * c * count as f64;
    let (weight, probabilities) = minimum(&problem, vec![0.0; weights], tolerance)
        .map_err(|slope| Unfit(format!("small enough to converge (the gradient is still {slope:.1e})")))?;
    let bias = weight[weights - ways..].to_vec();
    let coefficients = problem.errors(&probabilities).iter().map(|error| -c * error).collect();
    Ok(Logistic { coefficients, bias })
}

/// Lᵀ [n, n] in rows, for rows [n, width] that have one.
fn coordinates(rows: &[f64], width: usize, count: usize) -> Option<Vec<f64>> {
    let x = Matrix::rows(rows, count, width);
    let mut gram = vec![0.0; count * count];
    product(MatrixMut::rows(&mut gram, count, count), x, x.transposed(), 1.0, false);
    gram.iter_mut().step_by(count + 1).for_each(|diagonal| *diagonal += DEFINITE);
    let factor = Cholesky::new(gram.clone(), count, 0.0).ok()?;
    // L⁻¹·(L·Lᵀ)
    factor.solve_lower(&mut gram, count);
    Some(gram)
}

/// Rows with a 1 behind each, whose weights [width, ways] are those of the row and then the intercepts.
struct Problem<'a> {
    /// Xᵀ [width, n].
    columns: Vec<f64>,
    width: usize,
    labels: &'a [usize],
    ways: usize,
    c: f64,
}

impl<'a> Problem<'a> {
    fn new(mut columns: Vec<f64>, labels: &'a [usize], ways: usize, c: f64) -> Self {
        columns.extend(labels.iter().map(|_| 1.0));
        Self { width: columns.len() / labels.len(), columns, labels, ways, c }
    }

    /// Xᵀ.
    fn transposed(&self) -> Matrix<'_, f64> {
        Matrix::rows(&self.columns, self.width, self.labels.len())
    }

    /// X·weight.
    fn logits(&self, weight: &[f64]) -> Vec<f64> {
        let mut logits = vec![0.0; self.labels.len() * self.ways];
        let target = MatrixMut::rows(&mut logits, self.labels.len(), self.ways);
        product(target, self.transposed().transposed(), Matrix::rows(weight, self.width, self.ways), 1.0, false);
        logits
    }

    /// C·Xᵀ·by_logits, and the penalty's share: the weight itself but for the intercepts.
    fn by_weight(&self, by_logits: &[f64], weight: &[f64]) -> Vec<f64> {
        let mut sum = weight.to_vec();
        sum[(self.width - 1) * self.ways..].fill(0.0);
        let by_logits = Matrix::rows(by_logits, self.labels.len(), self.ways);
        product(MatrixMut::rows(&mut sum, self.width, self.ways), self.transposed(), by_logits, self.c, true);
        sum
    }

    /// P − Y.
    fn errors(&self, probabilities: &[f64]) -> Vec<f64> {
        let mut errors = probabilities.to_vec();
        errors.chunks_mut(self.ways).zip(self.labels).for_each(|(row, label)| row[*label] -= 1.0);
        errors
    }
}

impl Convex for Problem<'_> {
    /// P.
    type State = Vec<f64>;

    fn at(&self, weight: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let mut probabilities = self.logits(weight);
        probabilities.chunks_mut(self.ways).for_each(softmax);
        let gradient = self.by_weight(&self.errors(&probabilities), weight);
        (probabilities, gradient)
    }

    /// The Hessian of the cross-entropy by a row's logits is diag(p) − p·pᵀ.
    fn curvature(&self, probabilities: &Vec<f64>, direction: &[f64]) -> Vec<f64> {
        let mut change = self.logits(direction);
        for (change, p) in change.chunks_mut(self.ways).zip(probabilities.chunks(self.ways)) {
            let mean = dot(change, p);
            change.iter_mut().zip(p).for_each(|(change, p)| *change = p * (*change - mean));
        }
        self.by_weight(&change, direction)
    }
}

fn softmax(logits: &mut [f64]) {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    logits.iter_mut().for_each(|x| *x = (*x - most).exp());
    let sum: f64 = logits.iter().sum();
    logits.iter_mut().for_each(|x| *x /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    fn noise(count: usize, width: usize) -> Vec<f64> {
        let mut draws = Stream::new((count * 1000 + width) as u64, "rows").at(0, 0, 0, 0);
        (0..count * width).map(|_| f64::from(draws.normal()) / (width as f64).sqrt()).collect()
    }

    /// C · Σ cross-entropy + ½‖W‖² of a W [width, ways] and intercepts.
    fn objective(
        rows: &[f64],
        width: usize,
        labels: &[usize],
        ways: usize,
        c: f64,
        weight: &[f64],
        bias: &[f64],
    ) -> f64 {
        let losses = rows.chunks(width).zip(labels).map(|(row, label)| {
            let mut p = bias.to_vec();
            row.iter().zip(weight.chunks(ways)).for_each(|(x, w)| p.iter_mut().zip(w).for_each(|(p, w)| *p += x * w));
            softmax(&mut p);
            -p[*label].ln()
        });
        c * losses.sum::<f64>() + dot(weight, weight) / 2.0
    }

    #[test]
    fn no_step_in_any_weight_or_intercept_lowers_the_objective() {
        for (count, width, ways, c) in
            [(5, 40, 5, 1.0), (25, 64, 5, 1.0), (30, 6, 3, 10.0), (12, 13, 4, 1e-3), (9, 9, 3, 1e3)]
        {
            let (rows, labels) = (noise(count, width), (0..count).map(|row| row % ways).collect::<Vec<_>>());
            let fit = logistic(&rows, width, &labels, ways, c).unwrap();
            let mut weight = vec![0.0; width * ways];
            let a = Matrix::rows(&fit.coefficients, count, ways);
            let x = Matrix::rows(&rows, count, width);
            product(MatrixMut::rows(&mut weight, width, ways), x.transposed(), a, 1.0, false);
            let value = |weight: &[f64], bias: &[f64]| objective(&rows, width, &labels, ways, c, weight, bias);
            let slope = |place: usize, intercept: bool| {
                let moved = |by: f64| {
                    let (mut weight, mut bias) = (weight.clone(), fit.bias.clone());
                    *(if intercept { &mut bias[place] } else { &mut weight[place] }) += by;
                    value(&weight, &bias)
                };
                (moved(1e-5) - moved(-1e-5)) / 2e-5
            };
            let slopes = (0..width * ways).map(|i| slope(i, false)).chain((0..ways).map(|i| slope(i, true)));
            let worst = slopes.map(f64::abs).fold(0.0, f64::max);
            // Central differences of a value of this size see no more.
            let seen = 1e-9 * value(&weight, &fit.bias).max(1.0) + 1e-7 * c;
            assert!(worst < seen.max(1e-6), "{count} rows, {width} wide, c {c}: a slope of {worst:e}");
            assert!(fit.bias.iter().sum::<f64>().abs() < 1e-9);
        }
    }

    #[test]
    fn equal_rows_and_rows_of_zeros_can_be_fitted() {
        let row = noise(1, 8);
        let fit = logistic(&[row.clone(), row, vec![0.0; 8]].concat(), 8, &[0, 1, 2], 3, 1.0).unwrap();
        assert!((fit.coefficients[0] - fit.coefficients[4]).abs() < 1e-6 && (fit.bias[0] - fit.bias[1]).abs() < 1e-6);
        assert!(fit.bias[2] > fit.bias[0]);
    }

    #[test]
    fn a_fit_that_cannot_converge_is_an_error() {
        let Unfit(want) = logistic(&noise(3, 8), 8, &[0, 1, 2], 3, 1e300).err().unwrap();
        assert!(want.starts_with("small enough to converge"), "{want}");
    }
}
