//! Elements on their way back from the device.

use burn::tensor::{bf16, f16};
use burn_backend::{
    Element, TensorData,
    ops::{BoolTensorOps, FloatTensorOps, IntTensorOps},
};
use burn_dispatch::Dispatch;

use super::{DType, Kind, Tensor, cast, gpu};
use crate::{Device, Error, Result, guard::failure, memory};

/// What messages say is done.
const READING: &str = "reading a tensor";

/// A tensor's elements in row-major order, in their own format.
#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    /// Of a float16 tensor.
    Float16(Vec<f16>),
    /// Of a bfloat16 tensor.
    BFloat16(Vec<bf16>),
    /// Of a float32 tensor.
    Float(Vec<f32>),
    /// Of a float64 tensor.
    Float64(Vec<f64>),
    /// Of a uint8 tensor.
    UInt8(Vec<u8>),
    /// Of an int32 tensor.
    Int(Vec<i32>),
    /// Of an int64 tensor.
    Int64(Vec<i64>),
    /// Of a bool tensor.
    Bool(Vec<bool>),
}

/// `$values` of any format, `$body` for each of its values.
macro_rules! each {
    ($elements:expr, |$value:ident| $float16:expr, $bfloat16:expr, $number:expr, $bool:expr) => {
        match $elements {
            Elements::Float16(values) => values.into_iter().map(|$value| $float16).collect(),
            Elements::BFloat16(values) => values.into_iter().map(|$value| $bfloat16).collect(),
            Elements::Float(values) => values.into_iter().map(|$value| $number).collect(),
            Elements::Float64(values) => values.into_iter().map(|$value| $number).collect(),
            Elements::UInt8(values) => values.into_iter().map(|$value| $number).collect(),
            Elements::Int(values) => values.into_iter().map(|$value| $number).collect(),
            Elements::Int64(values) => values.into_iter().map(|$value| $number).collect(),
            Elements::Bool(values) => values.into_iter().map(|$value| $bool).collect(),
        }
    };
}

impl Elements {
    /// Their format.
    pub fn dtype(&self) -> DType {
        match self {
            Self::Float16(_) => DType::Float16,
            Self::BFloat16(_) => DType::BFloat16,
            Self::Float(_) => DType::Float32,
            Self::Float64(_) => DType::Float64,
            Self::UInt8(_) => DType::UInt8,
            Self::Int(_) => DType::Int32,
            Self::Int64(_) => DType::Int64,
            Self::Bool(_) => DType::Bool,
        }
    }

    /// How many there are.
    #[expect(clippy::len_without_is_empty, reason = "nobody asks")]
    pub fn len(&self) -> usize {
        match self {
            Self::Float16(values) => values.len(),
            Self::BFloat16(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Float64(values) => values.len(),
            Self::UInt8(values) => values.len(),
            Self::Int(values) => values.len(),
            Self::Int64(values) => values.len(),
            Self::Bool(values) => values.len(),
        }
    }

    /// None, of a format.
    fn none(dtype: DType) -> Self {
        match dtype {
            DType::Float16 => Self::Float16(Vec::new()),
            DType::BFloat16 => Self::BFloat16(Vec::new()),
            DType::Float32 => Self::Float(Vec::new()),
            DType::Float64 => Self::Float64(Vec::new()),
            DType::UInt8 => Self::UInt8(Vec::new()),
            DType::Int32 => Self::Int(Vec::new()),
            DType::Int64 => Self::Int64(Vec::new()),
            DType::Bool => Self::Bool(Vec::new()),
        }
    }
}

impl Tensor {
    /// Reads the elements. Waits for the device.
    ///
    /// # Errors
    /// The device failed, out of memory included. On a GPU, if an element is not a number: one of the last solves was
    /// given a matrix that is not positive definite.
    pub fn elements(&self) -> Result<Elements> {
        let dtype = self.dtype();
        if self.is_empty() {
            return Ok(Elements::none(dtype));
        }
        self.device().settle()?;
        // Burn's copy, and the list that is made of it.
        memory::check_machine(READING, self.len().saturating_mul(2 * dtype.bytes().max(4)))?;
        let raw = self.raw();
        let failed = |error: &dyn std::fmt::Display| failure::of_text(READING, &error.to_string());
        let data: TensorData = match self.kind() {
            Kind::Float => pollster::block_on(Dispatch::float_into_data(raw)),
            Kind::Int => pollster::block_on(Dispatch::int_into_data(raw)),
            Kind::Bool => pollster::block_on(Dispatch::bool_into_data(raw)),
        }
        .map_err(|error| failed(&error))?;
        fn list<T: Element>(data: TensorData, failed: impl Fn(&dyn std::fmt::Display) -> Error) -> Result<Vec<T>> {
            data.try_into_vec().map_err(|error| failed(&error))
        }
        Ok(match dtype {
            DType::Float16 => Elements::Float16(list(data, failed)?),
            DType::BFloat16 => Elements::BFloat16(list(data, failed)?),
            DType::Float32 => {
                let values: Vec<f32> = list(data, failed)?;
                if self.device().is_gpu() && values.iter().any(|value| value.is_nan()) {
                    gpu::settle()?;
                }
                Elements::Float(values)
            }
            DType::Float64 => Elements::Float64(list(data, failed)?),
            DType::UInt8 => Elements::UInt8(list(data, failed)?),
            DType::Int32 => Elements::Int(list(data, failed)?),
            DType::Int64 => Elements::Int64(list(data, failed)?),
            DType::Bool => Elements::Bool(data.iter::<bool>().collect()),
        })
    }

