//! The QR factorisation.

use super::{
    batch::Batch,
    rule::{record_outputs, total},
    triangular::Triangular,
};
use crate::{Result, Tensor, linalg};

const OP: &str = "qr";

impl Tensor {
    /// Q `[..., n, k]` with orthonormal columns and R `[..., k, m]`, zeros below its diagonal, of matrices `[..., n, m]`,
    /// k the smaller of n and m: A = Q·R, with LAPACK's signs. The gradient (Walter and Lehmann, "Algorithmic
    /// differentiation of linear algebra functions", 2012) is defined where the first k columns of A are independent.
    ///
    /// # Errors
    /// A tensor that is not float or has no 2 dims; matrices that are not finite. A gradient where R has a 0 on its
    /// diagonal.
    pub fn qr(&self) -> Result<(Self, Self)> {
        let batch = Batch::read(OP, self)?;
        let (rows, columns) = (batch.rows, batch.columns);
        let rank = rows.min(columns);
        let found = batch.map(|_, matrix| Ok(linalg::qr(matrix, rows, columns)))?;
        let (left, right) = found.into_iter().unzip();
        let outputs = [batch.tensor(left, &[rows, rank], self)?, batch.tensor(right, &[rank, columns], self)?];
        let [left, right] = record_outputs(OP, self, outputs.clone(), |tape| {
            let [left, right] = [0, 1].map(|output| tape.keep_output(&outputs[output], output as u32));
            move |by: Vec<Option<Self>>, step| gradient(&left.get(step)?, &right.get(step)?, &by[0], &by[1])
        });
        Ok((left, right))
    }
}

/// Q·gR + ((I − Q·Qᵀ)·gQ + Q·S)·U⁻ᵀ, where S is the strict lower triangle of G − Gᵀ, G = Qᵀ·gQ − gR·Rᵀ, and U the square
/// part of R, whose other columns have the first term alone. So nothing that cancels out is divided by U.
fn gradient(left: &Tensor, right: &Tensor, by_left: &Option<Tensor>, by_right: &Option<Tensor>) -> Result<Tensor> {
    let last = left.rank() - 1;
    let [rows, rank, columns] = [left.shape()[last - 1], left.shape()[last], right.shape()[last]];
    let within = by_left.as_ref().map(|by| left.turned()?.times(by)).transpose()?;
    let along = by_right.as_ref().map(|by| by.times(&right.turned()?)?.neg()).transpose()?;
    let whole = total([within.clone(), along], right)?;
    let turning = left.times(&whole.sub(&whole.turned()?)?.kept_where(|i, j| i > j)?)?;
    let outside = match (by_left, &within) {
        (Some(by), Some(within)) if rows > rank => Some(by.sub(&left.times(within)?)?),
        _ => None,
    };
    let inner = total([Some(turning), outside], left)?;
    let upper = Triangular { upper: true, ..Triangular::default() };
    let first = right.slice(last, 0, rank)?.solve_triangular(&inner.turned()?, upper)?.turned()?;
    let first = match columns > rank {
        true => Tensor::cat(&[first, right.slice(last, rank, columns)?.detach().full_like(0.0)?], last)?,
        false => first,
    };
    let by_right = by_right.as_ref().map(|by| left.times(by)).transpose()?;
    total([Some(first), by_right], left)
}
