//! Squared distances between rows: `shaders/squared_distances.wgsl` and `shaders/squared_distances_backward.wgsl`.

use super::{built_in, groups, one_group_each, output};
use crate::{
    Result,
    gpu::Launch,
    tape::{is_recording, record},
    tensor::{Tensor, squared_distances::by_rows},
};

/// ‖aᵢ − bⱼ‖² for rows of `[..., n, d]` and `[..., m, d]`: `[..., n, m]`.
pub(in crate::tensor) fn squared_distances(op: &'static str, left: &Tensor, right: &Tensor) -> Result<Tensor> {
    let kernel = built_in!("squared_distances.wgsl");
    let sizes = Sizes::of(left, right);
    let mut shape = left.shape().to_vec();
    shape[left.rank() - 1] = sizes.columns;
    let (distances, to) = output(&shape, left.device())?;
    let [from, other] = [left.buffer()?, right.buffer()?];
    let launch = Launch::new(kernel).buffer("left", &from).buffer("right", &other).buffer("output", &to);
    let launch = launch.scalar("count", sizes.count as f64).scalar("rows", sizes.rows as f64);
    let launch = launch.scalar("columns", sizes.columns as f64).scalar("width", sizes.width as f64);
    let side = kernel.interface().workgroup.map(|side| side as usize);
    let tiles = sizes.columns.div_ceil(side[0]) * sizes.rows.div_ceil(side[1]) * sizes.count;
    launch.dispatch(left.device(), one_group_each(tiles, left.device()))?;
    Ok(record(op, [left, right], distances, |tape| {
        let (left, right) = (tape.keep(left), tape.keep(right));
        move |by: Tensor, step| {
            let (left, right) = (left.get(step)?, right.get(step)?);
            if is_recording() {
                return by_rows(&left, &right, &by, step);
            }
            let columns = right.shape()[right.rank() - 2];
            let by_left = || by_side(&left, &right, &by, [columns, 1]);
            Ok([step.of(0, by_left)?, step.of(1, || by_side(&right, &left, &by, [1, columns]))?])
        }
    }))
}

struct Sizes {
    count: usize,
    rows: usize,
    columns: usize,
    width: usize,
}

impl Sizes {
    fn of(left: &Tensor, right: &Tensor) -> Self {
        let (rows, width) = (left.shape()[left.rank() - 2], left.shape()[left.rank() - 1]);
        Self { count: left.len() / (rows * width), rows, columns: right.shape()[right.rank() - 2], width }
    }
}

/// The gradient by `rows`; `strides` lead from a row's distances to the next row's, and from one distance to the next.
fn by_side(rows: &Tensor, others: &Tensor, by_output: &Tensor, strides: [usize; 2]) -> Result<Tensor> {
    let kernel = built_in!("squared_distances_backward.wgsl");
    let sizes = Sizes::of(rows, others);
    let (gradient, to) = output(rows.shape(), rows.device())?;
    let [from, other, by_output] = [rows.buffer()?, others.buffer()?, by_output.buffer()?];
    let launch = Launch::new(kernel).buffer("rows", &from).buffer("others", &other).buffer("output", &to);
    let launch = launch.buffer("by_distance", &by_output).scalar("count", sizes.count as f64);
    let launch = launch.scalar("size", sizes.rows as f64).scalar("other_size", sizes.columns as f64);
    let launch = launch.scalar("width", sizes.width as f64);
    let launch = launch.scalar("stride", strides[0] as f64).scalar("other_stride", strides[1] as f64);
    launch.dispatch(rows.device(), groups(kernel, rows.len(), rows.device()))?;
    Ok(gradient)
}
