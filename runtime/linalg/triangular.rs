//! Systems whose matrix is a triangle.

use super::rows::{copy, matrix, rows_of};

/// Which triangle of a matrix is read, and whether its diagonal counts as ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Triangle {
    /// The one above the diagonal.
    pub is_upper: bool,
    /// Ones stand for the diagonal, which is not read.
    pub is_unit: bool,
}

/// T⁻¹·B, of a triangle in rows and of B in rows of `columns`.
///
/// # Errors
/// The position, from 0, of a 0 on the diagonal.
pub fn solve_triangular(
    values: &[f64],
    size: usize,
    triangle: Triangle,
    right: &[f64],
    columns: usize,
) -> Result<Vec<f64>, usize> {
    if !triangle.is_unit
        && let Some(position) = (0..size).find(|i| values[i * size + i] == 0.0)
    {
        return Err(position);
    }
    if size == 0 || columns == 0 {
        return Ok(Vec::new());
    }
    let (given, mut solved) = (matrix(values, size, size), copy(right, size, columns));
    match (triangle.is_upper, triangle.is_unit) {
        (false, false) => given.solve_lower_triangular_in_place(solved.as_mut()),
        (false, true) => given.solve_unit_lower_triangular_in_place(solved.as_mut()),
        (true, false) => given.solve_upper_triangular_in_place(solved.as_mut()),
        (true, true) => given.solve_unit_upper_triangular_in_place(solved.as_mut()),
    }
    Ok(rows_of(solved.as_ref()))
}
