//! Writing at the positions that `gather` reads at. Nothing is changed: the result is another tensor.

use super::{
    Kind, Tensor,
    flat::{places, strides},
    shape,
};
use crate::{Error, Result, position::number};

impl Tensor {
    /// `out[i, positions[i, j]] = source[i, j]` for dim 1, and so on; self elsewhere. The source is at least as large as
    /// the positions, or a scalar. Of positions that repeat the last one is written, and has the gradient.
    ///
    /// # Errors
    /// Positions that are not int, of another rank, larger than self in another dim or than the source, or outside the
    /// dim; a float source for an int tensor.
    pub fn scatter(&self, dim: usize, positions: &Self, source: &Self) -> Result<Self> {
        let (places, source) = self.scattering("scatter", dim, positions, source)?;
        self.overwritten("scatter", places, &source)
    }

    /// As [`Tensor::scatter`], but the values are added to self. Positions that repeat add up, in float64 on the CPU.
    ///
    /// # Errors
    /// As [`Tensor::scatter`]; a bool tensor.
    pub fn scatter_add(&self, dim: usize, positions: &Self, source: &Self) -> Result<Self> {
        let (places, source) = self.scattering("scatter_add", dim, positions, source)?;
        self.added_at("scatter_add", places, &source)
    }

    /// The places of positions along a dim, and a value for each.
    pub(super) fn scattering(
        &self,
        op: &'static str,
        dim: usize,
        positions: &Self,
        source: &Self,
    ) -> Result<(Vec<usize>, Self)> {
        shape::check_dim(op, self.shape(), dim)?;
        positions.want(op, Kind::Int)?;
        let unfit = |other: &Self, rule: String| {
            let (left, right) = (other.shape().to_vec(), positions.shape().to_vec());
            Err(Error::Unfit { op, left, right, rule })
        };
        let is_within = |size: &[usize], but: Option<usize>| {
            let mut sizes = positions.shape().iter().zip(size).enumerate();
            positions.rank() == size.len() && sizes.all(|(i, (own, most))| Some(i) == but || own <= most)
        };
        if !is_within(self.shape(), Some(dim)) {
            let other = number(dim);
            return unfit(
                self,
                format!("positions have as many dims, and none but dim {other} of them is larger than the tensor's"),
            );
        }
        positions.check_positions(op, self.shape()[dim])?;
        let mut source = source.clone();
        if source.rank() == 0 {
            source = source.expand(positions.shape())?;
        }
        if !is_within(source.shape(), None) {
            return unfit(&source, "positions have as many dims as the source, and none of them is larger".into());
        }
        for (i, size) in positions.shape().iter().enumerate() {
            if *size < source.shape()[i] {
                source = source.slice(i, 0, *size)?;
            }
        }
        let mut strides = strides(self.shape());
        let along = std::mem::take(&mut strides[dim]);
        let mut places = places(positions.shape(), &strides);
        places.iter_mut().zip(positions.longs(op)?).for_each(|(place, position)| *place += position as usize * along);
        Ok((places, source))
    }
}
