//! The element types of files beside those of tensors: the one place that says which becomes which.

use std::io::Read;

use burn::tensor::{bf16, f16};

use super::Place;
use crate::{Device, Error, Result, Tensor, memory, tensor::Elements};

/// The bytes that are read at once. A multiple of every element's size.
const BLOCK: usize = 1 << 18;

/// The type of the elements in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    Float64,
    Float32,
    Float16,
    Bfloat16,
    Int64,
    Int32,
    Int16,
    Int8,
    Uint64,
    Uint32,
    Uint16,
    Uint8,
    Bool,
}

impl Stored {
    /// The bytes of one element.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Float64 | Self::Int64 | Self::Uint64 => 8,
            Self::Float32 | Self::Int32 | Self::Uint32 => 4,
            Self::Float16 | Self::Bfloat16 | Self::Int16 | Self::Uint16 => 2,
            Self::Int8 | Self::Uint8 | Self::Bool => 1,
        }
    }

    /// Reads elements in their own format, or in the next wider one that a tensor has.
    ///
    /// # Errors
    /// An integer beyond 64 bits; the source ends; there is no room.
    pub fn elements(self, source: &mut Source) -> Result<Elements> {
        // Which type of a file becomes which of ours: here, and for files that are written in `of`.
        Ok(match self {
            Self::Float64 => Elements::Float64(source.each(f64::from_le_bytes)?),
            Self::Float32 => Elements::Float(source.each(f32::from_le_bytes)?),
            Self::Float16 => Elements::Float16(source.each(f16::from_le_bytes)?),
            Self::Bfloat16 => Elements::BFloat16(source.each(bf16::from_le_bytes)?),
            Self::Int64 => Elements::Int64(source.each(i64::from_le_bytes)?),
            Self::Int32 => Elements::Int(source.each(i32::from_le_bytes)?),
            Self::Int16 => Elements::Int(source.each(|bytes| i16::from_le_bytes(bytes).into())?),
            Self::Int8 => Elements::Int(source.each(|bytes| i8::from_le_bytes(bytes).into())?),
            Self::Uint64 => Elements::Int64(source.each_fitting(u64::from_le_bytes)?),
            Self::Uint32 => Elements::Int64(source.each(|bytes| u32::from_le_bytes(bytes).into())?),
            Self::Uint16 => Elements::Int(source.each(|bytes| u16::from_le_bytes(bytes).into())?),
            Self::Uint8 => Elements::UInt8(source.each(|[byte]: [u8; 1]| byte)?),
            Self::Bool => Elements::Bool(source.each(|[byte]: [u8; 1]| byte != 0)?),
        })
    }

    /// The type that elements are written as, and their bytes behind what is there already, the lowest first.
    pub fn of(elements: &Elements, bytes: &mut Vec<u8>) -> Self {
        /// The bytes of every value, and the type.
        macro_rules! written {
            ($values:expr, $stored:ident) => {{
                bytes.extend($values.iter().flat_map(|value| value.to_le_bytes()));
                Self::$stored
            }};
        }
        match elements {
            Elements::Float16(values) => written!(values, Float16),
            Elements::BFloat16(values) => written!(values, Bfloat16),
            Elements::Float(values) => written!(values, Float32),
            Elements::Float64(values) => written!(values, Float64),
            Elements::UInt8(values) => written!(values, Uint8),
            Elements::Int(values) => written!(values, Int32),
            Elements::Int64(values) => written!(values, Int64),
            Elements::Bool(values) => {
                bytes.extend(values.iter().map(|value| u8::from(*value)));
                Self::Bool
            }
        }
    }
}

/// Elements that lie one after another in a file.
pub(crate) struct Source<'a> {
    pub from: &'a mut dyn Read,
    pub count: usize,
    /// Whether the highest byte of an element comes first.
    pub big_endian: bool,
    pub place: Place<'a>,
}

impl Source<'_> {
    fn each<const N: usize, T>(&mut self, value: impl Fn([u8; N]) -> T) -> Result<Vec<T>> {
        self.each_checked(|bytes| Ok(value(bytes)))
    }

    /// Integers that may be too large for 64 bits.
    fn each_fitting<const N: usize, T>(&mut self, value: impl Fn([u8; N]) -> T) -> Result<Vec<i64>>
    where
        T: Copy + TryInto<i64> + std::fmt::Display,
    {
        let place = self.place;
        self.each_checked(|bytes| {
            let value = value(bytes);
            value.try_into().map_err(|_| place.wrong(format!("{value} is no 64-bit integer")))
        })
    }

    fn each_checked<const N: usize, T>(&mut self, value: impl Fn([u8; N]) -> Result<T, Error>) -> Result<Vec<T>> {
        let mut values = self.place.told(memory::list(self.place.op(), self.count))?;
        let mut block = vec![0; BLOCK.min(self.count * N)];
        while values.len() < self.count {
            let next = &mut block[..BLOCK.min((self.count - values.len()) * N)];
            self.from.read_exact(next).map_err(|error| self.place.refused(error))?;
            let elements = next.as_chunks_mut::<N>().0;
            if self.big_endian {
                elements.iter_mut().for_each(|element| element.reverse());
            }
            for element in elements {
                values.push(value(*element)?);
            }
        }
        Ok(values)
    }
}

/// A tensor of elements in row-major order; in float32 or int32 where the device does not have their format.
pub(crate) fn tensor(elements: Elements, shape: &[usize], device: &Device) -> Result<Tensor> {
    Tensor::held(elements, shape, device)
}
