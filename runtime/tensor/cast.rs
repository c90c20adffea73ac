//! The same values in another format.

use burn_backend::ops::{BoolTensorOps, FloatTensorOps, IntTensorOps};
use burn_dispatch::Dispatch;

use super::{DType, Kind, Tensor, shape};
use crate::{Error, Result, tape::record};

impl Tensor {
    /// The same values in another format. To an int truncates towards 0; to bool is true where the value is not 0. From
    /// float to float the gradient goes through.
    ///
    /// # Errors
    /// To an int: NaN, and a value that does not fit. A format that the device does not have.
    pub fn to_dtype(&self, dtype: DType) -> Result<Self> {
        const OP: &str = "cast";
        let own = self.dtype();
        if own == dtype {
            return Ok(self.clone());
        }
        dtype.check(OP, self.device())?;
        shape::check_bytes(OP, self.shape(), dtype.bytes())?;
        if self.is_empty() {
            return Ok(self.without_elements(dtype, self.shape())?.counting_as(self));
        }
        let raw = match (own.kind(), dtype.kind()) {
            (Kind::Float, Kind::Float) => Dispatch::float_cast(self.raw(), dtype.floats()),
            (Kind::Int, Kind::Float) => Dispatch::int_into_float(self.raw(), dtype.floats()),
            (Kind::Bool, Kind::Float) => Dispatch::bool_into_float(self.raw(), dtype.floats()),
            (Kind::Bool, Kind::Int) => Dispatch::bool_into_int(self.raw(), dtype.ints()),
            (Kind::Int, Kind::Int) => {
                self.check_range(OP, dtype)?;
                Dispatch::int_cast(self.raw(), dtype.ints())
            }
            (Kind::Float, Kind::Int) => return Ok(self.truncated(dtype)?.counting_as(self)),
            (_, Kind::Bool) => return self.detach().ne_scalar(0.0),
        };
        let output = self.with_own(raw, dtype.kind(), self.shape().to_vec());
        if (own.kind(), dtype.kind()) != (Kind::Float, Kind::Float) {
            return Ok(output);
        }
        Ok(record(OP, [self], output, |_| move |by: Self, _| Ok([Some(by.to_dtype(own)?)])))
    }

    /// The same values as something of a kind to compute with: itself where it is, in the default format of the kind
    /// where not. Errors as [`Tensor::to_dtype`].
    pub fn cast(&self, kind: Kind) -> Result<Self> {
        let own = self.dtype();
        self.to_dtype(match kind {
            _ if own.kind() == kind => own.computed(),
            Kind::Float => DType::Float32,
            Kind::Int => DType::Int32,
            Kind::Bool => DType::Bool,
        })
    }

    /// A float tensor as an operand: as it is, or in float32 where it is only stored in a narrower format.
    ///
    /// # Errors
    /// It is not float.
    pub(crate) fn float_operand(&self, op: &'static str) -> Result<Self> {
        self.want_float(op)?;
        self.cast(Kind::Float)
    }

    /// An error unless every int fits a format.
    fn check_range(&self, op: &'static str, dtype: DType) -> Result<()> {
        let ([own_least, own_most], [least, most]) = (self.dtype().range(), dtype.range());
        if least <= own_least && own_most <= most {
            return Ok(());
        }
        match self.longs(op)?.into_iter().find(|value| !(least..=most).contains(value)) {
            Some(value) => Err(unfit(op, "an int", value, dtype)),
            None => Ok(()),
        }
    }
}

/// A value that a format of ints does not hold.
pub(super) fn unfit(op: &'static str, what: &str, value: impl std::fmt::Display, dtype: DType) -> Error {
    let range = match dtype {
        DType::UInt8 => "0 to 255",
        DType::Int64 => "64 bits",
        _ => "32 bits",
    };
    Error::argument(op, what, format!("within {range} to become {dtype}"), value)
}
