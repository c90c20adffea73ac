//! Solving symmetric positive definite systems, with gradients. Batches of matrices stand in leading dims.

use rayon::prelude::*;

use super::{
    Tensor, gpu,
    host_matrix::{narrow, symmetric, wide},
    host_operation::{HostOperation, record},
};
use crate::{
    Error, Result,
    linalg::{Cholesky, Matrix, MatrixMut, product},
    memory, position,
};

/// Pivots below this share of their diagonal entry are rounding errors of float32.
const PIVOT_TOLERANCE: f64 = f32::EPSILON as f64;

impl Tensor {
    /// X with A·X = B, for symmetric positive definite A `[..., n, n]` and B `[..., n, m]`, by Cholesky: in float64 on
    /// the CPU, in float32 on a GPU. With G = dL/dX: dL/dB = A⁻¹·G, dL/dA = −A⁻¹·G·Xᵀ made symmetric.
    ///
    /// # Errors
    /// Shapes that do not fit. On the CPU an A that is not finite, not symmetric, or not positive definite in float32.
    /// A GPU reads the lower triangle only and answers NaN where A is not positive definite, since checking would mean
    /// waiting. Whatever reads a NaN later gives that error, mostly the update by such a loss.
    pub fn solve_spd(&self, right: &Self) -> Result<Self> {
        const OP: &str = "solve_spd";
        self.want_float(OP)?;
        right.want_float(OP)?;
        self.want_device(OP, right)?;
        let rank = self.rank();
        let fits = rank >= 2 && right.rank() == rank && self.shape[..rank - 1] == right.shape[..rank - 1];
        if !fits || self.shape[rank - 1] != self.shape[rank - 2] {
            let rule = "it wants [..., n, n] and [..., n, m]".into();
            return Err(Error::Unfit { op: OP, left: self.shape.clone(), right: right.shape.clone(), rule });
        }
        if self.device.is_gpu() {
            return gpu::solve_spd(OP, self, right, PIVOT_TOLERANCE);
        }
        let (size, columns) = (self.shape[rank - 1], right.shape[rank - 1]);
        // Copies of the host: what is read, and matrices and factors in float64.
        memory::check_room(OP, self.len() * (4 + 2 * 8) + right.len() * (4 + 8))?;
        let (matrices, right_sides) = (self.floats()?, right.floats()?);
        if !right_sides.iter().all(|value| value.is_finite()) {
            return Err(Error::argument(OP, "b", "finite", "NaN or infinity"));
        }
        let solved: Vec<(Cholesky, Vec<f64>)> = matrices
            .par_chunks(size * size)
            .zip(right_sides.par_chunks(size * columns))
            .enumerate()
            .map(|(number, (matrix, right))| {
                let factor = factor(number, matrix, size)?;
                let mut solved = wide(right);
                factor.solve(&mut solved, columns);
                Ok((factor, solved))
            })
            .collect::<Result<_, String>>()
            .map_err(|reason| Error::State { op: OP, reason })?;
        let values = solved.iter().flat_map(|(_, solved)| solved).map(|value| *value as f32).collect();
        let output = Self::from_floats(values, &right.shape, &self.device)?;
        record(OP, [self, right], output, SolveSpd { size, columns, solved })
    }
}

fn factor(number: usize, matrix: &[f32], size: usize) -> Result<Cholesky, String> {
    Cholesky::new(symmetric(number, matrix, size)?, size, PIVOT_TOLERANCE).map_err(|found| {
        let (position, pivot) = (position::number(found.position), found.pivot);
        format!("matrix {} is not positive definite: pivot {position} is {pivot:.3e}", position::number(number))
    })
}

#[derive(Clone, Debug)]
struct SolveSpd {
    size: usize,
    columns: usize,
    solved: Vec<(Cholesky, Vec<f64>)>,
}

impl HostOperation<2> for SolveSpd {
    fn backward(&self, by_output: &[f32]) -> [Vec<f32>; 2] {
        let (size, columns) = (self.size, self.columns);
        let parts: Vec<(Vec<f32>, Vec<f32>)> = by_output
            .par_chunks(size * columns)
            .zip(&self.solved)
            .map(|(by_output, (factor, solved))| {
                let mut by_right = wide(by_output);
                factor.solve(&mut by_right, columns);
                let mut by_matrix = vec![0.0; size * size];
                let [solved, adjoint] = [solved, &by_right].map(|values| Matrix::rows(values, size, columns));
                product(MatrixMut::rows(&mut by_matrix, size, size), adjoint, solved.transposed(), -0.5, false);
                product(MatrixMut::rows(&mut by_matrix, size, size), solved, adjoint.transposed(), -0.5, true);
                (narrow(by_matrix), narrow(by_right))
            })
            .collect();
        let (by_matrix, by_right): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        [by_matrix.concat(), by_right.concat()]
    }
}
