//! Shape operations: the same elements under other dims.

use burn_backend::{Slice, ops::FloatTensorOps};
use burn_dispatch::Dispatch;

use super::{Kind, Tensor, cpu, raw_shape, reshape_raw, shape};
use crate::{Error, Result, position::number, tape::record};

impl Tensor {
    /// The same elements in row-major order under another shape.
    ///
    /// # Errors
    /// The shape holds another number of elements.
    pub fn reshape(&self, to: &[usize]) -> Result<Self> {
        self.reshape_in("reshape", to)
    }

    pub(super) fn reshape_in(&self, op: &'static str, to: &[usize]) -> Result<Self> {
        shape::check_view(op, to)?;
        if to.iter().product::<usize>() != self.len() {
            let rule = format!("{} elements do not become {}", self.len(), to.iter().product::<usize>());
            return Err(Error::Unfit { op, left: self.shape().to_vec(), right: to.to_vec(), rule });
        }
        let output = match self.is_empty() {
            true => self.none_of_own(to)?,
            false => self.view_of_own(self.raw_as(to), self.kind(), to.to_vec()),
        };
        Ok(record(op, [self], output, |_| {
            let shape = self.shape().to_vec();
            move |by: Self, _| Ok([Some(by.reshape(&shape)?)])
        }))
    }

    /// The same as a constant whose elements lie in row-major order. What is kept from step to step lies so, as what is
    /// read back from a checkpoint does: products and sums of another order have other last bits.
    pub(crate) fn to_be_kept(&self) -> Self {
        if self.kind() != Kind::Float || self.is_empty() {
            return self.detach();
        }
        cpu::row_major(self).map_or_else(|| self.detach(), |kept| kept.counting_as(self))
    }

    /// Dims `from` to `to` (both included) merged into one.
    pub fn flatten(&self, from: usize, to: usize) -> Result<Self> {
        shape::check_dim("flatten", self.shape(), from)?;
        shape::check_dim("flatten", self.shape(), to)?;
        if from > to {
            return Err(Error::argument("flatten", "from", format!("at most to {}", number(to)), number(from)));
        }
        let mut out = self.shape()[..from].to_vec();
        out.push(self.shape()[from..=to].iter().product());
        out.extend_from_slice(&self.shape()[to + 1..]);
        self.reshape(&out)
    }

    /// Without a dim of size 1, or without all of them.
    ///
    /// # Errors
    /// The dim named has another size.
    pub fn squeeze(&self, dim: Option<usize>) -> Result<Self> {
        let mut out = self.shape().to_vec();
        match dim {
            None => out.retain(|size| *size != 1),
            Some(dim) => {
                shape::check_dim("squeeze", self.shape(), dim)?;
                if out.remove(dim) != 1 {
                    let want = format!("dim {} must be 1", number(dim));
                    return Err(Error::Shape { op: "squeeze".into(), want, got: self.shape().to_vec() });
                }
            }
        }
        self.reshape(&out)
    }

    /// With a new dim of size 1 before `dim`; `dim` may be one past the last.
    pub fn unsqueeze(&self, dim: usize) -> Result<Self> {
        self.unsqueeze_in("unsqueeze", dim)
    }

    pub(super) fn unsqueeze_in(&self, op: &'static str, dim: usize) -> Result<Self> {
        if dim > self.rank() {
            let range = format!("1 to {}", number(self.rank()));
            return Err(Error::OutOfRange { op, what: "dim", got: number(dim), range });
        }
        let mut out = self.shape().to_vec();
        out.insert(dim, 1);
        self.reshape_in(op, &out)
    }

    /// Dims in another order.
    ///
    /// # Errors
    /// `order` does not name every dim once.
    pub fn permute(&self, order: &[usize]) -> Result<Self> {
        let mut seen = order.to_vec();
        seen.sort_unstable();
        if !seen.iter().copied().eq(0..self.rank()) {
            let got = format!("{:?}", order.iter().map(|dim| number(*dim)).collect::<Vec<_>>());
            return Err(Error::argument("permute", "order", format!("every dim of 1 to {} once", self.rank()), got));
        }
        if self.rank() < 2 {
            return Ok(self.clone());
        }
        let out: Vec<usize> = order.iter().map(|dim| self.shape()[*dim]).collect();
        let output = if self.is_empty() {
            self.none_of_own(&out)?
        } else {
            let raw = by_kind!(self.kind(), float_permute, int_permute, bool_permute(self.raw(), order));
            self.view_of_own(raw, self.kind(), out)
        };
        Ok(record("permute", [self], output, |_| {
            let mut back = vec![0; order.len()];
            order.iter().enumerate().for_each(|(position, dim)| back[*dim] = position);
            move |by: Self, _| Ok([Some(by.permute(&back)?)])
        }))
    }

    /// Two dims swapped.
    pub fn transpose(&self, first: usize, second: usize) -> Result<Self> {
        shape::check_dim("transpose", self.shape(), first)?;
        shape::check_dim("transpose", self.shape(), second)?;
        if first == second {
            return Ok(self.clone());
        }
        let mut order: Vec<usize> = (0..self.rank()).collect();
        order.swap(first, second);
        self.permute(&order)
    }

