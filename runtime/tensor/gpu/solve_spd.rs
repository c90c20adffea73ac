//! Symmetric positive definite systems by batched Cholesky: `shaders/solve_spd_factor.wgsl` and
//! `shaders/solve_spd_substitute.wgsl`.

use super::{built_in, doubt, groups, one_group_each, output};
use crate::{
    Result,
    gpu::Launch,
    tensor::{
        Tensor,
        autocast::in_float32,
        operation::{Operation, Saved, record},
    },
};

/// X with A·X = B for A `[..., n, n]` and B `[..., n, m]`, in float32. A matrix that is not positive definite gives
/// NaN, and an error where that is read.
pub(in crate::tensor) fn solve_spd(
    op: &'static str,
    matrix: &Tensor,
    right: &Tensor,
    tolerance: f64,
) -> Result<Tensor> {
    let factor = factor(op, matrix, tolerance)?;
    let solution = substitute(&factor, right)?;
    let operation = SolveSpd { factor: Saved::new(&factor), solution: Saved::new(&solution) };
    record(op, [matrix, right], solution, operation)
}

fn factor(op: &'static str, matrix: &Tensor, tolerance: f64) -> Result<Tensor> {
    let kernel = built_in!("solve_spd_factor.wgsl");
    let size = matrix.shape()[matrix.rank() - 1];
    let count = matrix.len() / (size * size);
    let (factor, to) = output(matrix.shape(), matrix.device())?;
    let (found, first) = output(&[count, 2], matrix.device())?;
    let from = matrix.buffer()?;
    let launch = Launch::new(kernel).buffer("matrix", &from).buffer("factor", &to).buffer("found", &first);
    let launch = launch.scalar("count", count as f64).scalar("size", size as f64);
    let launch = launch.scalar("tolerance", tolerance).scalar("not_definite", f64::NAN);
    launch.dispatch(matrix.device(), one_group_each(count, matrix.device()))?;
    doubt::note(op, found);
    Ok(factor)
}

fn substitute(factor: &Tensor, right: &Tensor) -> Result<Tensor> {
    let kernel = built_in!("solve_spd_substitute.wgsl");
    let (size, columns) = (right.shape()[right.rank() - 2], right.shape()[right.rank() - 1]);
    let count = right.len() / (size * columns);
    let (solution, to) = output(right.shape(), right.device())?;
    let [factor, from] = [factor.buffer()?, right.buffer()?];
    let launch = Launch::new(kernel).buffer("factor", &factor).buffer("right", &from).buffer("solution", &to);
    let launch = launch.scalar("count", count as f64).scalar("size", size as f64).scalar("columns", columns as f64);
    launch.dispatch(right.device(), groups(kernel, count * columns, right.device()))?;
    Ok(solution)
}

#[derive(Clone, Debug)]
struct SolveSpd {
    factor: Saved,
    solution: Saved,
}

impl Operation<2> for SolveSpd {
    /// With G = dL/dX: dL/dB = A⁻¹·G, dL/dA = −A⁻¹·G·Xᵀ made symmetric.
    fn backward(&self, by_output: &Tensor, wanted: [bool; 2]) -> Result<[Option<Tensor>; 2]> {
        let by_right = substitute(&self.factor.tensor(), by_output)?;
        let by_matrix = match wanted[0] {
            false => None,
            true => {
                let solution = self.solution.tensor();
                let last = solution.rank() - 1;
                let transposed = solution.transpose(last - 1, last)?;
                let product = in_float32(|| by_right.matmul(&transposed))?;
                Some(product.add(&product.transpose(last - 1, last)?)?.mul_scalar(-0.5)?)
            }
        };
        Ok([by_matrix, wanted[1].then_some(by_right)])
    }
}
