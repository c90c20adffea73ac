//! In which format a tensor's elements are stored. A kind (float, int, bool) has one format that everything is computed
//! in by default and some others: float64 and int64 are computed in where the device has them; float16, bfloat16 and
//! uint8 are for storage, and arithmetic takes their elements as float32 and int32.

use burn_backend::{Backend, FloatDType, IntDType};
use burn_dispatch::Dispatch;

use super::Kind;
use crate::{Device, Error, Result, gpu::Number, options::choices};

choices! {
    /// The format of a tensor's elements.
    pub enum DType of "tensor" "dtype" {
        /// 11 bits of precision, 6e-8 to 65504. For storage.
        Float16 = "float16",
        /// 8 bits of precision in the range of float32. For storage.
        BFloat16 = "bfloat16",
        /// IEEE single precision: 24 bits, up to 3.4e38.
        #[default]
        Float32 = "float32",
        /// IEEE double precision: 53 bits, up to 1.8e308.
        Float64 = "float64",
        /// 0 to 255. For storage.
        UInt8 = "uint8",
        /// −2³¹ to 2³¹ − 1.
        Int32 = "int32",
        /// −2⁶³ to 2⁶³ − 1.
        Int64 = "int64",
        /// True or false.
        Bool = "bool",
    }
}

impl DType {
    /// What its elements are.
    pub fn kind(self) -> Kind {
        match self {
            Self::Float16 | Self::BFloat16 | Self::Float32 | Self::Float64 => Kind::Float,
            Self::UInt8 | Self::Int32 | Self::Int64 => Kind::Int,
            Self::Bool => Kind::Bool,
        }
    }

    /// Bytes that an element takes.
    pub fn bytes(self) -> usize {
        match self {
            Self::UInt8 | Self::Bool => 1,
            Self::Float16 | Self::BFloat16 => 2,
            Self::Float32 | Self::Int32 => 4,
            Self::Float64 | Self::Int64 => 8,
        }
    }

    /// The format that arithmetic takes its elements in.
    pub fn computed(self) -> Self {
        match self {
            Self::Float16 | Self::BFloat16 => Self::Float32,
            Self::UInt8 => Self::Int32,
            other => other,
        }
    }

    /// Itself where it is of ints, int32 where not.
    pub fn of_ints(self) -> Self {
        if self.kind() == Kind::Int { self } else { Self::Int32 }
    }

    /// The format of an arithmetic result: float wins over int, int over bool; of two formats of a kind the wider one
    /// wins. Bools count as int32.
    pub fn promote(self, other: Self) -> Self {
        let place = |dtype: Self| match dtype.computed() {
            Self::Float64 => 3,
            Self::Float32 => 2,
            Self::Int64 => 1,
            _ => 0,
        };
        [Self::Int32, Self::Int64, Self::Float32, Self::Float64][place(self).max(place(other))]
    }

    /// An error unless a device can hold such elements, and compute with them where they are not for storage alone.
    ///
    /// # Errors
    /// It cannot; the message says what it can.
    pub fn check(self, op: &'static str, device: &Device) -> Result<()> {
        let can = match self {
            Self::Float32 | Self::Int32 | Self::Bool => true,
            // Adapters have at most emulations of these, which Burn's WGSL has no names for.
            Self::Float64 | Self::Int64 | Self::UInt8 => !device.is_gpu(),
            Self::Float16 | Self::BFloat16 => Dispatch::supports_dtype(device.raw(), self.floats().into()),
        };
        if can {
            return Ok(());
        }
        let instead = if self.kind() == Kind::Float { Self::Float32 } else { Self::Int32 };
        let reason = format!("{} has no {self}; use {instead}, or --device cpu", device.name());
        Err(Error::State { op, reason })
    }

    /// Whether a kernel can be given a tensor of this format where it declares such numbers: truth values are read as
    /// `u32`, 0 or 1.
    pub fn is_read_as(self, number: Number) -> bool {
        matches!(
            (number, self),
            (Number::Half, Self::Float16)
                | (Number::Float, Self::Float32)
                | (Number::Int, Self::Int32)
                | (Number::Unsigned, Self::Int32 | Self::Bool)
        )
    }

    /// Burn's name of a format of floats.
    pub(super) fn floats(self) -> FloatDType {
        match self {
            Self::Float16 => FloatDType::F16,
            Self::BFloat16 => FloatDType::BF16,
            Self::Float64 => FloatDType::F64,
            _ => FloatDType::F32,
        }
    }

    /// Burn's name of a format of ints.
    pub(super) fn ints(self) -> IntDType {
        match self {
            Self::UInt8 => IntDType::U8,
            Self::Int64 => IntDType::I64,
            _ => IntDType::I32,
        }
    }

    /// The smallest and the largest int that it holds.
    pub(super) fn range(self) -> [i64; 2] {
        match self {
            Self::UInt8 => [0, u8::MAX.into()],
            Self::Int64 => [i64::MIN, i64::MAX],
            _ => [i32::MIN.into(), i32::MAX.into()],
        }
    }
}

impl From<Kind> for DType {
    /// The default format of a kind.
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Float => Self::Float32,
            Kind::Int => Self::Int32,
            Kind::Bool => Self::Bool,
        }
    }
}

impl From<burn_backend::DType> for DType {
    /// Formats of Burn's that no tensor here has count as the widest of their kind.
    fn from(dtype: burn_backend::DType) -> Self {
        use burn_backend::DType as Burns;
        match dtype {
            Burns::F16 => Self::Float16,
            Burns::BF16 => Self::BFloat16,
            Burns::F64 => Self::Float64,
            Burns::I64 | Burns::U64 => Self::Int64,
            Burns::U8 => Self::UInt8,
            Burns::Bool(_) => Self::Bool,
            other if other.is_float() => Self::Float32,
            _ => Self::Int32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn float_wins_over_int_int_over_bool_and_the_wider_of_a_kind() {
        use DType::{BFloat16, Bool, Float16, Float32, Float64, Int32, Int64, UInt8};
        for (left, right, want) in [
            (Bool, Bool, Int32),
            (UInt8, UInt8, Int32),
            (UInt8, Int64, Int64),
            (Int64, Float16, Float32),
            (Float16, BFloat16, Float32),
            (Float32, Float64, Float64),
            (Int64, Bool, Int64),
            (Float64, Int32, Float64),
        ] {
            assert_eq!((left.promote(right), right.promote(left)), (want, want), "{left} and {right}");
        }
    }
}
