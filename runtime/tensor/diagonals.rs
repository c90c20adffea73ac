//! Diagonals of matrices, and what lies on either side of them.

use super::{PadMode, Tensor, flat::strides, shape, size::MAX_ELEMENTS};
use crate::{Error, Result};

impl Tensor {
    /// The diagonal of the matrices in two dims, as the last dim: those elements whose position in the second is larger
    /// by `offset` than in the first.
    ///
    /// # Errors
    /// Dims that are no two different ones.
    pub fn diagonal(&self, offset: i64, [first, second]: [usize; 2]) -> Result<Self> {
        const OP: &str = "diagonal";
        self.check_dims(OP, &[first, second])?;
        // What is further off is outside of every matrix.
        let offset = offset.clamp(-(MAX_ELEMENTS as i64), MAX_ELEMENTS as i64);
        let [rows, columns] = [first, second].map(|dim| self.shape()[dim] as i64);
        let count = (rows + offset.min(0)).min(columns - offset.max(0)).max(0) as usize;
        let others: Vec<usize> = (0..self.rank()).filter(|dim| ![first, second].contains(dim)).collect();
        let matrices = self.permute(&[others.as_slice(), &[first, second]].concat())?;
        let mut out: Vec<usize> = others.iter().map(|dim| self.shape()[*dim]).collect();
        let before = out.iter().product();
        out.push(count);
        shape::check(OP, &out)?;
        let start = (-offset.min(0) * columns + offset.max(0)) as usize;
        let positions = (0..count).map(|row| start + row * (columns as usize + 1));
        let matrices = matrices.reshape(&[before, (rows * columns) as usize])?;
        matrices.select_unchecked(1, &Self::of_positions(positions, self)?)?.reshape(&out)
    }

    /// Matrices with the last dim on the diagonal, `offset` above the main one, and 0 elsewhere: `[..., n]` to
    /// `[..., n + |offset|, n + |offset|]`.
    ///
    /// # Errors
    /// A scalar; a result that no tensor can be.
    pub fn diag_embed(&self, offset: i64) -> Result<Self> {
        const OP: &str = "diag_embed";
        let Some((count, before)) = self.shape().split_last() else {
            return Err(Error::Shape { op: OP.into(), want: "wants at least 1 dim".into(), got: Vec::new() });
        };
        let side = count.saturating_add(offset.unsigned_abs() as usize);
        let out = [before, &[side, side]].concat();
        shape::check(OP, &out)?;
        // On the diagonal each element has a row of its own, so the last ones may be anything.
        let widths = [[0, (side - count) as i64]];
        let padded = self.pad(&widths, PadMode::Constant, 0.0)?;
        let spread = padded.unsqueeze(if offset < 0 { self.rank() - 1 } else { self.rank() })?.expand(&out)?;
        let is_off = off_diagonal(&out, self, |row, column| column - row != offset)?;
        spread.masked_fill(&is_off, 0.0)
    }

    /// A vector as the diagonal of a matrix, or the diagonal of a matrix as a vector.
    ///
    /// # Errors
    /// A tensor of neither 1 nor 2 dims.
    pub fn diag(&self, offset: i64) -> Result<Self> {
        match self.rank() {
            1 => self.diag_embed(offset),
            2 => self.diagonal(offset, [0, 1]),
            _ => {
                let (want, got) = ("wants 1 or 2 dims".into(), self.shape().to_vec());
                Err(Error::Shape { op: "diag".into(), want, got })
            }
        }
    }

    /// The lower triangles of the matrices in the last two dims: 0 where column − row is over `offset`.
    ///
    /// # Errors
    /// Fewer than 2 dims.
    pub fn tril(&self, offset: i64) -> Result<Self> {
        self.triangle("tril", move |row, column| column - row > offset)
    }

    /// The upper triangles of the matrices in the last two dims: 0 where column − row is under `offset`.
    ///
    /// # Errors
    /// Fewer than 2 dims.
    pub fn triu(&self, offset: i64) -> Result<Self> {
        self.triangle("triu", move |row, column| column - row < offset)
    }

    fn triangle(&self, op: &'static str, is_off: impl Fn(i64, i64) -> bool) -> Result<Self> {
        if self.rank() < 2 {
            let want = "wants at least 2 dims".into();
            return Err(Error::Shape { op: op.into(), want, got: self.shape().to_vec() });
        }
        self.masked_fill(&off_diagonal(self.shape(), self, is_off)?, 0.0)
    }
}

/// A mask of the matrices of a shape.
fn off_diagonal(shape: &[usize], like: &Tensor, is_off: impl Fn(i64, i64) -> bool) -> Result<Tensor> {
    let matrix = &shape[shape.len() - 2..];
    let columns = strides(matrix)[0];
    let places = (0..matrix.iter().product::<usize>()).map(|place| {
        let [row, column] = [place / columns, place % columns].map(|position| position as i64);
        is_off(row, column)
    });
    Tensor::from_bools(places.collect(), matrix, like.device())
}
