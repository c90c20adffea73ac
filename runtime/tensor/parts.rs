//! Parts of a tensor along a dim.

use super::{Tensor, shape};
use crate::{Error, Result, memory};

impl Tensor {
    /// So many positions of a dim from one on.
    ///
    /// # Errors
    /// A range that reaches past the dim.
    pub fn narrow(&self, dim: usize, from: usize, length: usize) -> Result<Self> {
        self.slice(dim, from, from.saturating_add(length))
    }

    /// Every `step`-th position of a dim from `from` up to, but without, `to`.
    ///
    /// # Errors
    /// A range that ends before it begins or reaches past the dim; a step of 0.
    pub fn slice_by(&self, dim: usize, from: usize, to: usize, step: usize) -> Result<Self> {
        if step == 0 {
            return Err(Error::argument("slice", "step", "at least 1", 0));
        }
        let whole = self.slice(dim, from, to)?;
        if step == 1 {
            return Ok(whole);
        }
        whole.select_unchecked(dim, &Self::of_positions((0..to - from).step_by(step), self)?)
    }

    /// Parts of one size along a dim, the last of them smaller where the size does not divide it.
    ///
    /// # Errors
    /// A size of 0.
    pub fn split(&self, size: usize, dim: usize) -> Result<Vec<Self>> {
        shape::check_dim("split", self.shape(), dim)?;
        if size == 0 {
            return Err(Error::argument("split", "size", "at least 1", 0));
        }
        let whole = self.shape()[dim];
        if whole == 0 {
            return Ok(vec![self.clone()]);
        }
        (0..whole).step_by(size).map(|from| self.slice(dim, from, from.saturating_add(size).min(whole))).collect()
    }

    /// Parts of given sizes along a dim, one after another.
    ///
    /// # Errors
    /// Sizes that do not add up to the dim's.
    pub fn split_into(&self, sizes: &[usize], dim: usize) -> Result<Vec<Self>> {
        shape::check_dim("split", self.shape(), dim)?;
        if sizes.iter().try_fold(0usize, |all, size| all.checked_add(*size)) != Some(self.shape()[dim]) {
            let want = format!("sizes that add up to {}", self.shape()[dim]);
            return Err(Error::argument("split", "sizes", want, format!("{sizes:?}")));
        }
        let mut from = 0;
        let parts = sizes.iter().map(|size| {
            let start = from;
            from += size;
            self.slice(dim, start, from)
        });
        parts.collect()
    }

    /// At most so many parts along a dim, of one size but for the last, as PyTorch's.
    ///
    /// # Errors
    /// A count of 0.
    pub fn chunk(&self, count: usize, dim: usize) -> Result<Vec<Self>> {
        shape::check_dim("chunk", self.shape(), dim)?;
        if count == 0 {
            return Err(Error::argument("chunk", "count", "at least 1", 0));
        }
        match self.shape()[dim].div_ceil(count) {
            0 => {
                let mut parts = memory::list("chunk", count)?;
                parts.resize(count, self.clone());
                Ok(parts)
            }
            size => self.split(size, dim),
        }
    }

    /// The slices at each position of a dim, without the dim.
    ///
    /// # Errors
    /// There is no such dim.
    pub fn unbind(&self, dim: usize) -> Result<Vec<Self>> {
        shape::check_dim("unbind", self.shape(), dim)?;
        (0..self.shape()[dim]).map(|position| self.at(dim, position)).collect()
    }
}
