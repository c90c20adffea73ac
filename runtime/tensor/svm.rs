//! The dual of the multi-class support vector machine, with the gradient of its solution.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Kind, Tensor, autocast::in_float32, class_labels, host_matrix::symmetric, shape};
use crate::{
    Error, Result,
    linalg::Svm,
    memory,
    options::{Options, options, over},
    position,
    tape::{is_recording, record},
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
        if rank < 2
            || self.shape()[rank - 1] != self.shape()[rank - 2]
            || labels.shape()[..] != self.shape()[..rank - 1]
        {
            let rule = "it wants [..., n, n] and labels [..., n]".into();
            return Err(Error::Unfit { op: OP, left: self.shape().to_vec(), right: labels.shape().to_vec(), rule });
        }
        options.check(OP)?;
        if self.is_stored() {
            return self.cast(Kind::Float)?.svm_dual(labels, ways, options);
        }
        let rows = self.shape()[rank - 1];
        if ways > rows {
            return Err(Error::argument(OP, "ways", format!("at most the {rows} support rows"), ways));
        }
        let mut out = self.shape().to_vec();
        out[rank - 1] = ways;
        shape::check(OP, &out)?;
        // Copies of the host: what is read, and the matrices in float64 twice.
        memory::check_room(OP, self.len() * 3 * 8)?;
        let labels = class_labels(OP, labels, ways)?;
        let gram = self.doubles()?;
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
        let values = tasks.iter().flat_map(|task| &task.alpha).copied().collect();
        let output = Self::from_doubles(values, &out, self)?;
        let dual = Arc::new(SvmDual { ways, options, tasks });
        Ok(record(OP, [self], output.clone(), |tape| {
            let (gram, alpha) = (tape.keep(self), tape.keep_output(&output, 0));
            move |by: Self, step| {
                let gram = gram.get(step)?;
                Ok([Some(match is_recording() {
                    true => dual.adjoint(&gram, &by)?.slopes(&alpha.get(step)?)?,
                    false => dual.gradient(&gram, &by)?,
                })])
            }
        }))
    }

    /// −v·αᵀ made symmetric, for this v.
    fn slopes(&self, alpha: &Self) -> Result<Self> {
        let last = self.rank() - 1;
        let product = in_float32(|| self.matmul(&alpha.transpose(last - 1, last)?))?;
        product.add(&product.transpose(last - 1, last)?)?.mul_scalar(-0.5)
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

struct SvmDual {
    ways: usize,
    options: SvmOptions,
    tasks: Vec<SvmTask>,
}

impl SvmDual {
    /// dL/dK from dL/dα, both as functions of nothing else.
    fn gradient(&self, gram: &Tensor, by_alpha: &Tensor) -> Result<Tensor> {
        let values = self.each(by_alpha, |task, by| task.problem(self.ways, self.options).gradient(&task.alpha, by))?;
        Tensor::from_doubles(values, gram.shape(), gram)
    }

    /// v with P·K·P·v = P·dL/dα: see [`Svm::gradient`]. It is linear in dL/dα, and d v = −(P·K·P)⁻¹ · dK · v.
    fn adjoint(self: &Arc<Self>, gram: &Tensor, by_alpha: &Tensor) -> Result<Tensor> {
        let values = self.each(by_alpha, |task, by| task.problem(self.ways, self.options).adjoint(&task.alpha, by))?;
        let output = Tensor::from_doubles(values, by_alpha.shape(), by_alpha)?;
        Ok(record("svm_dual", [gram, by_alpha], output.clone(), |tape| {
            let (dual, gram, output) = (Arc::clone(self), tape.keep(gram), tape.keep_output(&output, 0));
            move |by: Tensor, step| {
                let adjoint = dual.adjoint(&gram.get(step)?, &by)?;
                Ok([step.of(0, || adjoint.slopes(&output.get(step)?))?, Some(adjoint.clone())])
            }
        }))
    }

    fn each(&self, by_alpha: &Tensor, of: impl Fn(&SvmTask, &[f64]) -> Vec<f64> + Sync) -> Result<Vec<f64>> {
        let (values, rows) = (by_alpha.doubles()?, self.tasks.first().map_or(1, |task| task.labels.len()));
        let tasks = values.par_chunks(rows * self.ways).zip(&self.tasks);
        let parts: Vec<Vec<f64>> = tasks.map(|(by_alpha, task)| of(task, by_alpha)).collect();
        Ok(parts.concat())
    }
}
