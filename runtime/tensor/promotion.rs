//! The common format of the operands of an operation, as PyTorch's type promotion finds it.

use std::borrow::Cow;

use super::{DType, Kind, Tensor};
use crate::{Error, Result};

impl Tensor {
    /// Whether its format is for storage alone.
    pub(super) fn is_stored(&self) -> bool {
        self.dtype() != self.dtype().computed()
    }

    /// An error unless it is float, in a format that is computed in.
    pub(super) fn want_computed(&self, op: &'static str) -> Result<()> {
        self.want_float(op)?;
        if !self.is_stored() {
            return Ok(());
        }
        let dtype = self.dtype();
        Err(Error::State { op, reason: format!("{dtype} is for storage; cast to {} first", dtype.computed()) })
    }

    /// An error unless both have one format.
    pub(super) fn want_dtype(&self, op: &'static str, other: &Self) -> Result<()> {
        if self.dtype() == other.dtype() {
            return Ok(());
        }
        Err(Error::State { op, reason: format!("dtypes differ: {} and {}; cast one", self.dtype(), other.dtype()) })
    }

    /// In the format that arithmetic takes it in.
    pub(super) fn computed(&self) -> Result<Cow<'_, Self>> {
        let dtype = self.dtype();
        Ok(if dtype == dtype.computed() { Cow::Borrowed(self) } else { Cow::Owned(self.to_dtype(dtype.computed())?) })
    }

    /// Both in the format of an arithmetic result. A scalar beside more dims takes their format, unless it is of a kind
    /// that wins.
    pub(super) fn promoted<'a>(&'a self, other: &'a Self) -> Result<[Cow<'a, Self>; 2]> {
        let (own, others) = (self.dtype(), other.dtype());
        if own == others && own == own.computed() && own != DType::Bool {
            return Ok([Cow::Borrowed(self), Cow::Borrowed(other)]);
        }
        let dtype = match own.kind() == others.kind() && own != DType::Bool {
            true if self.rank() == 0 && other.rank() > 0 => others.computed(),
            true if other.rank() == 0 && self.rank() > 0 => own.computed(),
            _ => own.promote(others),
        };
        Ok([Cow::Owned(self.to_dtype(dtype)?), Cow::Owned(other.to_dtype(dtype)?)])
    }

    /// Both in one format, which elements of either can be moved to: their own where it is the same.
    pub(super) fn joined<'a>([left, right]: [&'a Self; 2]) -> Result<[Cow<'a, Self>; 2]> {
        match left.dtype() == right.dtype() {
            true => Ok([Cow::Borrowed(left), Cow::Borrowed(right)]),
            false => left.promoted(right),
        }
    }

    /// As [`Tensor::promoted`], ints as floats.
    pub(super) fn promoted_floats<'a>(&'a self, other: &'a Self) -> Result<[Cow<'a, Self>; 2]> {
        let both = self.promoted(other)?;
        if both[0].kind() == Kind::Float {
            return Ok(both);
        }
        Ok([Cow::Owned(both[0].cast(Kind::Float)?), Cow::Owned(both[1].cast(Kind::Float)?)])
    }
}