    /// The elements along a dim in reverse.
    pub fn flip(&self, dim: usize) -> Result<Self> {
        shape::check_dim("flip", self.shape(), dim)?;
        if self.is_empty() {
            return Ok(self.clone());
        }
        let raw = by_kind!(self.kind(), float_flip, int_flip, bool_flip(self.raw(), &[dim]));
        let output = self.with_own(raw, self.kind(), self.shape().to_vec());
        Ok(record("flip", [self], output, |_| move |by: Self, _| Ok([Some(by.flip(dim)?)])))
    }

    /// Dims of 1 stretched to a larger shape, missing dims added in front.
    pub fn expand(&self, to: &[usize]) -> Result<Self> {
        shape::check_view("expand", to)?;
        if self.shape() == to {
            return Ok(self.clone());
        }
        if self.rank() > to.len() || shape::aligned("expand", self.shape(), to).ok().as_deref() != Some(to) {
            let rule = "only a dim of 1 stretches, and dims are added in front".into();
            return Err(Error::Unfit { op: "expand", left: self.shape().to_vec(), right: to.to_vec(), rule });
        }
        let output = if to.contains(&0) {
            self.none_of_own(to)?
        } else {
            let raw = reshape_raw(self.raw(), self.kind(), &shape::pad(self.shape(), to.len()));
            let raw = by_kind!(self.kind(), float_expand, int_expand, bool_expand(raw, raw_shape(to)));
            self.view_of_own(raw, self.kind(), to.to_vec())
        };
        Ok(record("expand", [self], output, |_| {
            let shape = self.shape().to_vec();
            move |by: Self, _| Ok([Some(by.sum_to(&shape)?)])
        }))
    }

    /// The slice at a position of a dim, without the dim.
    ///
    /// # Errors
    /// There is no such position or dim.
    pub fn at(&self, dim: usize, position: usize) -> Result<Self> {
        let mut out = self.shape().to_vec();
        let range = self.checked_range(dim, position, position + 1)?;
        out.remove(dim);
        let output = if out.contains(&0) {
            self.none_of_own(&out)?
        } else {
            let raw = by_kind!(self.kind(), float_slice, int_slice, bool_slice(self.raw(), &range));
            self.view_of_own(reshape_raw(raw, self.kind(), &out), self.kind(), out)
        };
        Ok(record("slice", [self], output, |_| {
            let shape = self.shape().to_vec();
            move |by: Self, _| Ok([Some(by.unsqueeze_in("slice", dim)?.within_zeros(&shape, dim, position)?)])
        }))
    }

    /// Positions `from` up to, but without, `to` along a dim.
    ///
    /// # Errors
    /// A range that ends before it begins, or reaches past the dim.
    pub fn slice(&self, dim: usize, from: usize, to: usize) -> Result<Self> {
        let range = self.checked_range(dim, from, to)?;
        let mut out = self.shape().to_vec();
        out[dim] = to - from;
        let output = if out.contains(&0) {
            self.none_of_own(&out)?
        } else {
            let raw = by_kind!(self.kind(), float_slice, int_slice, bool_slice(self.raw(), &range));
            self.view_of_own(raw, self.kind(), out)
        };
        Ok(record("slice", [self], output, |_| {
            let shape = self.shape().to_vec();
            move |by: Self, _| Ok([Some(by.within_zeros(&shape, dim, from)?)])
        }))
    }

    /// Positions of a dim, all of the others.
    fn checked_range(&self, dim: usize, from: usize, to: usize) -> Result<Vec<Slice>> {
        shape::check_dim("slice", self.shape(), dim)?;
        let size = self.shape()[dim];
        if from > to || to > size {
            let (range, got) = (format!("the range of dim {}", number(dim)), format!("{} to {to}", number(from)));
            return Err(Error::argument("slice", range, format!("inside 1 to {size}"), got));
        }
        Ok(range(self.rank(), dim, from, to))
    }

    /// Zeros of a shape, with this from a position of a dim on: the gradient of [`Tensor::slice`].
    fn within_zeros(&self, shape: &[usize], dim: usize, from: usize) -> Result<Self> {
        shape::check("slice", shape)?;
        let to = from + self.shape()[dim];
        let zeros = self.of_nothing(0.0, self.dtype(), shape)?;
        let output = if self.is_empty() {
            zeros
        } else {
            let range = range(self.rank(), dim, from, to);
            let raw = Dispatch::float_slice_assign(zeros.into_raw(), &range, self.raw());
            self.with(raw, Kind::Float, shape.to_vec())
        };
        Ok(record("slice", [self], output, |_| move |by: Self, _| Ok([Some(by.slice(dim, from, to)?)])))
    }
}

impl Tensor {
    /// A tensor of another shape without elements, of what these count.
    pub(super) fn none_of_own(&self, shape: &[usize]) -> Result<Self> {
        Ok(self.without_elements(self.dtype(), shape)?.counting_as(self))
    }
}

/// Positions of one dim, all of the others.
fn range(rank: usize, dim: usize, from: usize, to: usize) -> Vec<Slice> {
    let mut slices = vec![Slice::new(0, None, 1); rank];
    slices[dim] = Slice::new(from as isize, Some(to as isize), 1);
    slices
}
