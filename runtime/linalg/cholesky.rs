//! The Cholesky factorisation A = L·Lᵀ of a symmetric positive definite matrix, and solving with it. In blocks, so that
//! almost all of the work is matrix products (Golub and Van Loan, "Matrix Computations", 4.2.9).

use super::{Matrix, MatrixMut, product};

/// Rows of a block.
const BLOCK: usize = 32;

/// The lower triangle L of A = L·Lᵀ.
#[derive(Clone, Debug)]
pub struct Cholesky {
    size: usize,
    /// L in rows; zeros above the diagonal.
    lower: Vec<f64>,
}

/// Where a matrix turned out not to be positive definite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NotPositiveDefinite {
    /// The position on the diagonal, from 0.
    pub position: usize,
    /// What the square of L's entry there would be: not over 0, or not a number.
    pub pivot: f64,
}

impl Cholesky {
    /// Factors a matrix given in rows; only its lower triangle is read. n³/3 operations.
    ///
    /// # Errors
    /// It is not positive definite: a pivot is not over `tolerance` times the entry of the diagonal that it comes from.
    ///
    /// # Panics
    /// `matrix` is not size × size.
    pub fn new(mut matrix: Vec<f64>, size: usize, tolerance: f64) -> Result<Self, NotPositiveDefinite> {
        assert_eq!(matrix.len(), size * size, "a square matrix");
        let smallest: Vec<f64> = (0..size).map(|i| matrix[i * size + i].abs() * tolerance).collect();
        for start in (0..size).step_by(BLOCK) {
            let end = (start + BLOCK).min(size);
            for column in start..end {
                for row in column..size {
                    let (above, below) = matrix.split_at_mut(row * size);
                    let own = if row == column {
                        &below[start..column]
                    } else {
                        &above[column * size + start..][..column - start]
                    };
                    let sum: f64 = below[start..column].iter().zip(own).map(|(a, b)| a * b).sum();
                    let value = below[column] - sum;
                    if row > column {
                        below[column] = value / above[column * size + column];
                    } else if value > smallest[column] {
                        below[column] = value.sqrt();
                    } else {
                        return Err(NotPositiveDefinite { position: column, pivot: value });
                    }
                }
            }
            // The panel below the block, subtracted from what is left.
            let panel: Vec<f64> =
                (end..size).flat_map(|row| &matrix[row * size + start..][..end - start]).copied().collect();
            let panel = Matrix::rows(&panel, size - end, end - start);
            let rest = MatrixMut::rows(&mut matrix, size, size).part(end..size, end..size);
            product(rest, panel, panel.transposed(), -1.0, true);
        }
        for row in 0..size {
            matrix[row * size + row + 1..(row + 1) * size].fill(0.0);
        }
        Ok(Self { size, lower: matrix })
    }

    /// L in rows, zeros above its diagonal.
    pub fn into_lower(self) -> Vec<f64> {
        self.lower
    }

    /// A⁻¹·B in place, for B of `columns` columns in rows.
    ///
    /// # Panics
    /// B has not as many rows as A.
    pub fn solve(&self, right: &mut [f64], columns: usize) {
        assert_eq!(right.len(), self.size * columns, "as many rows as the factor");
        self.solve_lower(right, columns);
        self.solve_upper(right, columns);
    }

    /// L⁻¹·B in place.
    pub fn solve_lower(&self, right: &mut [f64], columns: usize) {
        let whole = Matrix::rows(&self.lower, self.size, self.size);
        for start in (0..self.size).step_by(BLOCK) {
            let end = (start + BLOCK).min(self.size);
            let (done, rest) = right.split_at_mut(start * columns);
            let block = &mut rest[..(end - start) * columns];
            product(
                MatrixMut::rows(block, end - start, columns),
                whole.part(start..end, 0..start),
                Matrix::rows(done, start, columns),
                -1.0,
                true,
            );
            for row in start..end {
                self.eliminate(block, columns, start, row, start..row, |row, other| (row, other));
            }
        }
    }

