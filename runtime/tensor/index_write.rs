//! Writing slices at positions of a dim, where `select` reads them. Nothing is changed: the result is another tensor.

use super::{
    Tensor,
    flat::{places, strides},
    gather::want_vector,
    shape,
};
use crate::{Error, Result};

impl Tensor {
    /// Slices of the source added to those of self at positions of a dim. Positions that repeat add up, in float64 on the
    /// CPU.
    ///
    /// # Errors
    /// Positions that are not an int vector, or outside the dim; a source that has not a slice for each of them; a bool
    /// tensor.
    pub fn index_add(&self, dim: usize, positions: &Self, source: &Self) -> Result<Self> {
        self.check_slices("index_add", dim, positions, source)?;
        self.added_along("index_add", dim, positions, &self.fitting("index_add", source)?)
    }

    /// Slices of the source in the place of those of self at positions of a dim. Of positions that repeat the last one is
    /// written, and has the gradient.
    ///
    /// # Errors
    /// As [`Tensor::index_add`]; a float source for an int tensor.
    pub fn index_copy(&self, dim: usize, positions: &Self, source: &Self) -> Result<Self> {
        self.check_slices("index_copy", dim, positions, source)?;
        let strides = strides(self.shape());
        let rows = positions.longs("index_copy")?;
        let before = places(&self.shape()[..dim], &strides[..dim]);
        let after = places(&self.shape()[dim + 1..], &strides[dim + 1..]);
        let rows: Vec<usize> = rows.into_iter().map(|row| row as usize * strides[dim]).collect();
        let starts = before.iter().flat_map(|start| rows.iter().map(move |row| start + row));
        let places = starts.flat_map(|start| after.iter().map(move |place| start + place)).collect();
        self.overwritten("index_copy", places, source)
    }

    /// One value in the place of the slices of self at positions of a dim.
    ///
    /// # Errors
    /// Positions that are not an int vector, or outside the dim.
    pub fn index_fill(&self, dim: usize, positions: &Self, value: f64) -> Result<Self> {
        const OP: &str = "index_fill";
        shape::check_dim(OP, self.shape(), dim)?;
        want_vector(OP, positions)?;
        positions.check_positions(OP, self.shape()[dim])?;
        let mut sizes = vec![1; self.rank()];
        sizes[dim] = self.shape()[dim];
        let mut is_filled = vec![false; sizes[dim]];
        positions.longs(OP)?.into_iter().for_each(|position| is_filled[position as usize] = true);
        self.masked_fill(&Self::from_bools(is_filled, &sizes, self.device())?, value)
    }

    fn check_slices(&self, op: &'static str, dim: usize, positions: &Self, source: &Self) -> Result<()> {
        shape::check_dim(op, self.shape(), dim)?;
        want_vector(op, positions)?;
        positions.check_positions(op, self.shape()[dim])?;
        let mut sizes = self.shape().to_vec();
        sizes[dim] = positions.len();
        if source.shape() == sizes {
            return Ok(());
        }
        let want = format!("wants a source {sizes:?}, a slice for each position");
        Err(Error::Shape { op: op.into(), want, got: source.shape().to_vec() })
    }
}
