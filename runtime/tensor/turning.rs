//! Dims in other places, dims that are put together, and elements in reverse along several of them.

use super::{Tensor, shape};
use crate::{Error, Result, position::number};

impl Tensor {
    /// Dims at other places, all others in their order.
    ///
    /// # Errors
    /// Another number of places than of dims; one that is named twice.
    pub fn movedim(&self, from: &[usize], to: &[usize]) -> Result<Self> {
        const OP: &str = "movedim";
        if from.len() != to.len() {
            let got = format!("{} and {}", from.len(), to.len());
            return Err(Error::argument(OP, "from and to", "of one number", got));
        }
        self.check_dims(OP, from)?;
        self.check_dims(OP, to)?;
        let mut others = (0..self.rank()).filter(|dim| !from.contains(dim));
        let order = (0..self.rank()).filter_map(|place| match to.iter().position(|own| *own == place) {
            Some(number) => Some(from[number]),
            None => others.next(),
        });
        self.permute(&order.collect::<Vec<_>>())
    }

    /// An error unless dims exist and each is named once.
    pub(super) fn check_dims(&self, op: &'static str, dims: &[usize]) -> Result<()> {
        for (place, dim) in dims.iter().enumerate() {
            shape::check_dim(op, self.shape(), *dim)?;
            if dims[..place].contains(dim) {
                return Err(Error::argument(op, "dims", "different ones", format!("{} twice", number(*dim))));
            }
        }
        Ok(())
    }

    /// A dim as several, whose sizes multiply to its own.
    ///
    /// # Errors
    /// They do not.
    pub fn unflatten(&self, dim: usize, sizes: &[usize]) -> Result<Self> {
        const OP: &str = "unflatten";
        shape::check_dim(OP, self.shape(), dim)?;
        let size = self.shape()[dim];
        if sizes.is_empty() || sizes.iter().try_fold(1usize, |all, size| all.checked_mul(*size)) != Some(size) {
            let want = format!("sizes whose product is {size}");
            return Err(Error::argument(OP, "sizes", want, format!("{sizes:?}")));
        }
        self.reshape(&[&self.shape()[..dim], sizes, &self.shape()[dim + 1..]].concat())
    }

    /// The elements along several dims in reverse.
    ///
    /// # Errors
    /// A dim that does not exist or is named twice.
    pub fn flip_all(&self, dims: &[usize]) -> Result<Self> {
        self.check_dims("flip", dims)?;
        dims.iter().try_fold(self.clone(), |flipped, dim| flipped.flip(*dim))
    }

    /// Turned by so many quarter turns in the plane of two dims, from the first to the second.
    ///
    /// # Errors
    /// Dims that are no two different ones.
    pub fn rot90(&self, count: i64, [first, second]: [usize; 2]) -> Result<Self> {
        self.check_dims("rot90", &[first, second])?;
        match count.rem_euclid(4) {
            1 => self.flip(second)?.transpose(first, second),
            2 => self.flip(first)?.flip(second),
            3 => self.flip(first)?.transpose(first, second),
            _ => Ok(self.clone()),
        }
    }
}
