//! The dual of the multi-class support vector machine, with the gradient of its solution.

use rayon::prelude::*;

use super::{
    Kind, Tensor, class_labels,
    host_matrix::{narrow, symmetric, wide},
    host_operation::{HostOperation, record},
    shape,
};
use crate::{
    Error, Result,
    linalg::Svm,
    memory,
    options::{Options, options, over},
    position,
};

options! {
    /// How the dual of the support vector machine is solved.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct SvmOptions {
        /// The bound on the weight of a support row.
        pub c: f64 = 0.1, in over(0.0);
        /// The solver stops once no pair of a row's entries violates optimality by more than this. A violation of over
        /// 100 times this after all sweeps is an error.
        pub tolerance: f64 = 1e-5, in over(0.0);
        /// The most passes over the rows.
        pub sweeps: usize = 500, in 1..;
    }
}

/// Rows of almost one direction, as those of an untrained encoder may be, take long to the last digit; a solution is
/// of use until its violation of optimality is so many times the tolerance.
const UNFINISHED: f64 = 100.0;

/// What float32 may add to a product of two embeddings.
const ROUNDING: f64 = 1e-5;

impl Tensor {
    /// α `[..., n, ways]` of Crammer and Singer's dual for the Gram matrix of the support rows `[..., n, n]` and their
    /// labels, int `[..., n]` from 0 (see [`Svm`]), solved in float64 on the host. The gradient is that of the solution
    /// (implicit function theorem).
    ///
    /// # Errors
    /// Shapes that do not fit; more ways than rows, or a label that is no class; a Gram matrix that is not finite, not
    /// symmetric, or impossible by its diagonal; options out of range; no convergence.
    pub fn svm_dual(&self, labels: &Self, ways: usize, options: SvmOptions) -> Result<Self> {
        const OP: &str = "svm_dual";
        self.want_float(OP)?;
        labels.want(OP, Kind::Int)?;
        let rank = self.rank();
        if rank < 2 || self.shape[rank - 1] != self.shape[rank - 2] || labels.shape[..] != self.shape[..rank - 1] {
            let rule = "it wants [..., n, n] and labels [..., n]".into();
            return Err(Error::Unfit { op: OP, left: self.shape.clone(), right: labels.shape.clone(), rule });
        }
        options.check(OP)?;
        let rows = self.shape[rank - 1];
        if ways > rows {
            return Err(Error::argument(OP, "ways", format!("at most the {rows} support rows"), ways));
        }
        let mut out = self.shape.clone();
        out[rank - 1] = ways;
        shape::check(OP, &out)?;
        // Copies of the host: what is read, and the matrices in float64 twice.
        memory::check_room(OP, self.len() * (4 + 2 * 8))?;
        let labels = class_labels(OP, labels, ways)?;
        let gram = self.floats()?;
        let tasks: Vec<SvmTask> = gram
            .par_chunks(rows * rows)
            .zip(labels.par_chunks(rows))
            .enumerate()
            .map(|(number, (gram, labels))| {
                let gram = positive(number, symmetric(number, gram, rows)?, rows)?;
                let mut task = SvmTask { gram, labels: labels.to_vec(), alpha: Vec::new() };
                let found = task.problem(ways, options).solve();
                if found.violation > UNFINISHED * options.tolerance {
                    let (number, sweeps) = (position::number(number), options.sweeps);
                    return Err(format!(
                        "matrix {number} still violates optimality by {:.1e} after {sweeps} sweeps",
                        found.violation
                    ));
                }
                task.alpha = found.alpha;
                Ok(task)
            })
            .collect::<Result<_, String>>()
            .map_err(|reason| Error::State { op: OP, reason })?;
        let values = tasks.iter().flat_map(|task| &task.alpha).map(|value| *value as f32).collect();
        let output = Self::from_floats(values, &out, &self.device)?;
        record(OP, [self], output, SvmDual { ways, options, tasks })
    }
}

/// Refuses what cannot be a Gram matrix by its diagonal: |Kᵢⱼ|² is at most KᵢᵢKⱼⱼ.
fn positive(number: usize, gram: Vec<f64>, rows: usize) -> Result<Vec<f64>, String> {
    let diagonal = |row: usize| gram[row * rows + row];
    let fits = |row: usize, column: usize| {
        let limit = diagonal(row) * diagonal(column);
        diagonal(row) >= 0.0 && gram[row * rows + column].powi(2) <= limit * (1.0 + ROUNDING) + ROUNDING
    };
    match (0..rows * rows).find(|place| !fits(place / rows, place % rows)) {
        None => Ok(gram),
        Some(place) => {
            let (row, column) = (position::number(place / rows), position::number(place % rows));
            Err(format!(
                "matrix {} is no Gram matrix: its entry [{row}, {column}] is {}",
                position::number(number),
                gram[place]
            ))
        }
    }
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
