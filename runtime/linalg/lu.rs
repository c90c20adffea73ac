//! The LU factorisation of a square matrix with partial pivoting, and what follows from it: solutions, inverse,
//! determinant.

use faer::{
    Mat,
    linalg::solvers::{PartialPivLu, Solve},
};

use super::rows::{copy, matrix, rows_of};

/// P·A = L·U.
pub struct Lu {
    size: usize,
    /// None of a matrix without elements.
    factors: Option<PartialPivLu<f64>>,
}

/// Where a matrix turned out to be singular: the pivot, from 0, that is 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Singular(pub usize);

impl Lu {
    /// Factors a finite matrix in rows.
    pub fn new(values: &[f64], size: usize) -> Self {
        let factors = (size > 0).then(|| PartialPivLu::new(matrix(values, size, size)));
        Self { size, factors }
    }

    fn pivots(&self) -> impl Iterator<Item = f64> + '_ {
        self.factors.iter().flat_map(|factors| factors.U().diagonal().column_vector().iter().copied())
    }

    /// An error where a pivot is 0. What comes behind one is no number.
    fn check(&self) -> Result<(), Singular> {
        self.pivots()
            .position(|pivot| pivot.is_nan() || pivot == 0.0)
            .map_or(Ok(()), |position| Err(Singular(position)))
    }

    /// A⁻¹·B, of B in rows of `columns`.
    ///
    /// # Errors
    /// A is singular.
    pub fn solve(&self, right: &[f64], columns: usize) -> Result<Vec<f64>, Singular> {
        self.check()?;
        Ok(self.solved(copy(right, self.size, columns)))
    }

    /// A⁻¹ in rows.
    ///
    /// # Errors
    /// A is singular.
    pub fn inverse(&self) -> Result<Vec<f64>, Singular> {
        self.check()?;
        Ok(self.solved(Mat::identity(self.size, self.size)))
    }

    fn solved(&self, mut right: Mat<f64>) -> Vec<f64> {
        if let (Some(factors), true) = (&self.factors, right.ncols() > 0) {
            factors.solve_in_place(right.as_mut());
        }
        rows_of(right.as_ref())
    }

    /// The determinant, 0 of a singular matrix.
    pub fn determinant(&self) -> f64 {
        match self.check() {
            Ok(()) => self.pivots().product::<f64>() * if self.transpositions().is_multiple_of(2) { 1.0 } else { -1.0 },
            Err(_) => 0.0,
        }
    }

    /// The sign of the determinant, −1, 0 or 1, and ln |det A|, which is −∞ where A is singular.
    pub fn log_determinant(&self) -> (f64, f64) {
        if self.check().is_err() {
            return (0.0, f64::NEG_INFINITY);
        }
        let negative = self.pivots().filter(|pivot| *pivot < 0.0).count() + self.transpositions();
        (if negative.is_multiple_of(2) { 1.0 } else { -1.0 }, self.pivots().map(|pivot| pivot.abs().ln()).sum())
    }

    /// How many swaps of two rows P is made of.
    fn transpositions(&self) -> usize {
        let Some(factors) = &self.factors else { return 0 };
        let (order, _) = factors.P().arrays();
        let mut seen = vec![false; order.len()];
        let mut cycles = 0;
        for start in 0..order.len() {
            let mut at = start;
            cycles += usize::from(!seen[start]);
            while !seen[at] {
                seen[at] = true;
                at = order[at];
            }
        }
        order.len() - cycles
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_matrix_with_swapped_rows_solution_inverse_and_determinant_are_right() {
        let lu = Lu::new(&[0.0, 2.0, 0.0, 0.0, 0.0, 3.0, 4.0, 0.0, 1.0], 3);
        let (sign, log) = lu.log_determinant();
        assert!(sign == 1.0 && (log - 24f64.ln()).abs() < 1e-15 && lu.determinant() == 24.0);
        assert_eq!(lu.solve(&[2.0, 3.0, 5.0], 1).unwrap(), [1.0, 1.0, 1.0]);
        let inverse = lu.inverse().unwrap();
        assert_eq!((inverse[3], inverse[7], inverse[2]), (0.5, 1.0 / 3.0, 0.25));
    }

    #[test]
    fn a_singular_matrix_names_the_pivot_and_an_empty_one_has_the_determinant_1() {
        let singular = Lu::new(&[1.0, 2.0, 2.0, 4.0], 2);
        assert_eq!((singular.inverse(), singular.determinant()), (Err(Singular(1)), 0.0));
        assert_eq!(singular.log_determinant(), (0.0, f64::NEG_INFINITY));
        assert_eq!(Lu::new(&[0.0; 9], 3).solve(&[0.0; 3], 1), Err(Singular(0)));
        assert_eq!((Lu::new(&[], 0).determinant(), Lu::new(&[], 0).log_determinant()), (1.0, (1.0, 0.0)));
        assert_eq!(Lu::new(&[], 0).inverse(), Ok(Vec::new()));
    }
}
