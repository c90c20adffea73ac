//! The QR factorisation by Householder's reflections, with LAPACK's signs: an entry of R's diagonal is negative where
//! the column that it comes from began with a positive one.

use super::rows::{matrix, rows_of};

/// Q `[rows, k]` with orthonormal columns and R `[k, columns]`, zeros below its diagonal, with A = Q·R; k is the smaller
/// of the two.
pub fn qr(values: &[f64], rows: usize, columns: usize) -> (Vec<f64>, Vec<f64>) {
    if rows.min(columns) == 0 {
        return (Vec::new(), Vec::new());
    }
    let found = matrix(values, rows, columns).qr();
    (rows_of(found.compute_thin_Q().as_ref()), rows_of(found.thin_R()))
}
