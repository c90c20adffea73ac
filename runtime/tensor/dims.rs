//! The dims that a reduction goes over.

use super::{Tensor, shape};
use crate::{Error, Result, position::number};

/// All dims of a tensor, or some of them in ascending order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dims(Option<Vec<usize>>);

impl From<Option<usize>> for Dims {
    fn from(dim: Option<usize>) -> Self {
        Self(dim.map(|dim| vec![dim]))
    }
}

impl From<usize> for Dims {
    fn from(dim: usize) -> Self {
        Self(Some(vec![dim]))
    }
}

impl From<&[usize]> for Dims {
    fn from(dims: &[usize]) -> Self {
        Self::from(dims.to_vec())
    }
}

impl From<Vec<usize>> for Dims {
    fn from(mut dims: Vec<usize>) -> Self {
        dims.sort_unstable();
        Self(Some(dims))
    }
}

impl Dims {
    /// Whether they are a list of more than one.
    pub(super) fn are_several(&self) -> bool {
        self.0.as_ref().is_some_and(|dims| dims.len() > 1)
    }

    /// None for all dims of a tensor.
    ///
    /// # Errors
    /// No dims, one that there is not, or one that is named twice.
    fn checked(&self, op: &'static str, shape: &[usize]) -> Result<Option<&[usize]>> {
        let Some(dims) = &self.0 else { return Ok(None) };
        if dims.is_empty() {
            return Err(Error::argument(op, "dim", "at least one dim", "an empty list"));
        }
        dims.iter().try_for_each(|dim| shape::check_dim(op, shape, *dim))?;
        if let Some(twice) = dims.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Error::argument(op, "dim", "different dims", format!("{} twice", number(twice[0]))));
        }
        Ok(Some(dims))
    }
}

impl Tensor {
    /// A reduction over any dims by one that knows all of them or one: where several are meant, over one into which
    /// they are merged. `reduce` is told the dim, and whether it stays.
    pub(super) fn over(
        &self,
        op: &'static str,
        dims: impl Into<Dims>,
        keep: bool,
        reduce: impl FnOnce(&Self, Option<usize>, bool) -> Result<Self>,
    ) -> Result<Self> {
        let dims = dims.into();
        if self.is_stored() {
            return self.cast(self.kind())?.over(op, dims, keep, reduce);
        }
        match dims.checked(op, self.shape())? {
            None => reduce(self, None, keep),
            Some([dim]) => reduce(self, Some(*dim), keep),
            Some(dims) if dims.len() == self.rank() => reduce(self, None, keep),
            Some(dims) => {
                let (merged, dim) = self.merged(dims)?;
                reduce(&merged, Some(dim), false)?.reshape(&without(self.shape(), dims, keep))
            }
        }
    }

    /// Several dims, in ascending order, as one: where they follow one another it takes their place, else it is the last.
    fn merged(&self, dims: &[usize]) -> Result<(Self, usize)> {
        let (first, last) = (dims[0], dims[dims.len() - 1]);
        if last - first + 1 == dims.len() {
            return Ok((self.flatten(first, last)?, first));
        }
        let kept: Vec<usize> = (0..self.rank()).filter(|dim| !dims.contains(dim)).collect();
        let order: Vec<usize> = kept.iter().chain(dims).copied().collect();
        Ok((self.permute(&order)?.flatten(kept.len(), self.rank() - 1)?, kept.len()))
    }
}

fn without(shape: &[usize], dims: &[usize], keep: bool) -> Vec<usize> {
    let sizes = shape.iter().enumerate();
    match keep {
        true => sizes.map(|(dim, size)| if dims.contains(&dim) { 1 } else { *size }).collect(),
        false => sizes.filter(|(dim, _)| !dims.contains(dim)).map(|(_, size)| *size).collect(),
    }
}
