//! Linear algebra with gradients: solving symmetric positive definite systems, squared distances, the dual of the
//! multi-class support vector machine. Batches of matrices stand in leading dims.

use rayon::prelude::*;

use super::{
    Kind, Tensor,
    host_operation::{HostOperation, record},
    shape,
};
use crate::{
    Error, Result,
    linalg::{Cholesky, Matrix, MatrixMut, Svm, product},
};

/// Pivots below this share of the largest diagonal entry are rounding errors of float32.
const PIVOT_TOLERANCE: f64 = f32::EPSILON as f64;

/// How far a symmetric matrix may be from its transpose, relative to its largest entry.
const ASYMMETRY: f64 = 1e-3;

/// How the dual of the support vector machine is solved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SvmOptions {
    /// The bound C on the weight of a support row.
    pub c: f64,
    /// No pair of a row's entries may violate optimality by more.
    pub tolerance: f64,
    /// The most passes over the rows.
    pub sweeps: usize,
}

impl Default for SvmOptions {
    fn default() -> Self {
        Self { c: 0.1, tolerance: 1e-5, sweeps: 2000 }
    }
}

impl Tensor {
    /// X with A·X = B, for symmetric positive definite A `[..., n, n]` and B `[..., n, m]`, by Cholesky in float64 on
    /// the host. With G = dL/dX: dL/dB = A⁻¹·G, dL/dA = −A⁻¹·G·Xᵀ made symmetric.
    ///
    /// # Errors
    /// Shapes that do not fit; an A that is not finite, not symmetric, or not positive definite in float32.
    pub fn solve_spd(&self, right: &Self) -> Result<Self> {
        const OP: &str = "solve_spd";
        self.want_float(OP)?;
        right.want_float(OP)?;
        self.want_device(OP, right)?;
        let rank = self.rank();
        let fits = rank >= 2 && right.rank() == rank && self.shape[..rank - 1] == right.shape[..rank - 1];
        if !fits || self.shape[rank - 1] != self.shape[rank - 2] {
            return Err(Error::Shapes { op: OP, left: self.shape.clone(), right: right.shape.clone() });
        }
        let (size, columns) = (self.shape[rank - 1], right.shape[rank - 1]);
        let (matrices, right_sides) = (self.floats()?, right.floats()?);
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

    /// ‖aᵢ − bⱼ‖² of the rows of `[..., n, d]` and `[..., m, d]`: `[..., n, m]`, never negative. Computed as
    /// ‖a‖² + ‖b‖² − 2a·b about the mean row of b, which keeps rows far from the origin exact.
    ///
    /// # Errors
    /// Shapes that do not fit.
    pub fn squared_distances(&self, other: &Self) -> Result<Self> {
        const OP: &str = "squared_distances";
        self.want_float(OP)?;
        other.want_float(OP)?;
        self.want_device(OP, other)?;
        let rank = self.rank();
        let fits = rank >= 2
            && other.rank() == rank
            && self.shape[..rank - 2] == other.shape[..rank - 2]
            && self.shape[rank - 1] == other.shape[rank - 1];
        if !fits {
            return Err(Error::Shapes { op: OP, left: self.shape.clone(), right: other.shape.clone() });
        }
        // Distances do not depend on the origin, so no gradient flows through it.
        let origin = other.detach().mean(Some(rank - 2), true)?;
        let (left, right) = (self.sub(&origin)?, other.sub(&origin)?);
        let squares = |rows: &Self| rows.mul(rows)?.sum(Some(rank - 1), true);
        let cross = left.matmul(&right.transpose(rank - 2, rank - 1)?)?.mul_scalar(-2.0)?;
        let sum = cross.add(&squares(&left)?)?.add(&squares(&right)?.transpose(rank - 2, rank - 1)?)?;
        sum.relu()
    }

    /// α `[..., n, ways]` of Crammer and Singer's dual for the Gram matrix of the support rows `[..., n, n]` and their
    /// labels, int `[..., n]` from 0 (see [`Svm`]), solved in float64 on the host. The gradient is that of the solution
    /// (implicit function theorem).
    ///
    /// # Errors
    /// Shapes that do not fit; a label that is no class; a Gram matrix that is not finite or not symmetric; options out
    /// of range.
    pub fn svm_dual(&self, labels: &Self, ways: usize, options: SvmOptions) -> Result<Self> {
        const OP: &str = "svm_dual";
        self.want_float(OP)?;
        labels.want(OP, Kind::Int)?;
        let rank = self.rank();
        if rank < 2 || self.shape[rank - 1] != self.shape[rank - 2] || labels.shape[..] != self.shape[..rank - 1] {
            return Err(Error::Shapes { op: OP, left: self.shape.clone(), right: labels.shape.clone() });
        }
        for (name, value) in [("c", options.c), ("tolerance", options.tolerance)] {
            if !(value.is_finite() && value > 0.0) {
                return Err(Error::argument(OP, name, "a number over 0", value));
            }
        }
        let rows = self.shape[rank - 1];
        let mut out = self.shape.clone();
        out[rank - 1] = ways;
        shape::check(OP, &out)?;
        let labels = class_labels(OP, labels, ways)?;
        let gram = self.floats()?;
        let tasks: Vec<SvmTask> = gram
            .par_chunks(rows * rows)
            .zip(labels.par_chunks(rows))
            .enumerate()
            .map(|(number, (gram, labels))| {
                let mut task =
                    SvmTask { gram: symmetric(number, gram, rows)?, labels: labels.to_vec(), alpha: Vec::new() };
                task.alpha = task.problem(ways, options).solve().alpha;
                Ok(task)
            })
            .collect::<Result<_, String>>()
            .map_err(|reason| Error::State { op: OP, reason })?;
        let values = tasks.iter().flat_map(|task| &task.alpha).map(|value| *value as f32).collect();
        let output = Self::from_floats(values, &out, &self.device)?;
        record(OP, [self], output, SvmDual { ways, options, tasks })
    }
}

/// Labels of ints from 0, checked against the number of classes.
pub(crate) fn class_labels(op: &'static str, labels: &Tensor, classes: usize) -> Result<Vec<usize>> {
    let checked = labels.ints(op)?.into_iter().map(|label| match usize::try_from(label) {
        Ok(class) if class < classes => Ok(class),
        _ => {
            let range = format!("there are {classes} classes");
            Err(Error::OutOfRange { op, what: "label", got: i64::from(label) + 1, range })
        }
    });
    checked.collect()
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

/// The matrix of a batch in float64, its two triangles made equal; or what is wrong with it.
fn symmetric(number: usize, matrix: &[f32], size: usize) -> Result<Vec<f64>, String> {
    let number = number + 1;
    let mut matrix = wide(matrix);
    if !matrix.iter().all(|value| value.is_finite()) {
        return Err(format!("matrix {number} is not finite"));
    }
    let largest = matrix.iter().fold(0.0, |most, value| f64::max(most, value.abs()));
    for row in 0..size {
        for column in 0..row {
            let (below, above) = (matrix[row * size + column], matrix[column * size + row]);
            if (below - above).abs() > ASYMMETRY * largest {
                let (i, j) = (row + 1, column + 1);
                return Err(format!("matrix {number} is not symmetric: {below} at [{i}, {j}], {above} at [{j}, {i}]"));
            }
            let mean = (below + above) / 2.0;
            (matrix[row * size + column], matrix[column * size + row]) = (mean, mean);
        }
    }
    Ok(matrix)
}

fn factor(number: usize, matrix: &[f32], size: usize) -> Result<Cholesky, String> {
    Cholesky::new(symmetric(number, matrix, size)?, size, PIVOT_TOLERANCE).map_err(|found| {
        let (position, pivot) = (found.position + 1, found.pivot);
        format!("matrix {} is not positive definite: pivot {position} is {pivot:.3e}", number + 1)
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

fn narrow(values: Vec<f64>) -> Vec<f32> {
    values.into_iter().map(|value| value as f32).collect()
}

#[derive(Clone, Debug)]
struct SvmTask {
    gram: Vec<f64>,
    labels: Vec<usize>,
    alpha: Vec<f64>,
}

impl SvmTask {
    fn problem(&self, ways: usize, options: SvmOptions) -> Svm<'_> {
        let SvmOptions { c, tolerance, sweeps } = options;
        Svm { gram: &self.gram, labels: &self.labels, ways, c, tolerance, sweeps }
    }
}

#[derive(Clone, Debug)]
struct SvmDual {
    ways: usize,
    options: SvmOptions,
    tasks: Vec<SvmTask>,
}

impl HostOperation<1> for SvmDual {
    fn backward(&self, by_output: &[f32]) -> [Vec<f32>; 1] {
        let rows = self.tasks.first().map_or(1, |task| task.labels.len());
        let tasks = by_output.par_chunks(rows * self.ways).zip(&self.tasks);
        let parts: Vec<Vec<f32>> = tasks
            .map(|(by_alpha, task)| {
                narrow(task.problem(self.ways, self.options).gradient(&task.alpha, &wide(by_alpha)))
            })
            .collect();
        [parts.concat()]
    }
}
