//! Singular values and vectors.

use super::{
    batch::Batch,
    rule::{record_outputs, total},
};
use crate::{
    Result, Tensor,
    linalg::{self, NoConvergence, Svd},
};

impl Tensor {
    /// U `[..., n, k]`, S `[..., k]` in descending order and Vᵀ `[..., k, m]` of matrices `[..., n, m]`, k the smaller
    /// of n and m: A = U·diag(S)·Vᵀ. With `full` U is `[..., n, n]` and Vᵀ `[..., m, m]`; what is more has no gradient.
    /// The gradient (Townsend, "Differentiating the singular value decomposition", 2016) is defined for distinct
    /// singular values, through vectors of a matrix that is not square for those over 0, and for what does not depend
    /// on the vectors' signs.
    ///
    /// # Errors
    /// A tensor that is not float or has no 2 dims; matrices that are not finite.
    pub fn svd(&self, full: bool) -> Result<(Self, Self, Self)> {
        self.svd_in("svd", full)
    }

    pub(super) fn svd_in(&self, op: &'static str, full: bool) -> Result<(Self, Self, Self)> {
        let batch = Batch::read(op, self)?;
        let (rows, columns) = (batch.rows, batch.columns);
        let rank = rows.min(columns);
        let found = batch.map(|_, matrix| Svd::new(matrix, rows, columns, full).map_err(unfinished))?;
        let (mut left, mut values, mut right) = (Vec::new(), Vec::new(), Vec::new());
        for svd in found {
            left.push(svd.left);
            values.push(svd.values);
            right.push(svd.right);
        }
        let outputs = [
            batch.tensor(left, &[rows, if full { rows } else { rank }], self)?,
            batch.tensor(values, &[rank], self)?,
            batch.tensor(right, &[if full { columns } else { rank }, columns], self)?,
        ];
        let [left, values, right] = record_outputs(op, self, outputs.clone(), |tape| {
            let [left, values, right] = [0, 1, 2].map(|output| tape.keep_output(&outputs[output], output as u32));
            move |by: Vec<Option<Self>>, step| {
                let reduced = Factors {
                    left: left.get(step)?.first(1, rank)?,
                    values: values.get(step)?,
                    right: right.get(step)?.first(2, rank)?.turned()?,
                };
                let by_left = by[0].as_ref().map(|by| by.first(1, rank)).transpose()?;
                let by_right = by[2].as_ref().map(|by| by.first(2, rank)?.turned()).transpose()?;
                reduced.gradient(by_left, by[1].clone(), by_right)
            }
        });
        Ok((left, values, right))
    }

    /// The singular values of [`Tensor::svd`] alone. Their gradient is defined for equal ones, too.
    ///
    /// # Errors
    /// As [`Tensor::svd`].
    pub fn svdvals(&self) -> Result<Self> {
        self.svdvals_in("svdvals")
    }

    pub(super) fn svdvals_in(&self, op: &'static str) -> Result<Self> {
        if self.is_tracked() {
            return Ok(self.svd_in(op, false)?.1);
        }
        let batch = Batch::read(op, self)?;
        let (rows, columns) = (batch.rows, batch.columns);
        let found = batch.map(|_, matrix| linalg::singular_values(matrix, rows, columns).map_err(unfinished))?;
        batch.tensor(found, &[rows.min(columns)], self)
    }

    /// The first positions of the dim that is so many from the end.
    fn first(&self, from_end: usize, count: usize) -> Result<Self> {
        let dim = self.rank() - from_end;
        if self.shape()[dim] == count { Ok(self.clone()) } else { self.slice(dim, 0, count) }
    }
}

pub(super) fn unfinished(_: NoConvergence) -> String {
    "has singular values that do not converge".into()
}

/// U `[..., n, k]`, S `[..., k]` and V `[..., m, k]`.
struct Factors {
    left: Tensor,
    values: Tensor,
    right: Tensor,
}

impl Factors {
    /// dL/dA from the gradients by U, S and V: U·(skew(Uᵀ·gU)/E·S + S·skew(Vᵀ·gV)/E + diag(gS))·Vᵀ with Eᵢⱼ = sⱼ² − sᵢ²,
    /// and what reaches out of the columns of U and of V.
    fn gradient(&self, by_left: Option<Tensor>, by_values: Option<Tensor>, by_right: Option<Tensor>) -> Result<Tensor> {
        let Self { left, values, right } = self;
        let gaps = || values.mul(values)?.gaps();
        let inner = |side: &Tensor, by: &Tensor| side.turned()?.times(by);
        // U·(…) and (…)·Vᵀ.
        let (mut before, mut after) = (Vec::new(), Vec::new());
        if let Some(by) = &by_values {
            before.push(left.times_columns(by)?);
        }
        if let Some(by) = &by_left {
            let own = inner(left, by)?;
            before.push(left.times(&own.skew()?.div(&gaps()?)?.times_columns(values)?)?);
            if left.shape()[left.rank() - 2] > values.shape()[values.rank() - 1] {
                before.push(by.sub(&left.times(&own)?)?.div(&values.unsqueeze(values.rank() - 1)?)?);
            }
        }
        if let Some(by) = &by_right {
            let own = inner(right, by)?;
            before.push(left.times(&own.skew()?.div(&gaps()?)?.times_rows(values)?)?);
            if right.shape()[right.rank() - 2] > values.shape()[values.rank() - 1] {
                let out = by.sub(&right.times(&own)?)?.div(&values.unsqueeze(values.rank() - 1)?)?;
                after.push(left.times(&out.turned()?)?);
            }
        }
        let whole = (!before.is_empty()).then(|| total(before.into_iter().map(Some), left)?.times(&right.turned()?));
        total([whole.transpose()?, after.pop()], left)
    }
}
