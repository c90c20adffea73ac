//! Solving symmetric positive definite systems, with gradients. Batches of matrices stand in leading dims.

use rayon::prelude::*;

use super::{DType, Tensor, autocast::in_float32, gpu, host_matrix::symmetric};
use crate::{
    Error, Result,
    linalg::{Cholesky, Matrix, MatrixMut, product},
    memory, position,
    tape::{is_recording, record},
};

/// Pivots below this share of their diagonal entry are rounding errors of float32.
const PIVOT_TOLERANCE: f64 = f32::EPSILON as f64;

impl Tensor {
    /// X with A·X = B, for symmetric positive definite A `[..., n, n]` and B `[..., n, m]`, by Cholesky: in float64 on
    /// the CPU, in float32 on a GPU. With G = dL/dX: dL/dB = A⁻¹·G, dL/dA = −A⁻¹·G·Xᵀ made symmetric.
    ///
    /// # Errors
    /// Shapes that do not fit. On the CPU an A that is not finite, not symmetric, or not positive definite in its format.
    /// A GPU reads the lower triangle only and answers NaN where A is not positive definite, since checking would mean
    /// waiting. Whatever reads a NaN later gives that error, mostly the update by such a loss.
    pub fn solve_spd(&self, right: &Self) -> Result<Self> {
        const OP: &str = "solve_spd";
        self.want_float(OP)?;
        right.want_float(OP)?;
        self.want_device(OP, right)?;
        let rank = self.rank();
        let fits = rank >= 2 && right.rank() == rank && self.shape()[..rank - 1] == right.shape()[..rank - 1];
        if !fits || self.shape()[rank - 1] != self.shape()[rank - 2] {
            let rule = "it wants [..., n, n] and [..., n, m]".into();
            return Err(Error::Unfit { op: OP, left: self.shape().to_vec(), right: right.shape().to_vec(), rule });
        }
        if [self, right].iter().any(|tensor| tensor.is_stored()) || self.dtype() != right.dtype() {
            let [matrix, right] = self.promoted(right)?;
            return matrix.solve_spd(&right);
        }
        if right.is_empty() {
            return right.none_made(OP, right.shape());
        }
        if self.device().is_gpu() {
            return gpu::solve_spd(OP, self, right, PIVOT_TOLERANCE);
        }
        let (size, columns) = (self.shape()[rank - 1], right.shape()[rank - 1]);
        // Copies of the host: what is read, and matrices and factors in float64.
        memory::check_room(OP, self.len() * 3 * 8 + right.len() * 2 * 8)?;
        let (matrices, right_sides) = (self.doubles()?, right.doubles()?);
        let tolerance = pivot_tolerance(self);
        if !right_sides.iter().all(|value| value.is_finite()) {
            return Err(Error::argument(OP, "b", "finite", "NaN or infinity"));
        }
        let solved: Vec<(Cholesky, Vec<f64>)> = matrices
            .par_chunks(size * size)
            .zip(right_sides.par_chunks(size * columns))
            .enumerate()
            .map(|(number, (matrix, right))| {
                let factor = factor(number, matrix, size, tolerance)?;
                let mut solved = right.to_vec();
                factor.solve(&mut solved, columns);
                Ok((factor, solved))
            })
            .collect::<Result<_, String>>()
            .map_err(|reason| Error::State { op: OP, reason })?;
        let values = solved.iter().flat_map(|(_, solved)| solved).copied().collect();
        let output = Self::from_doubles(values, right.shape(), self)?;
        Ok(record(OP, [self, right], output.clone(), |tape| {
            let (matrix, output) = (tape.keep(self), tape.keep_output(&output, 0));
            let solved = Solved { size, columns, solved };
            move |by: Self, step| match is_recording() {
                true => adjoint(&matrix.get(step)?, &output.get(step)?, &by),
                false => solved.gradients(&matrix.get(step)?, &by),
            }
        }))
    }
}

/// What counts as a rounding error in the format of a matrix.
fn pivot_tolerance(matrix: &Tensor) -> f64 {
    if matrix.dtype() == DType::Float64 { f64::EPSILON } else { PIVOT_TOLERANCE }
}

fn factor(number: usize, matrix: &[f64], size: usize, tolerance: f64) -> Result<Cholesky, String> {
    Cholesky::new(symmetric(number, matrix, size)?, size, tolerance).map_err(|found| {
        let (position, pivot) = (position::number(found.position), found.pivot);
        format!("matrix {} is not positive definite: pivot {position} is {pivot:.3e}", position::number(number))
    })
}

/// The gradients by A and by B from that by X, G, of operations that have gradients: A⁻¹·G is a solve itself.
pub(super) fn adjoint(matrix: &Tensor, solution: &Tensor, by: &Tensor) -> Result<[Option<Tensor>; 2]> {
    let by_right = matrix.solve_spd(by)?;
    let last = by.rank() - 1;
    let product = in_float32(|| by_right.matmul(&solution.transpose(last - 1, last)?))?;
    let by_matrix = product.add(&product.transpose(last - 1, last)?)?.mul_scalar(-0.5)?;
    Ok([Some(by_matrix), Some(by_right)])
}

struct Solved {
    size: usize,
    columns: usize,
    solved: Vec<(Cholesky, Vec<f64>)>,
}

impl Solved {
    fn gradients(&self, matrix: &Tensor, by: &Tensor) -> Result<[Option<Tensor>; 2]> {
        let (size, columns) = (self.size, self.columns);
        let by_output = by.doubles()?;
        let parts: Vec<(Vec<f64>, Vec<f64>)> = by_output
            .par_chunks(size * columns)
            .zip(&self.solved)
            .map(|(by_output, (factor, solved))| {
                let mut by_right = by_output.to_vec();
                factor.solve(&mut by_right, columns);
                let mut by_matrix = vec![0.0; size * size];
                let [solved, adjoint] = [solved, &by_right].map(|values| Matrix::rows(values, size, columns));
                product(MatrixMut::rows(&mut by_matrix, size, size), adjoint, solved.transposed(), -0.5, false);
                product(MatrixMut::rows(&mut by_matrix, size, size), solved, adjoint.transposed(), -0.5, true);
                (by_matrix, by_right)
            })
            .collect();
        let (by_matrix, by_right): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        Ok([
            Some(Tensor::from_doubles(by_matrix.concat(), matrix.shape(), by)?),
            Some(Tensor::from_doubles(by_right.concat(), by.shape(), by)?),
        ])
    }
}
