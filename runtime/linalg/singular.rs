//! The singular values of a matrix, and what follows from them: the pseudoinverse, the solution of least squares.

use super::{
    Matrix, MatrixMut, NoConvergence, product,
    rows::{matrix, rows_of},
};

/// A = U·diag(S)·Vᵀ, in rows.
pub struct Svd {
    /// Columns that are orthonormal: `[rows, k]`, k the smaller of rows and columns, or all of them `[rows, rows]`.
    pub left: Vec<f64>,
    /// k values of at least 0 in descending order.
    pub values: Vec<f64>,
    /// Vᵀ: rows that are orthonormal, `[k, columns]` or `[columns, columns]`.
    pub right: Vec<f64>,
}

impl Svd {
    /// Of a finite matrix in rows, whole or reduced.
    ///
    /// # Errors
    /// No convergence.
    pub fn new(values: &[f64], rows: usize, columns: usize, is_full: bool) -> Result<Self, NoConvergence> {
        if rows.min(columns) == 0 {
            let identity = |size: usize| (0..size * size).map(|i| f64::from(u8::from(i / size == i % size))).collect();
            let sides = if is_full { [identity(rows), identity(columns)] } else { [Vec::new(), Vec::new()] };
            let [left, right] = sides;
            return Ok(Self { left, values: Vec::new(), right });
        }
        let given = matrix(values, rows, columns);
        let found = if is_full { given.svd() } else { given.thin_svd() }.map_err(|_| NoConvergence)?;
        Ok(Self {
            left: rows_of(found.U()),
            values: found.S().column_vector().iter().copied().collect(),
            right: rows_of(found.V().transpose()),
        })
    }
}

/// The singular values alone.
///
/// # Errors
/// No convergence.
pub fn singular_values(values: &[f64], rows: usize, columns: usize) -> Result<Vec<f64>, NoConvergence> {
    if rows.min(columns) == 0 {
        return Ok(Vec::new());
    }
    matrix(values, rows, columns).singular_values().map_err(|_| NoConvergence)
}

/// Moore and Penrose's inverse `[columns, rows]`; singular values of at most `cut` times the largest count as 0.
///
/// # Errors
/// No convergence.
pub fn pseudoinverse(values: &[f64], rows: usize, columns: usize, cut: f64) -> Result<Vec<f64>, NoConvergence> {
    let identity: Vec<f64> = (0..rows * rows).map(|i| f64::from(u8::from(i / rows == i % rows))).collect();
    least_squares(values, &identity, [rows, columns, rows], cut)
}

/// X `[columns, sides]` of the least norm of those that make ‖A·X − B‖ least, for A `[rows, columns]` and B `[rows,
/// sides]`; singular values of at most `cut` times the largest count as 0. The sizes are `[rows, columns, sides]`.
///
/// # Errors
/// No convergence.
pub fn least_squares(values: &[f64], right: &[f64], sizes: [usize; 3], cut: f64) -> Result<Vec<f64>, NoConvergence> {
    let [rows, columns, sides] = sizes;
    let mut solved = vec![0.0; columns * sides];
    let rank = rows.min(columns);
    if rank == 0 || sides == 0 {
        return Ok(solved);
    }
    let svd = Svd::new(values, rows, columns, false)?;
    let mut weighed = vec![0.0; rank * sides];
    let [left, right] = [Matrix::rows(&svd.left, rows, rank), Matrix::rows(right, rows, sides)];
    product(MatrixMut::rows(&mut weighed, rank, sides), left.transposed(), right, 1.0, false);
    for (row, value) in weighed.chunks_mut(sides).zip(&svd.values) {
        let factor = if *value > cut * svd.values[0] { 1.0 / value } else { 0.0 };
        row.iter_mut().for_each(|entry| *entry *= factor);
    }
    let turned = Matrix::rows(&svd.right, rank, columns).transposed();
    product(MatrixMut::rows(&mut solved, columns, sides), turned, Matrix::rows(&weighed, rank, sides), 1.0, false);
    Ok(solved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factors_of_any_shape_put_the_matrix_together_again() {
        for (rows, columns) in [(1, 1), (5, 3), (3, 5), (40, 33), (1, 7)] {
            let values: Vec<f64> = (0..rows * columns).map(|i| ((i * i) as f64 * 0.3).sin()).collect();
            let rank = rows.min(columns);
            for is_full in [false, true] {
                let svd = Svd::new(&values, rows, columns, is_full).unwrap();
                let wide = if is_full { rows } else { rank };
                assert!(svd.values.is_sorted_by(|a, b| a >= b) && svd.left.len() == rows * wide);
                for (k, value) in values.iter().enumerate() {
                    let (i, j) = (k / columns, k % columns);
                    let term = |l: usize| svd.left[i * wide + l] * svd.values[l] * svd.right[l * columns + j];
                    let sum: f64 = (0..rank).map(term).sum();
                    assert!((sum - value).abs() < 1e-12, "{sum} for {value}");
                }
            }
        }
    }

    #[test]
    fn without_elements_there_are_no_values_and_what_is_solved_is_0() {
        let svd = Svd::new(&[], 0, 2, true).unwrap();
        assert_eq!((svd.left.len(), svd.values.len(), svd.right), (0, 0, vec![1.0, 0.0, 0.0, 1.0]));
        assert_eq!(least_squares(&[], &[], [0, 2, 3], 0.0).unwrap(), [0.0; 6]);
        assert_eq!(pseudoinverse(&[0.0; 6], 2, 3, 1e-7).unwrap(), [0.0; 6]);
    }
}