    /// Reads the elements as float32, whatever their format.
    pub fn floats(&self) -> Result<Vec<f32>> {
        match self.elements()? {
            Elements::Float(values) => Ok(values),
            other => {
                memory::check_machine(READING, self.len().saturating_mul(size_of::<f32>()))?;
                Ok(each!(other, |value| value.to_f32(), value.to_f32(), value as f32, f32::from(u8::from(value))))
            }
        }
    }

    /// Reads the elements as float64, whatever their format.
    pub fn doubles(&self) -> Result<Vec<f64>> {
        match self.elements()? {
            Elements::Float64(values) => Ok(values),
            other => {
                memory::check_machine(READING, self.len().saturating_mul(size_of::<f64>()))?;
                Ok(each!(other, |value| value.to_f64(), value.to_f64(), value as f64, f64::from(u8::from(value))))
            }
        }
    }

    /// Reads the elements of an int tensor in 64 bits.
    ///
    /// # Errors
    /// It is not int; the device failed.
    pub fn longs(&self, op: &'static str) -> Result<Vec<i64>> {
        let elements = self.elements()?;
        if self.dtype() != DType::Int64 {
            memory::check_machine(op, self.len().saturating_mul(size_of::<i64>()))?;
        }
        match elements {
            Elements::UInt8(values) => Ok(values.into_iter().map(i64::from).collect()),
            Elements::Int(values) => Ok(values.into_iter().map(i64::from).collect()),
            Elements::Int64(values) => Ok(values),
            _ => Err(Error::Kind { op, want: "int32", got: self.dtype().name() }),
        }
    }

    /// Reads the elements of an int tensor in 32 bits.
    ///
    /// # Errors
    /// It is not int; one does not fit; the device failed.
    pub fn ints(&self, op: &'static str) -> Result<Vec<i32>> {
        match self.elements()? {
            Elements::Int(values) => Ok(values),
            Elements::UInt8(values) => Ok(values.into_iter().map(i32::from).collect()),
            Elements::Int64(values) => {
                let fit = |value| i32::try_from(value).map_err(|_| cast::unfit(op, "an int", value, DType::Int32));
                values.into_iter().map(fit).collect()
            }
            _ => Err(Error::Kind { op, want: "int32", got: self.dtype().name() }),
        }
    }

    /// An error unless there is one element.
    pub(crate) fn want_single(&self, op: &'static str) -> Result<()> {
        match self.len() {
            1 => Ok(()),
            _ => Err(Error::Shape { op: op.into(), want: "wants one element".into(), got: self.shape().to_vec() }),
        }
    }

    /// The value of a tensor with one element.
    pub fn item(&self) -> Result<f64> {
        self.want_single("item")?;
        Ok(self.doubles()?[0])
    }

    /// The same elements on another device, without the tape.
    pub fn to_device(&self, device: &Device) -> Result<Self> {
        if device == self.device() {
            return Ok(self.clone());
        }
        let moved = Self::from_elements(self.elements()?, self.shape(), device);
        Ok(moved?.counting_as(self))
    }
}
