//! Eigenvalues and eigenvectors of a symmetric matrix.

use faer::Side;

use super::{
    NoConvergence,
    rows::{matrix, rows_of},
};

/// Λ in ascending order and V, in rows, with A = V·diag(Λ)·Vᵀ, of a matrix in rows; only its lower triangle is read.
///
/// # Errors
/// No convergence.
pub fn eigen(values: &[f64], size: usize) -> Result<(Vec<f64>, Vec<f64>), NoConvergence> {
    if size == 0 {
        return Ok((Vec::new(), Vec::new()));
    }
    let found = matrix(values, size, size).self_adjoint_eigen(Side::Lower).map_err(|_| NoConvergence)?;
    Ok((found.S().column_vector().iter().copied().collect(), rows_of(found.U())))
}

/// The eigenvalues alone.
///
/// # Errors
/// No convergence.
pub fn eigenvalues(values: &[f64], size: usize) -> Result<Vec<f64>, NoConvergence> {
    if size == 0 {
        return Ok(Vec::new());
    }
    matrix(values, size, size).self_adjoint_eigenvalues(Side::Lower).map_err(|_| NoConvergence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_ascend_and_vectors_put_the_matrix_together_again() {
        for size in [0, 1, 2, 5, 40] {
            let entry = |i: usize, j: usize| ((i * j + i + j) as f64 * 0.7).sin();
            let values: Vec<f64> = (0..size * size).map(|k| entry(k / size, k % size)).collect();
            let (found, vectors) = eigen(&values, size).unwrap();
            assert!(found.is_sorted() && found.len() == size);
            for (k, value) in values.iter().enumerate() {
                let (i, j) = (k / size, k % size);
                let sum: f64 = (0..size).map(|l| vectors[i * size + l] * found[l] * vectors[j * size + l]).sum();
                assert!((sum - value).abs() < 1e-12, "{sum} for {value}");
            }
            let alone = eigenvalues(&values, size).unwrap();
            assert!(alone.iter().zip(&found).all(|(a, b)| (a - b).abs() < 1e-12));
        }
    }
}
