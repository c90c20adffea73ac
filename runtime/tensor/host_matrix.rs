//! Matrices of a batch in float64.

use crate::position;

/// How far a symmetric matrix may be from its transpose, relative to its largest entry.
const ASYMMETRY: f64 = 1e-3;

/// The matrix of a batch in float64, its two triangles made equal; or what is wrong with it.
pub(super) fn symmetric(number: usize, matrix: &[f64], size: usize) -> Result<Vec<f64>, String> {
    let number = position::number(number);
    let mut matrix = matrix.to_vec();
    if !matrix.iter().all(|value| value.is_finite()) {
        return Err(format!("matrix {number} is not finite"));
    }
    let largest = matrix.iter().fold(0.0, |most, value| f64::max(most, value.abs()));
    for row in 0..size {
        for column in 0..row {
            let (below, above) = (matrix[row * size + column], matrix[column * size + row]);
            if (below - above).abs() > ASYMMETRY * largest {
                let (i, j) = (position::number(row), position::number(column));
                return Err(format!("matrix {number} is not symmetric: {below} at [{i}, {j}], {above} at [{j}, {i}]"));
            }
            let mean = (below + above) / 2.0;
            (matrix[row * size + column], matrix[column * size + row]) = (mean, mean);
        }
    }
    Ok(matrix)
}
