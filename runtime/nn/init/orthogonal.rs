//! Orthogonal matrices, uniformly distributed (Saxe et al. 2014; Mezzadri, "How to generate random matrices from the
//! classical compact groups", 2007).

use crate::{Error, Result, linalg, memory, rng::Draws};

/// `[rows, columns]`, the rows or the columns orthonormal, whichever are fewer, times a gain. Dims behind the first are
/// columns.
pub(super) fn orthogonal(draws: &mut Draws, shape: &[usize], gain: f64) -> Result<Vec<f32>> {
    let (count, rows) = (shape.iter().product::<usize>(), shape[0]);
    let columns = count.checked_div(rows).unwrap_or(0);
    let (long, short) = (rows.max(columns), rows.min(columns));
    let mut normal = memory::list("parameter", count)?;
    normal.extend((0..count).map(|_| draws.wide_normal()));
    let (q, r) = linalg::qr(&normal, long, short);
    // Without the signs of R's diagonal the distribution would be that of a particular algorithm.
    let sign = |column: usize| if r[column * short + column] < 0.0 { -gain } else { gain };
    let mut values = memory::list("parameter", count)?;
    values.extend((0..count).map(|at| {
        let (row, column) = (at / columns, at % columns);
        let (i, j) = if rows >= columns { (row, column) } else { (column, row) };
        (q[i * short + j] * sign(j)) as f32
    }));
    Ok(values)
}

/// Refuses what has no rows and columns.
pub(super) fn check(shape: &[usize]) -> Result<()> {
    if shape.len() < 2 {
        let want = "orthogonal wants 2 dims or more".into();
        return Err(Error::Shape { op: "init".into(), want, got: shape.to_vec() });
    }
    Ok(())
}
