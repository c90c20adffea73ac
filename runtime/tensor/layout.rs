//! Shape operations: the same elements under other dims.

use burn_backend::{Slice, TensorMetadata};

use super::{
    Kind, Tensor,
    operation::{Operation, record},
    raw_shape, reshape_raw, shape,
};
use crate::{Error, Result, position::number};

impl Tensor {
    /// The same elements in row-major order under another shape.
    ///
    /// # Errors
    /// The shape holds another number of elements.
    pub fn reshape(&self, to: &[usize]) -> Result<Self> {
        self.reshape_in("reshape", to)
    }

    fn reshape_in(&self, op: &'static str, to: &[usize]) -> Result<Self> {
        shape::check_view(op, to)?;
        if to.iter().product::<usize>() != self.len() {
            let rule = format!("{} elements do not become {}", self.len(), to.iter().product::<usize>());
            return Err(Error::Unfit { op, left: self.shape.clone(), right: to.to_vec(), rule });
        }
        Ok(self.with_own(self.raw_as(to), self.kind, to.to_vec()))
    }

    /// Gives Burn's tensor the dims that its handle claims.
    pub(super) fn reshape_raw_to(&self, to: &[usize]) -> Self {
        if self.raw.shape() == raw_shape(to) {
            return self.clone();
        }
        Self { raw: reshape_raw(self.raw.clone(), self.kind, to), ..self.clone() }
    }

    /// Dims `from` to `to` (both included) merged into one.
    pub fn flatten(&self, from: usize, to: usize) -> Result<Self> {
        shape::check_dim("flatten", &self.shape, from)?;
        shape::check_dim("flatten", &self.shape, to)?;
        if from > to {
            return Err(Error::argument("flatten", "from", format!("at most to {}", number(to)), number(from)));
        }
        let mut out = self.shape[..from].to_vec();
        out.push(self.shape[from..=to].iter().product());
        out.extend_from_slice(&self.shape[to + 1..]);
        self.reshape(&out)
    }

    /// Without a dim of size 1, or without all of them.
    ///
    /// # Errors
    /// The dim named has another size.
    pub fn squeeze(&self, dim: Option<usize>) -> Result<Self> {
        let mut out = self.shape.clone();
        match dim {
            None => out.retain(|size| *size != 1),
            Some(dim) => {
                shape::check_dim("squeeze", &self.shape, dim)?;
                if out.remove(dim) != 1 {
                    let want = format!("dim {} must be 1", number(dim));
                    return Err(Error::Shape { op: "squeeze".into(), want, got: self.shape.clone() });
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
        let mut out = self.shape.clone();
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
        let out = order.iter().map(|dim| self.shape[*dim]).collect();
        let raw = by_kind!(self.kind, float_permute, int_permute, bool_permute(self.raw(), order));
        Ok(self.with_own(raw, self.kind, out))
    }

    /// Two dims swapped.
    pub fn transpose(&self, first: usize, second: usize) -> Result<Self> {
        shape::check_dim("transpose", &self.shape, first)?;
        shape::check_dim("transpose", &self.shape, second)?;
        let mut order: Vec<usize> = (0..self.rank()).collect();
        order.swap(first, second);
        self.permute(&order)
    }

    /// The elements along a dim in reverse.
    pub fn flip(&self, dim: usize) -> Result<Self> {
        shape::check_dim("flip", &self.shape, dim)?;
        let raw = by_kind!(self.kind, float_flip, int_flip, bool_flip(self.raw(), &[dim]));
        Ok(self.with_own(raw, self.kind, self.shape.clone()))
    }

    /// Dims of 1 stretched to a larger shape, missing dims added in front.
    pub fn expand(&self, to: &[usize]) -> Result<Self> {
        shape::check_view("expand", to)?;
        if self.shape == to {
            return Ok(self.clone());
        }
        if self.rank() > to.len() || shape::aligned("expand", &self.shape, to).ok().as_deref() != Some(to) {
            let rule = "only a dim of 1 stretches, and dims are added in front".into();
            return Err(Error::Unfit { op: "expand", left: self.shape.clone(), right: to.to_vec(), rule });
        }
        let raw = reshape_raw(self.untracked_raw(), self.kind, &shape::pad(&self.shape, to.len()));
        let raw = by_kind!(self.kind, float_expand, int_expand, bool_expand(raw, raw_shape(to)));
        let output = self.with_own(raw, self.kind, to.to_vec());
        if self.kind == Kind::Float {
            return record("expand", [self], output, Expand { shape: self.shape.clone() });
        }
        Ok(output)
    }

    /// The slice at a position of a dim, without the dim.
    ///
    /// # Errors
    /// There is no such position or dim.
    pub fn at(&self, dim: usize, position: usize) -> Result<Self> {
        self.slice(dim, position, position + 1)?.squeeze(Some(dim))
    }

    /// Positions `from` up to, but without, `to` along a dim.
    ///
    /// # Errors
    /// A range that is empty or reaches past the dim.
    pub fn slice(&self, dim: usize, from: usize, to: usize) -> Result<Self> {
        shape::check_dim("slice", &self.shape, dim)?;
        let size = self.shape[dim];
        if from >= to || to > size {
            let got = format!("{} to {to}", number(from));
            return Err(Error::argument(
                "slice",
                format!("the range of dim {}", number(dim)),
                format!("inside 1 to {size}"),
                got,
            ));
        }
        let mut slices = vec![Slice::new(0, None, 1); self.rank()];
        slices[dim] = Slice::new(from as isize, Some(to as isize), 1);
        let mut out = self.shape.clone();
        out[dim] = to - from;
        let raw = by_kind!(self.kind, float_slice, int_slice, bool_slice(self.raw(), &slices));
        Ok(self.with_own(raw, self.kind, out))
    }
}

/// The gradient of a broadcast: the sum over what it has stretched.
#[derive(Clone, Debug)]
struct Expand {
    shape: Vec<usize>,
}

impl Operation<1> for Expand {
    fn backward(&self, by_output: &Tensor, _: [bool; 1]) -> Result<[Option<Tensor>; 1]> {
        Ok([Some(by_output.sum_to(&self.shape)?)])
    }
}
