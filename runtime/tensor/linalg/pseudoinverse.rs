//! Moore and Penrose's inverse, and least squares, which it solves.

use super::{batch::Batch, parts::with_common_lead, svd::unfinished};
use crate::{Error, Result, Tensor, linalg, tape::record, tensor::DType};

impl Tensor {
    /// The pseudoinverse `[..., m, n]` of matrices `[..., n, m]`. Singular values of at most `cut` times the largest
    /// count as 0; by default max(n, m) · 2⁻²³, in float64 2⁻⁵². The gradient (Golub and Pereyra, 1973) is that of a rank that stays.
    ///
    /// # Errors
    /// A tensor that is not float or has no 2 dims; matrices that are not finite.
    pub fn pinv(&self, cut: Option<f64>) -> Result<Self> {
        self.pseudoinverse("pinv", cut)
    }

    fn pseudoinverse(&self, op: &'static str, cut: Option<f64>) -> Result<Self> {
        let batch = Batch::read(op, self)?;
        let (rows, columns) = (batch.rows, batch.columns);
        let cut = cut.unwrap_or_else(|| default_cut(rows, columns, self.dtype()));
        let found = batch.map(|_, matrix| linalg::pseudoinverse(matrix, rows, columns, cut).map_err(unfinished))?;
        let inverse = batch.tensor(found, &[columns, rows], self)?;
        Ok(record(op, [self], inverse.clone(), |tape| {
            let (matrix, inverse) = (tape.keep(self), tape.keep_output(&inverse, 0));
            move |by: Self, step| Ok([Some(of_inverse(&matrix.get(step)?, &inverse.get(step)?, &by)?)])
        }))
    }

    /// X `[..., m, k]` of the least norm of those that make ‖A·X − B‖ least, for A `[..., n, m]` and B `[..., n, k]`, or
    /// vectors `[..., n]`, by singular values. Leading dims broadcast. Singular values count as in [`Tensor::pinv`].
    ///
    /// # Errors
    /// Shapes that do not fit; matrices that are not finite.
    pub fn lstsq(&self, right: &Self, cut: Option<f64>) -> Result<Self> {
        const OP: &str = "lstsq";
        self.want_computed(OP)?;
        right.want_computed(OP)?;
        self.want_device(OP, right)?;
        let is_vector = self.rank() >= 2 && (right.rank() == 1 || right.shape() == &self.shape()[..self.rank() - 1]);
        let sides = if is_vector { right.unsqueeze(right.rank())? } else { right.clone() };
        let fits = self.rank() >= 2 && sides.rank() >= 2;
        if !fits || sides.shape()[sides.rank() - 2] != self.shape()[self.rank() - 2] {
            let rule = "it wants [..., n, m], and [..., n, k] or [..., n]".into();
            return Err(Error::Unfit { op: OP, left: self.shape().to_vec(), right: right.shape().to_vec(), rule });
        }
        let [matrix, sides] = with_common_lead(OP, self, &sides)?;
        let solved = matrix.least_squares(OP, &sides, cut)?;
        if is_vector { solved.squeeze(Some(solved.rank() - 1)) } else { Ok(solved) }
    }

    /// A⁺·B of equal leading dims.
    fn least_squares(&self, op: &'static str, right: &Self, cut: Option<f64>) -> Result<Self> {
        let (batch, sides) = (Batch::read(op, self)?, Batch::read(op, right)?);
        let sizes = [batch.rows, batch.columns, sides.columns];
        let cut = cut.unwrap_or_else(|| default_cut(batch.rows, batch.columns, self.dtype()));
        let solved = batch.map(|position, matrix| {
            linalg::least_squares(matrix, sides.matrix(position), sizes, cut).map_err(unfinished)
        })?;
        let solved = batch.tensor(solved, &sizes[1..], right)?;
        Ok(record(op, [self, right], solved, |tape| {
            let (matrix, right) = (tape.keep(self), tape.keep_for(0, right));
            move |by: Self, step| {
                let matrix = matrix.get(step)?;
                let inverse = matrix.pseudoinverse(op, Some(cut))?;
                let by_matrix = step.of(0, || {
                    let right = right.as_ref().expect("what is wanted is on the tape, and was kept for").get(step)?;
                    of_inverse(&matrix, &inverse, &by.times(&right.turned()?)?)
                })?;
                Ok([by_matrix, step.of(1, || inverse.turned()?.times(&by))?])
            }
        }))
    }
}

/// What PyTorch takes for 0, relative to the largest singular value of a matrix of a format.
pub(super) fn default_cut(rows: usize, columns: usize, dtype: DType) -> f64 {
    let epsilon = if dtype == DType::Float64 { f64::EPSILON } else { f32::EPSILON.into() };
    rows.max(columns) as f64 * epsilon
}

/// dL/dA from the gradient G by P = A⁺: −Pᵀ·G·Pᵀ + (I − A·P)·Gᵀ·P·Pᵀ + Pᵀ·P·Gᵀ·(I − P·A).
fn of_inverse(matrix: &Tensor, inverse: &Tensor, by: &Tensor) -> Result<Tensor> {
    let (turned, by_turned) = (inverse.turned()?, by.turned()?);
    let inside = turned.times(by)?.times(&turned)?.neg()?;
    let below = by_turned.times(inverse)?.times(&turned)?;
    let beside = turned.times(inverse)?.times(&by_turned)?;
    let below = below.sub(&matrix.times(&inverse.times(&below)?)?)?;
    let beside = beside.sub(&beside.times(inverse)?.times(matrix)?)?;
    inside.add(&below)?.add(&beside)
}
