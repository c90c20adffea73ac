//! Matrices in rows on their way to faer and back.

use faer::{Mat, MatRef};

/// Values in rows as a matrix.
pub fn matrix(values: &[f64], rows: usize, columns: usize) -> MatRef<'_, f64> {
    MatRef::from_row_major_slice(values, rows, columns)
}

/// A matrix in rows.
pub fn rows_of(matrix: MatRef<'_, f64>) -> Vec<f64> {
    let (rows, columns) = matrix.shape();
    (0..rows).flat_map(|row| (0..columns).map(move |column| matrix[(row, column)])).collect()
}

/// A copy that may be written to.
pub fn copy(values: &[f64], rows: usize, columns: usize) -> Mat<f64> {
    Mat::from_fn(rows, columns, |row, column| values[row * columns + column])
}
