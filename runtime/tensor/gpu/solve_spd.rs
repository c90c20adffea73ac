//! Symmetric positive definite systems by batched Cholesky: `shaders/solve_spd_factor.wgsl` and
//! `shaders/solve_spd_substitute.wgsl`.

use super::{built_in, doubt, groups, one_group_each, output};
use crate::{
    Result,
    gpu::Launch,
    tape::{is_recording, record},
    tensor::{Tensor, in_float32, solve_spd::adjoint},
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
    // With G = dL/dX: dL/dB = A⁻¹·G, dL/dA = −A⁻¹·G·Xᵀ made symmetric.
    Ok(record(op, [matrix, right], solution.clone(), |tape| {
        let (matrix, factor, solution) = (tape.keep(matrix), tape.keep(&factor), tape.keep_output(&solution, 0));
        move |by: Tensor, step| {
            let solution = solution.get(step)?;
            if is_recording() {
                return adjoint(&matrix.get(step)?, &solution, &by);
            }
            let by_right = substitute(&factor.get(step)?, &by)?;
            let by_matrix = || {
                let last = solution.rank() - 1;
                let transposed = solution.transpose(last - 1, last)?;
                let product = in_float32(|| by_right.matmul(&transposed))?;
                product.add(&product.transpose(last - 1, last)?)?.mul_scalar(-0.5)
            };
            Ok([step.of(0, by_matrix)?, Some(by_right.clone())])
        }
    }))
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
