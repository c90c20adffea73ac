//! Parts of matrices `[..., n, m]`, and products of whole batches in float32, for the rules of gradients.

use crate::{
    Error, Result, Tensor,
    tensor::{autocast::in_float32, shape},
};

impl Tensor {
    /// The last two dims swapped.
    pub(super) fn turned(&self) -> Result<Self> {
        self.transpose(self.rank() - 2, self.rank() - 1)
    }

    /// The matrix product, whatever the precision of products is.
    pub(super) fn times(&self, other: &Self) -> Result<Self> {
        in_float32(|| self.matmul(other))
    }

    /// Zeros where a function of row and column says no.
    pub(super) fn kept_where(&self, keep: impl Fn(usize, usize) -> bool) -> Result<Self> {
        let [rows, columns] = [self.shape()[self.rank() - 2], self.shape()[self.rank() - 1]];
        let left_out = (0..rows * columns).map(|place| !keep(place / columns, place % columns)).collect();
        self.masked_fill(&Self::from_bools(left_out, &[rows, columns], self.device())?, 0.0)
    }

    /// Each column times its number: a product with a diagonal matrix.
    pub(super) fn times_columns(&self, factors: &Self) -> Result<Self> {
        self.mul(&factors.unsqueeze(factors.rank() - 1)?)
    }

    /// Each row times its number: a diagonal matrix times this.
    pub(super) fn times_rows(&self, factors: &Self) -> Result<Self> {
        self.mul(&factors.unsqueeze(factors.rank())?)
    }

    /// A − Aᵀ.
    pub(super) fn skew(&self) -> Result<Self> {
        self.sub(&self.turned()?)
    }

    /// xⱼ − xᵢ of numbers `[..., n]` at row i and column j, and 1 on the diagonal: what is divided by.
    pub(super) fn gaps(&self) -> Result<Self> {
        let last = self.rank() - 1;
        let apart = self.unsqueeze(last)?.sub(&self.unsqueeze(last + 1)?)?;
        apart.add(&Self::eye(self.shape()[last], self.device())?)
    }

    /// The diagonals of matrices `[..., n, m]`, of any kind.
    pub(in crate::tensor) fn matrix_diagonals(&self) -> Result<Self> {
        let [lead @ .., rows, columns] = self.shape() else { return Ok(self.clone()) };
        let places: Vec<i32> = (0..*rows.min(columns)).map(|place| (place * (columns + 1)) as i32).collect();
        let places = Self::from_ints(places.clone(), &[places.len()], self.device())?;
        let flat = self.reshape(&[lead, &[rows * columns]].concat())?;
        flat.select_unchecked(lead.len(), &places)
    }
}

/// Two tensors of matrices with the dims before the last two broadcast.
///
/// # Errors
/// Those dims do not broadcast; two formats.
pub(super) fn with_common_lead(op: &'static str, left: &Tensor, right: &Tensor) -> Result<[Tensor; 2]> {
    let [(lead_left, rows), (lead_right, columns)] =
        [left, right].map(|tensor| tensor.shape().split_at(tensor.rank() - 2));
    left.want_dtype(op, right)?;
    let rule = format!("the dims before the last two must be equal or 1, {lead_left:?} and {lead_right:?} are not");
    let lead = shape::broadcast(op, lead_left, lead_right).map_err(|_| Error::Unfit {
        op,
        left: left.shape().to_vec(),
        right: right.shape().to_vec(),
        rule,
    })?;
    Ok([left.expand(&[&lead, rows].concat())?, right.expand(&[&lead, columns].concat())?])
}
