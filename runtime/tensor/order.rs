//! The order of values along a dim: sorting, the largest and the smallest, the k-th, the middle one. Sorted on the host,
//! since a GPU's sort reads back as well, and the order of equals is then one: the first comes first. NaN is larger than
//! any number, as in PyTorch.

use std::cmp::Ordering;

use super::{Kind, Tensor, lines::Lines, shape};
use crate::{Error, Result, memory};

impl Tensor {
    /// The values along a dim in ascending or descending order, and their positions counted from 0. Equals keep their
    /// order. NaN is last in ascending order, first in descending. The gradient goes where a value came from.
    pub fn sort(&self, dim: usize, descending: bool) -> Result<(Self, Self)> {
        let positions = self.sorted_positions("sort", dim, descending)?;
        Ok((self.gather_unchecked(dim, &positions)?, positions))
    }

    /// The positions, counted from 0, that sort a dim, as [`Tensor::sort`] does.
    pub fn argsort(&self, dim: usize, descending: bool) -> Result<Self> {
        self.sorted_positions("argsort", dim, descending)
    }

    /// The k largest elements along a dim in descending order, and their positions counted from 0.
    ///
    /// # Errors
    /// k is more than the dim holds.
    pub fn topk(&self, k: usize, dim: usize) -> Result<(Self, Self)> {
        self.outermost(k, dim, true)
    }

    /// The k smallest elements along a dim in ascending order, and their positions counted from 0. Errors as
    /// [`Tensor::topk`].
    pub fn smallest_k(&self, k: usize, dim: usize) -> Result<(Self, Self)> {
        self.outermost(k, dim, false)
    }

    fn outermost(&self, k: usize, dim: usize, largest: bool) -> Result<(Self, Self)> {
        self.check_k("topk", k, 0, dim)?;
        let positions = self.sorted_positions("topk", dim, largest)?.slice(dim, 0, k)?;
        Ok((self.gather_unchecked(dim, &positions)?, positions))
    }

    /// The k-th smallest element along a dim, k from 1, and its position counted from 0.
    ///
    /// # Errors
    /// k is 0 or more than the dim holds.
    pub fn kthvalue(&self, k: usize, dim: usize, keep: bool) -> Result<(Self, Self)> {
        self.check_k("kthvalue", k, 1, dim)?;
        let positions = self.sorted_positions("kthvalue", dim, false)?.slice(dim, k - 1, k)?;
        self.picked(dim, keep, positions)
    }

    /// The largest element along a dim and its position counted from 0; of equals the first.
    pub fn max_with_positions(&self, dim: usize, keep: bool) -> Result<(Self, Self)> {
        shape::check_dim("max_with_positions", self.shape(), dim)?;
        self.picked(dim, keep, self.argmax(dim, true)?)
    }

    /// The smallest element along a dim and its position counted from 0; of equals the first.
    pub fn min_with_positions(&self, dim: usize, keep: bool) -> Result<(Self, Self)> {
        shape::check_dim("min_with_positions", self.shape(), dim)?;
        self.picked(dim, keep, self.argmin(dim, true)?)
    }

    /// The middle element along a dim, of an even number the lower one, and its position counted from 0. NaN where there
    /// is one, at the position of the first.
    pub fn median(&self, dim: usize, keep: bool) -> Result<(Self, Self)> {
        shape::check_dim("median", self.shape(), dim)?;
        self.check_some("median", dim)?;
        let positions = self.in_order("median", dim, 1, |order, first_nan, middle| {
            middle[0] = first_nan.unwrap_or_else(|| order[(order.len() - 1) / 2]);
        })?;
        self.picked(dim, keep, positions)
    }

    /// The middle one of all elements, as [`Tensor::median`] along a dim. Its gradient is shared out evenly among its
    /// equals, as PyTorch's.
    pub fn median_of_all(&self, keep: bool) -> Result<Self> {
        let all = self.detach().reshape(&[self.len()])?;
        self.shared_out("median", None, keep, &all.median(0, false)?.0, true)
    }

    /// The elements at positions along a dim, which stays as 1 or goes away.
    fn picked(&self, dim: usize, keep: bool, positions: Self) -> Result<(Self, Self)> {
        let values = self.gather_unchecked(dim, &positions)?;
        match keep {
            true => Ok((values, positions)),
            false => Ok((values.squeeze(Some(dim))?, positions.squeeze(Some(dim))?)),
        }
    }

    fn check_k(&self, op: &'static str, k: usize, least: usize, dim: usize) -> Result<()> {
        shape::check_dim(op, self.shape(), dim)?;
        if k < least || k > self.shape()[dim] {
            return Err(Error::argument(op, "k", format!("{least} to {}", self.shape()[dim]), k));
        }
        Ok(())
    }

    /// An error for a dim that has no element which could be chosen.
    pub(super) fn check_some(&self, op: &'static str, dim: usize) -> Result<()> {
        if self.shape()[dim] > 0 {
            return Ok(());
        }
        let want = "wants at least one element along the dim".into();
        Err(Error::Shape { op: op.into(), want, got: self.shape().to_vec() })
    }

    fn sorted_positions(&self, op: &'static str, dim: usize, descending: bool) -> Result<Self> {
        shape::check_dim(op, self.shape(), dim)?;
        let lines = Lines::of(self.shape(), dim);
        let (size, value) = (self.shape()[dim], self.detach());
        let positions = match self.kind() {
            Kind::Int => {
                lines.map(op, &value.longs(op)?, size, |line, made| sort_into(line, made, descending, Ord::cmp))
            }
            _ => lines.map(op, &value.doubles()?, size, |line, made| sort_into(line, made, descending, by_value)),
        }?;
        Self::from_ints(positions, self.shape(), self.device())
    }

    /// Positions that are chosen in the ascending order of each line, of which the first NaN is known: so many along
    /// the dim.
    pub(super) fn in_order(
        &self,
        op: &'static str,
        dim: usize,
        to: usize,
        mut choose: impl FnMut(&[i32], Option<i32>, &mut [i32]),
    ) -> Result<Self> {
        let lines = Lines::of(self.shape(), dim);
        let mut order = memory::list(op, self.shape()[dim])?;
        order.resize(self.shape()[dim], 0);
        let value = self.detach();
        let positions = match self.kind() {
            Kind::Int => lines.map(op, &value.longs(op)?, to, |line, made| {
                sort_into(line, &mut order, false, Ord::cmp);
                choose(&order, None, made);
            }),
            _ => lines.map(op, &value.doubles()?, to, |line, made| {
                sort_into(line, &mut order, false, by_value);
                let first_nan = line.iter().position(|value| value.is_nan()).map(|position| position as i32);
                choose(&order, first_nan, made);
            }),
        }?;
        let mut out = self.shape().to_vec();
        out[dim] = to;
        Self::from_ints(positions, &out, self.device())
    }
}

/// The positions that sort a line. Equals keep their order, also in descending order.
fn sort_into<T>(line: &[T], made: &mut [i32], descending: bool, compare: fn(&T, &T) -> Ordering) {
    made.iter_mut().zip(0..).for_each(|(position, number)| *position = number);
    let value = |position: &i32| &line[*position as usize];
    match descending {
        true => made.sort_by(|a, b| compare(value(b), value(a))),
        false => made.sort_by(|a, b| compare(value(a), value(b))),
    }
}

/// Numbers by their value, NaN above all.
pub(super) fn by_value(a: &f64, b: &f64) -> Ordering {
    a.partial_cmp(b).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}