    /// L⁻ᵀ·B in place.
    pub fn solve_upper(&self, right: &mut [f64], columns: usize) {
        let whole = Matrix::rows(&self.lower, self.size, self.size);
        for start in (0..self.size).step_by(BLOCK).rev() {
            let end = (start + BLOCK).min(self.size);
            let (head, done) = right.split_at_mut(end * columns);
            let block = &mut head[start * columns..];
            product(
                MatrixMut::rows(block, end - start, columns),
                whole.part(end..self.size, start..end).transposed(),
                Matrix::rows(done, self.size - end, columns),
                -1.0,
                true,
            );
            for row in (start..end).rev() {
                self.eliminate(block, columns, start, row, row + 1..end, |row, other| (other, row));
            }
        }
    }

    /// Subtracts the other rows of a block from one of them, each times its entry of L, and divides by the diagonal.
    fn eliminate(
        &self,
        block: &mut [f64],
        columns: usize,
        start: usize,
        row: usize,
        others: std::ops::Range<usize>,
        place: impl Fn(usize, usize) -> (usize, usize),
    ) {
        let (before, from) = block.split_at_mut((row - start) * columns);
        let (own, after) = from.split_at_mut(columns);
        for other in others {
            let (i, j) = place(row, other);
            let factor = self.lower[i * self.size + j];
            let values =
                if other < row { &before[(other - start) * columns..] } else { &after[(other - row - 1) * columns..] };
            own.iter_mut().zip(values).for_each(|(own, value)| *own -= factor * value);
        }
        let diagonal = self.lower[row * self.size + row];
        own.iter_mut().for_each(|value| *value /= diagonal);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    /// M·Mᵀ + I for a random M, which has an exact product to compare with and is well conditioned.
    fn matrix(size: usize) -> Vec<f64> {
        let mut draws = Stream::new(size as u64, "matrix").at(0, 0, 0, 0);
        let half: Vec<f64> = (0..size * size).map(|_| f64::from(draws.normal())).collect();
        let mut whole: Vec<f64> = (0..size * size).map(|i| f64::from(u8::from(i / size == i % size))).collect();
        let half = Matrix::rows(&half, size, size);
        product(MatrixMut::rows(&mut whole, size, size), half, half.transposed(), 1.0, true);
        whole
    }

    #[test]
    fn what_is_solved_multiplies_back_for_sizes_around_the_block() {
        for (size, columns) in [(1, 1), (2, 3), (31, 1), (32, 5), (33, 2), (97, 40)] {
            let whole = matrix(size);
            let right: Vec<f64> = (0..size * columns).map(|i| (i as f64 * 0.7).sin()).collect();
            let mut solved = right.clone();
            Cholesky::new(whole.clone(), size, 1e-12).unwrap().solve(&mut solved, columns);
            let mut back = vec![0.0; size * columns];
            let (whole, solved) = (Matrix::rows(&whole, size, size), Matrix::rows(&solved, size, columns));
            product(MatrixMut::rows(&mut back, size, columns), whole, solved, 1.0, false);
            let worst = back.iter().zip(&right).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-9, "size {size}: off by {worst}");
        }
    }

    #[test]
    fn a_matrix_that_is_not_positive_definite_is_told_with_its_pivot() {
        let indefinite = vec![1.0, 2.0, 2.0, 1.0];
        assert_eq!(Cholesky::new(indefinite, 2, 0.0).unwrap_err(), NotPositiveDefinite { position: 1, pivot: -3.0 });
        let singular = vec![1.0; 9];
        assert_eq!(Cholesky::new(singular, 3, 1e-12).unwrap_err().position, 1);
        let mut late = matrix(40);
        late[39 * 40 + 39] = -1.0;
        assert_eq!(Cholesky::new(late, 40, 0.0).unwrap_err().position, 39);
        assert!(Cholesky::new(vec![1e8, 0.0, 0.0, 1.0], 2, 1e-7).is_ok(), "scales of rows may differ");
        assert!(Cholesky::new(vec![f64::NAN], 1, 0.0).is_err());
        assert!(Cholesky::new(vec![0.0], 1, 0.0).is_err());
    }
}
