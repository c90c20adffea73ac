//! The gradient of a determinant.

use super::{Lu, Matrix, MatrixMut, NoConvergence, Svd, product};

/// The cofactors of a square matrix in rows, ∂ det A / ∂ A: det A · A⁻ᵀ; of a singular matrix, from its singular values,
/// det U · det V · U·diag(Π_{j≠i} sⱼ)·Vᵀ.
///
/// # Errors
/// No convergence.
pub fn cofactors(values: &[f64], size: usize) -> Result<Vec<f64>, NoConvergence> {
    let lu = Lu::new(values, size);
    if let Ok(inverse) = lu.inverse() {
        let determinant = lu.determinant();
        return Ok((0..size * size).map(|i| determinant * inverse[i % size * size + i / size]).collect());
    }
    let mut svd = Svd::new(values, size, size, false)?;
    let sign = Lu::new(&svd.left, size).determinant().signum() * Lu::new(&svd.right, size).determinant().signum();
    let others = |own: usize| (0..size).filter(|i| *i != own).map(|i| svd.values[i]).product::<f64>();
    let factors: Vec<f64> = (0..size).map(others).collect();
    for row in svd.left.chunks_mut(size) {
        row.iter_mut().zip(&factors).for_each(|(entry, factor)| *entry *= factor);
    }
    let mut found = vec![0.0; size * size];
    let [left, right] = [&svd.left, &svd.right].map(|side| Matrix::rows(side, size, size));
    product(MatrixMut::rows(&mut found, size, size), left, right, sign, false);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_singular_and_of_regular_matrices_they_are_the_minors_with_their_signs() {
        let near = |found: Vec<f64>, want: &[f64]| {
            assert!(found.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?} for {want:?}");
        };
        near(cofactors(&[1.0, 2.0, 3.0, 4.0], 2).unwrap(), &[4.0, -3.0, -2.0, 1.0]);
        near(cofactors(&[1.0, 2.0, 2.0, 4.0], 2).unwrap(), &[4.0, -2.0, -2.0, 1.0]);
        near(cofactors(&[0.0; 9], 3).unwrap(), &[0.0; 9]);
        near(cofactors(&[0.0], 1).unwrap(), &[1.0]);
    }
}
