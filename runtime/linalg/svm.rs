//! The dual of the multi-class support vector machine of Crammer and Singer (JMLR 2001), as MetaOptNet's head solves it
//! (Lee et al., CVPR 2019), and the derivative of its solution.
//!
//! For a Gram matrix K [n, n] of the support rows and their labels y, find α [n, c] that minimises
//! ½ Σ_c α_cᵀ K α_c − Σ_i α_{i, y_i} subject to α_ij ≤ C·1[j = y_i] and Σ_j α_ij = 0. As one quadratic program its
//! matrix is K ⊗ I with (n·c)² entries; here K itself and a few matrices of α's shape are all that is ever held.

use rayon::prelude::*;

use super::{Matrix, MatrixMut, product};

/// The smallest curvature of a block, where a support row is zero.
const FLAT: f64 = 1e-12;

/// A curvature below this share of K's largest diagonal entry is float32's noise in K.
const SINGULAR: f64 = 1e-6;

/// Classes per task of a product with K. Fixed, so that sums do not depend on the number of cores.
const CLASSES: usize = 64;

/// The problem.
#[derive(Clone, Debug)]
pub struct Svm<'a> {
    /// K in rows, symmetric and positive semidefinite.
    pub gram: &'a [f64],
    /// The class of each row, from 0.
    pub labels: &'a [usize],
    /// The number of classes.
    pub ways: usize,
    /// The bound C.
    pub c: f64,
    /// The solver stops once no pair of entries of a row violates optimality by more.
    pub tolerance: f64,
    /// The most passes over the rows.
    pub sweeps: usize,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct SvmSolution {
    /// α [n, ways] in rows.
    pub alpha: Vec<f64>,
    /// The largest violation of optimality in the last sweep.
    pub violation: f64,
}

