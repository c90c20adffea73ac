//! What a buffer of a kernel is made of.

use naga::{ArraySize, ScalarKind, TypeInner};

/// What a kernel may do with a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// `var<storage, read>`.
    Read,
    /// `var<storage, read_write>`.
    Write,
}

/// The element type of a buffer: `lanes` numbers that belong together, 1 unless it is a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// The type of each number.
    pub number: Number,
    /// How many numbers an element has: 1, 2 or 4.
    pub lanes: usize,
}

impl Element {
    /// As WGSL writes it.
    pub fn name(self) -> String {
        match self.lanes {
            1 => self.number.name().into(),
            lanes => format!("vec{lanes}<{}>", self.number.name()),
        }
    }

    /// Bytes that it takes.
    pub fn bytes(self) -> usize {
        self.lanes * self.number.bytes()
    }
}

/// A type of number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// `f16`, which not every device has.
    Half,
    /// `f32`.
    Float,
    /// `i32`.
    Int,
    /// `u32`.
    Unsigned,
}

impl Number {
    /// As WGSL writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Half => "f16",
            Self::Float => "f32",
            Self::Int => "i32",
            Self::Unsigned => "u32",
        }
    }

    /// Bytes that it takes.
    pub fn bytes(self) -> usize {
        if self == Self::Half { 2 } else { 4 }
    }

    /// The kinds of tensors that it takes, in words.
    pub(crate) fn kinds(self) -> &'static str {
        match self {
            Self::Half => "a float16 tensor",
            Self::Float => "a float32 tensor",
            Self::Int => "an int32 tensor",
            Self::Unsigned => "an int32 or a bool tensor",
        }
    }
}

pub(super) fn number(scalar: naga::Scalar) -> Option<Number> {
    match (scalar.kind, scalar.width) {
        (ScalarKind::Float, 2) => Some(Number::Half),
        (ScalarKind::Float, 4) => Some(Number::Float),
        (ScalarKind::Sint, 4) => Some(Number::Int),
        (ScalarKind::Uint, 4) => Some(Number::Unsigned),
        _ => None,
    }
}

pub(super) fn element(module: &naga::Module, array: naga::Handle<naga::Type>) -> Option<Element> {
    let TypeInner::Array { base, size: ArraySize::Dynamic, .. } = module.types[array].inner else { return None };
    match module.types[base].inner {
        TypeInner::Scalar(scalar) | TypeInner::Atomic(scalar) => Some(Element { number: number(scalar)?, lanes: 1 }),
        TypeInner::Vector { size, scalar } if size != naga::VectorSize::Tri => {
            Some(Element { number: number(scalar)?, lanes: size as usize })
        }
        _ => None,
    }
}
