//! What a tensor's elements are.

use std::fmt;

/// What a tensor's elements are. In which format they are stored is its `DType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Floats, float32 by default.
    Float,
    /// Integers, int32 by default.
    Int,
    /// True or false.
    Bool,
}

impl Kind {
    /// The name of its default format: `float32`, `int32` or `bool`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Float => "float32",
            Self::Int => "int32",
            Self::Bool => "bool",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