impl Svm<'_> {
    fn rows(&self) -> usize {
        self.labels.len()
    }

    /// α's upper bound at a row and class.
    fn bound(&self, row: usize, class: usize) -> f64 {
        if self.labels[row] == class { self.c } else { 0.0 }
    }

    /// Block coordinate descent (Keerthi et al., "A Sequential Dual Method for Large Scale Multi-Class Linear SVMs",
    /// KDD 2008): each row's α is set to its optimum given all others, until nothing is left to improve.
    pub fn solve(&self) -> SvmSolution {
        let (rows, ways) = (self.rows(), self.ways);
        let mut alpha = vec![0.0; rows * ways];
        // K·α, class by class, so that a change of one α_ij is one run over memory.
        let mut scores = vec![0.0; ways * rows];
        let (mut linear, mut bounds) = (vec![0.0; ways], vec![0.0; ways]);
        let mut violation = f64::INFINITY;
        for _ in 0..self.sweeps {
            violation = 0.0;
            for row in 0..rows {
                let curvature = self.gram[row * rows + row].max(FLAT);
                let own = &mut alpha[row * ways..(row + 1) * ways];
                let (mut most, mut least) = (f64::NEG_INFINITY, f64::INFINITY);
                for class in 0..ways {
                    let gradient = scores[class * rows + row] - f64::from(u8::from(self.labels[row] == class));
                    bounds[class] = self.bound(row, class);
                    linear[class] = gradient - curvature * own[class];
                    most = most.max(gradient);
                    if own[class] < bounds[class] {
                        least = least.min(gradient);
                    }
                }
                if most - least <= self.tolerance {
                    continue;
                }
                violation = f64::max(violation, most - least);
                let level = level(&linear, &bounds, curvature);
                for class in 0..ways {
                    let next = ((level - linear[class]) / curvature).min(bounds[class]);
                    let change = next - own[class];
                    if change != 0.0 {
                        own[class] = next;
                        let scores = &mut scores[class * rows..(class + 1) * rows];
                        let column = &self.gram[row * rows..(row + 1) * rows];
                        scores.iter_mut().zip(column).for_each(|(score, k)| *score += change * k);
                    }
                }
            }
            if violation <= self.tolerance {
                break;
            }
        }
        SvmSolution { alpha, violation }
    }

    /// dL/dK for dL/dα, by the implicit function theorem. Let P be the projection on rows of sum 0. On the entries that
    /// are not at their bound, the solution satisfies P(Kα − Y) = 0. So with P·K·P·v = P·dL/dα (solved by conjugate
    /// gradients) dL/dK = −v·αᵀ, here made symmetric. Where K is singular α need not be unique; what a classifier makes
    /// of it, K·α, is, and for dL/dα in K's range so is the gradient.
    pub fn gradient(&self, alpha: &[f64], by_alpha: &[f64]) -> Vec<f64> {
        let (rows, ways) = (self.rows(), self.ways);
        let adjoint = self.adjoint(alpha, by_alpha);
        let mut by_gram = vec![0.0; rows * rows];
        let [alpha, adjoint] = [alpha, &adjoint].map(|values| Matrix::rows(values, rows, ways));
        product(MatrixMut::rows(&mut by_gram, rows, rows), adjoint, alpha.transposed(), -0.5, false);
        product(MatrixMut::rows(&mut by_gram, rows, rows), alpha, adjoint.transposed(), -0.5, true);
        by_gram
    }

    /// v with P·K·P·v = P·dL/dα: see [`Svm::gradient`].
    pub fn adjoint(&self, alpha: &[f64], by_alpha: &[f64]) -> Vec<f64> {
        let free: Vec<bool> = (0..alpha.len()).map(|i| alpha[i] < self.bound(i / self.ways, i % self.ways)).collect();
        self.conjugate_gradients(&free, by_alpha)
    }

    /// v with P·K·P·v = P·target, for the part of the target in the range of P·K·P. The part outside contributes
    /// nothing.
    fn conjugate_gradients(&self, free: &[bool], target: &[f64]) -> Vec<f64> {
        let rows = self.rows();
        let flat = SINGULAR * (0..rows).map(|row| self.gram[row * rows + row]).fold(0.0, f64::max);
        let mut residual = target.to_vec();
        self.project(free, &mut residual);
        let mut found = vec![0.0; residual.len()];
        let mut direction = residual.clone();
        let start = dot(&residual, &residual);
        let mut square = start;
        // In exact arithmetic as many iterations as K has distinct eigenvalues.
        for _ in 0..4 * self.rows() {
            if square <= start * 1e-20 || square == 0.0 {
                break;
            }
            let mut image = self.times_gram(&direction);
            self.project(free, &mut image);
            let curvature = dot(&direction, &image);
            // What is left lies outside K's range, where the solution is not unique.
            if curvature <= flat * dot(&direction, &direction) {
                break;
            }
            let step = square / curvature;
            found.iter_mut().zip(&direction).for_each(|(v, d)| *v += step * d);
            residual.iter_mut().zip(&image).for_each(|(r, i)| *r -= step * i);
            let next = dot(&residual, &residual);
            direction.iter_mut().zip(&residual).for_each(|(d, r)| *d = r + next / square * *d);
            square = next;
        }
        found
    }

    /// Zero where an entry is bound; the free entries of each row less their mean.
    fn project(&self, free: &[bool], values: &mut [f64]) {
        for (values, free) in values.chunks_mut(self.ways).zip(free.chunks(self.ways)) {
            let count = free.iter().filter(|free| **free).count().max(1) as f64;
            let mean =
                values.iter().zip(free).map(|(value, free)| if *free { *value } else { 0.0 }).sum::<f64>() / count;
            values.iter_mut().zip(free).for_each(|(value, free)| *value = if *free { *value - mean } else { 0.0 });
        }
    }

    fn times_gram(&self, values: &[f64]) -> Vec<f64> {
        let (rows, ways) = (self.rows(), self.ways);
        let gram = Matrix::rows(self.gram, rows, rows);
        let values = Matrix::rows(values, rows, ways);
        let starts: Vec<usize> = (0..ways).step_by(CLASSES).collect();
        let parts: Vec<Vec<f64>> = starts
            .par_iter()
            .map(|start| {
                let end = (start + CLASSES).min(ways);
                let mut part = vec![0.0; rows * (end - start)];
                let columns = values.part(0..rows, *start..end);
                product(MatrixMut::rows(&mut part, rows, end - start), gram, columns, 1.0, false);
                part
            })
            .collect();
        let mut whole = vec![0.0; rows * ways];
        for (start, part) in starts.into_iter().zip(parts) {
            let width = (ways - start).min(CLASSES);
            for (row, part) in part.chunks(width).enumerate() {
                whole[row * ways + start..][..width].copy_from_slice(part);
            }
        }
        whole
    }
}

