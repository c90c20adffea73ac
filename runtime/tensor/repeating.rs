//! Elements that come again, or come round.

use super::{Kind, Tensor, shape, size};
use crate::{Error, Result};

impl Tensor {
    /// The whole tensor so many times along each dim; dims are added in front where there are more counts, and counts of
    /// 1 where there are fewer. PyTorch's `tile`.
    ///
    /// # Errors
    /// A result that no tensor can be.
    pub fn tile(&self, counts: &[usize]) -> Result<Self> {
        let rank = self.rank().max(counts.len());
        let (sizes, counts) = (shape::pad(self.shape(), rank), shape::pad(counts, rank));
        let out = sizes.iter().zip(&counts).map(|(size, count)| size::product("tile", "a size", &[*size, *count]));
        let out = out.collect::<Result<Vec<_>>>()?;
        shape::check("tile", &out)?;
        let mut tiled = self.clone();
        let mut sizes = sizes;
        for (dim, count) in counts.into_iter().enumerate().filter(|(_, count)| *count != 1) {
            tiled = tiled.again([sizes[..dim].iter().product(), sizes[dim..].iter().product()], count)?;
            sizes[dim] *= count;
        }
        tiled.reshape(&out)
    }

    /// Rows of so many elements, each several times: `[before, count, size]`.
    fn again(&self, [before, size]: [usize; 2], count: usize) -> Result<Self> {
        self.reshape(&[before, 1, size])?.expand(&[before, count, size])
    }

    /// Each slice of a dim so many times, one behind the other; each element in row-major order without a dim.
    ///
    /// # Errors
    /// A result that no tensor can be.
    pub fn repeat_interleave(&self, count: usize, dim: Option<usize>) -> Result<Self> {
        const OP: &str = "repeat_interleave";
        let Some(dim) = dim else { return self.flat()?.repeat_interleave(count, Some(0)) };
        shape::check_dim(OP, self.shape(), dim)?;
        let mut out = self.shape().to_vec();
        out[dim] = size::product(OP, "a size", &[out[dim], count])?;
        shape::check(OP, &out)?;
        let sizes = [&self.shape()[..=dim], &self.shape()[dim + 1..]].map(|sizes| sizes.iter().product());
        self.again(sizes, count)?.reshape(&out)
    }

    /// Each slice of a dim as often as its count says, one behind the other; each element in row-major order without a
    /// dim. Counts are an int vector, one for each.
    ///
    /// # Errors
    /// Counts that are not int, of another number, or negative.
    pub fn repeat_interleave_by(&self, counts: &Self, dim: Option<usize>) -> Result<Self> {
        const OP: &str = "repeat_interleave";
        let Some(dim) = dim else { return self.flat()?.repeat_interleave_by(counts, Some(0)) };
        shape::check_dim(OP, self.shape(), dim)?;
        counts.want(OP, Kind::Int)?;
        if counts.shape() != [self.shape()[dim]] {
            let want = format!("wants counts [{}], one for each position", self.shape()[dim]);
            return Err(Error::Shape { op: OP.into(), want, got: counts.shape().to_vec() });
        }
        let counts = counts.longs(OP)?;
        let found = counts
            .iter()
            .map(|count| usize::try_from(*count).map_err(|_| Error::argument(OP, "every count", "at least 0", count)));
        let found = found.collect::<Result<Vec<_>>>()?;
        let mut out = self.shape().to_vec();
        out[dim] = found.iter().fold(0, |all: usize, count| all.saturating_add(*count));
        shape::check(OP, &out)?;
        let positions =
            found.into_iter().enumerate().flat_map(|(position, count)| std::iter::repeat_n(position, count));
        self.select_unchecked(dim, &Self::of_positions(positions, self)?)
    }

    /// The elements moved along dims, those that leave at the end coming in at the start; a negative shift is the other
    /// way.
    ///
    /// # Errors
    /// Another number of shifts than of dims.
    pub fn roll(&self, shifts: &[i64], dims: &[usize]) -> Result<Self> {
        if shifts.len() != dims.len() {
            let got = format!("{} and {}", shifts.len(), dims.len());
            return Err(Error::argument("roll", "shifts and dims", "of one number", got));
        }
        let mut rolled = self.clone();
        for (shift, dim) in shifts.iter().zip(dims) {
            shape::check_dim("roll", self.shape(), *dim)?;
            let size = self.shape()[*dim];
            if size == 0 {
                continue;
            }
            let last = size - shift.rem_euclid(size as i64) as usize;
            if last != size {
                let parts = [rolled.slice(*dim, last, size)?, rolled.slice(*dim, 0, last)?];
                rolled = Self::cat(&parts, *dim)?;
            }
        }
        Ok(rolled)
    }

    /// As [`Tensor::roll`] of all elements in row-major order.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn roll_all(&self, shift: i64) -> Result<Self> {
        self.flat()?.roll(&[shift], &[0])?.reshape(self.shape())
    }
}
