//! What a tensor's elements are.

use std::fmt;

use crate::gpu::Number;

/// What a tensor's elements are. The stored types are those that every GPU has: float32 and int32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// IEEE single precision.
    Float,
    /// 32-bit signed integers.
    Int,
    /// True or false.
    Bool,
}

impl Kind {
    /// The name as users write it: `float32`, `int32` or `bool`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Float => "float32",
            Self::Int => "int32",
            Self::Bool => "bool",
        }
    }

    /// Every kind, for messages and parsing.
    pub const ALL: [Self; 3] = [Self::Float, Self::Int, Self::Bool];

    /// Bytes an element takes, for accounting.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Float | Self::Int => 4,
            Self::Bool => 1,
        }
    }

    /// Whether a kernel can be given a tensor of this kind where it declares such numbers: truth values are read as
    /// `u32`, 0 or 1.
    pub fn is_read_as(self, number: Number) -> bool {
        matches!(
            (number, self),
            (Number::Float, Self::Float) | (Number::Int, Self::Int) | (Number::Unsigned, Self::Int | Self::Bool)
        )
    }

    /// The kind of an arithmetic result, as in PyTorch: float wins over int, int over bool.
    pub(super) fn promote(self, other: Self) -> Self {
        match (self, other) {
            (Self::Float, _) | (_, Self::Float) => Self::Float,
            (Self::Int, _) | (_, Self::Int) => Self::Int,
            (Self::Bool, Self::Bool) => Self::Int,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