/// β with Σ_j min(u_j, (β − b_j)/κ) = 0. The sum is concave and rises with β, so Newton's method from the left, where
/// every entry is free, comes to the root in finitely many steps and never passes it.
fn level(linear: &[f64], bounds: &[f64], curvature: f64) -> f64 {
    let mut level = linear.iter().sum::<f64>() / linear.len() as f64;
    loop {
        let (mut sum, mut count) = (0.0, 0usize);
        for (linear, bound) in linear.iter().zip(bounds) {
            let value = (level - linear) / curvature;
            if value < *bound {
                sum += value;
                count += 1;
            } else {
                sum += bound;
            }
        }
        if count == 0 {
            return level;
        }
        let step = -sum * curvature / count as f64;
        // Rounding has the last word: a step that no longer rises is the root.
        let next = level + step;
        if next.is_nan() || next <= level {
            return level;
        }
        level = next;
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    fn gram(rows: usize, width: usize) -> Vec<f64> {
        let mut draws = Stream::new((rows * 100 + width) as u64, "support").at(0, 0, 0, 0);
        let mut support: Vec<f64> = (0..rows * width).map(|_| f64::from(draws.normal())).collect();
        for row in support.chunks_mut(width) {
            let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
            row.iter_mut().for_each(|x| *x /= norm);
        }
        let mut gram = vec![0.0; rows * rows];
        let support = Matrix::rows(&support, rows, width);
        product(MatrixMut::rows(&mut gram, rows, rows), support, support.transposed(), 1.0, false);
        gram
    }

    fn svm<'a>(gram: &'a [f64], labels: &'a [usize], ways: usize, c: f64) -> Svm<'a> {
        Svm { gram, labels, ways, c, tolerance: 1e-10, sweeps: 100_000 }
    }

    #[test]
    fn a_solution_is_feasible_and_no_exchange_improves_it() {
        for (rows, width, ways, c) in [(5, 8, 5, 0.1), (12, 5, 3, 0.1), (9, 4, 3, 1.0), (7, 3, 2, 10.0)] {
            let gram = gram(rows, width);
            let labels: Vec<usize> = (0..rows).map(|row| row % ways).collect();
            let svm = svm(&gram, &labels, ways, c);
            let SvmSolution { alpha, violation } = svm.solve();
            assert!(violation <= 1e-10, "{rows} rows: {violation}");
            let scores = svm.times_gram(&alpha);
            for row in 0..rows {
                let own = &alpha[row * ways..(row + 1) * ways];
                assert!(own.iter().sum::<f64>().abs() < 1e-10);
                for (class, value) in own.iter().enumerate() {
                    assert!(*value <= svm.bound(row, class));
                    let slope = |j: usize| scores[row * ways + j] - f64::from(u8::from(labels[row] == j));
                    for (other, free) in own.iter().enumerate().filter(|(j, value)| **value < svm.bound(row, *j)) {
                        assert!(slope(class) <= slope(other) + 1e-8, "{free} can take from {class}");
                    }
                }
            }
        }
    }

    #[test]
    fn two_orthogonal_rows_have_the_solution_that_can_be_written_down() {
        // min ½ Σ α² − α_11 − α_22 with α_i2 = −α_i1: α = ½ without a bound, C with a smaller one.
        for (c, want) in [(1.0, 0.5), (0.1, 0.1)] {
            let solution = svm(&[1.0, 0.0, 0.0, 1.0], &[0, 1], 2, c).solve();
            let wanted = [want, -want, -want, want];
            assert!(solution.alpha.iter().zip(wanted).all(|(got, want)| (got - want).abs() < 1e-9), "{solution:?}");
        }
    }

    #[test]
    fn a_gradient_outside_the_range_of_a_singular_matrix_stays_small() {
        for (rows, width) in [(40, 2), (12, 1), (30, 3)] {
            let gram = gram(rows, width);
            let labels: Vec<usize> = (0..rows).map(|row| row % 3).collect();
            let weight: Vec<f64> = (0..rows * 3).map(|i| (i as f64 * 1.7).sin()).collect();
            let problem = Svm { tolerance: 1e-6, ..svm(&gram, &labels, 3, 1.0) };
            let gradient = problem.gradient(&problem.solve().alpha, &weight);
            let largest = gradient.iter().fold(0.0, |most, value| f64::max(most, value.abs()));
            assert!(largest < 1e4, "{rows} rows of {width}: {largest}");
        }
    }

    #[test]
    fn the_gradient_by_the_gram_matrix_is_that_of_finite_differences() {
        for (rows, width, ways, c) in [(5, 8, 5, 0.1), (8, 6, 4, 0.3), (10, 12, 2, 1.0)] {
            let start = gram(rows, width);
            let labels: Vec<usize> = (0..rows).map(|row| row % ways).collect();
            let weight: Vec<f64> = (0..rows * ways).map(|i| (i as f64 * 1.7).sin()).collect();
            let loss = |gram: &[f64]| dot(&svm(gram, &labels, ways, c).solve().alpha, &weight);
            let problem = svm(&start, &labels, ways, c);
            let gradient = problem.gradient(&problem.solve().alpha, &weight);
            for (i, j) in (0..rows).flat_map(|i| (0..=i).map(move |j| (i, j))) {
                let moved = |by: f64| {
                    let mut gram = start.clone();
                    gram[i * rows + j] += by;
                    gram[j * rows + i] = gram[i * rows + j];
                    loss(&gram)
                };
                let want = (moved(1e-6) - moved(-1e-6)) / 2e-6;
                let got = if i == j { gradient[i * rows + i] } else { 2.0 * gradient[i * rows + j] };
                assert!((got - want).abs() < 1e-5, "{rows} rows, K[{i}, {j}]: {got} and {want}");
            }
        }
    }
}
