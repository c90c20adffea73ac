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
            let input = (columns > rows).then(|| tape.keep(self));
            let [left, right] = [0, 1].map(|output| tape.keep_output(&outputs[output], output as u32));
            move |by: Vec<Option<Self>>, step| {
                let (left, right) = (left.get(step)?, right.get(step)?);
                let (by_left, by_right) = (by[0].clone(), by[1].clone());
                let Some(input) = &input else { return of_tall(&left, &right, by_left, by_right) };
                // A = [X, Y] and R = [U, W] with X = Q·U, W = Qᵀ·Y.
                let last = left.rank() - 1;
                let part = |tensor: &Self, is_first: bool| match is_first {
                    true => tensor.slice(last, 0, rows),
                    false => tensor.slice(last, rows, columns),
                };
                let Some(by_right) = by_right else {
                    let by_first = of_tall(&left, &part(&right, true)?, by_left, None)?;
                    let none = part(&right, false)?.detach().full_like(0.0)?;
                    return Self::cat(&[by_first, none], last);
                };
                let by_rest = part(&by_right, false)?;
                let through = part(&input.get(step)?, false)?.times(&by_rest.turned()?)?;
                let by_left = total([by_left, Some(through)], &left)?;
                let by_first = of_tall(&left, &part(&right, true)?, Some(by_left), Some(part(&by_right, true)?))?;
                Self::cat(&[by_first, left.times(&by_rest)?], last)
            }
        });
        Ok((left, right))
    }
}

/// (gQ + Q·M)·R⁻ᵀ, where M has the upper triangle of gR·Rᵀ − Qᵀ·gQ and is symmetric.
fn of_tall(left: &Tensor, right: &Tensor, by_left: Option<Tensor>, by_right: Option<Tensor>) -> Result<Tensor> {
    let by_right = by_right.map(|by| by.times(&right.turned()?)).transpose()?;
    let inner = by_left.as_ref().map(|by| left.turned()?.times(by)?.neg()).transpose()?;
    let whole = total([by_right, inner], right)?;
    let symmetric = whole.kept_where(|i, j| i <= j)?.add(&whole.kept_where(|i, j| i < j)?.turned()?)?;
    let by_product = total([by_left, Some(left.times(&symmetric)?)], left)?;
    let upper = Triangular { upper: true, ..Triangular::default() };
    right.solve_triangular(&by_product.turned()?, upper)?.turned()
}
