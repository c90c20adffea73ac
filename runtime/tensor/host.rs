//! Elements on their way back from the device.

use burn_backend::{
    TensorData,
    ops::{BoolTensorOps, FloatTensorOps, IntTensorOps},
};
use burn_dispatch::Dispatch;

use super::{Kind, Tensor, gpu};
use crate::{Device, Error, Result, guard::failure, memory};

/// A tensor's elements in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub enum Elements {
    /// Of a float tensor.
    Float(Vec<f32>),
    /// Of an int tensor.
    Int(Vec<i32>),
    /// Of a bool tensor.
    Bool(Vec<bool>),
}

impl Tensor {
    /// Reads the elements. Waits for the device.
    ///
    /// # Errors
    /// The device failed, out of memory included. On a GPU, if an element is not a number: one of the last solves was
    /// given a matrix that is not positive definite.
    pub fn elements(&self) -> Result<Elements> {
        self.device().settle()?;
        memory::check_machine("reading a tensor", self.len().saturating_mul(4))?;
        let raw = self.raw();
        let failed = |error: &dyn std::fmt::Display| failure::of_text("reading a tensor", &error.to_string());
        let data: TensorData = match self.kind() {
            Kind::Float => pollster::block_on(Dispatch::float_into_data(raw)),
            Kind::Int => pollster::block_on(Dispatch::int_into_data(raw)),
            Kind::Bool => pollster::block_on(Dispatch::bool_into_data(raw)),
        }
        .map_err(|error| failed(&error))?;
        Ok(match self.kind() {
            Kind::Float => {
                let values: Vec<f32> = data.try_into_vec().map_err(|error| failed(&error))?;
                if self.device().is_gpu() && values.iter().any(|value| value.is_nan()) {
                    gpu::settle()?;
                }
                Elements::Float(values)
            }
            Kind::Int => Elements::Int(data.try_into_vec().map_err(|error| failed(&error))?),
            Kind::Bool => Elements::Bool(data.iter::<bool>().collect()),
        })
    }

    /// Reads the elements as floats, whatever the kind.
    pub fn floats(&self) -> Result<Vec<f32>> {
        Ok(match self.elements()? {
            Elements::Float(values) => values,
            Elements::Int(values) => values.into_iter().map(|value| value as f32).collect(),
            Elements::Bool(values) => values.into_iter().map(|value| f32::from(u8::from(value))).collect(),
        })
    }

    /// Reads the elements in float64, whatever the kind.
    pub fn doubles(&self) -> Result<Vec<f64>> {
        Ok(match self.elements()? {
            Elements::Float(values) => values.into_iter().map(f64::from).collect(),
            Elements::Int(values) => values.into_iter().map(f64::from).collect(),
            Elements::Bool(values) => values.into_iter().map(|value| f64::from(u8::from(value))).collect(),
        })
    }

    /// Reads the elements of an int tensor in 64 bits.
    ///
    /// # Errors
    /// It is not int; the device failed.
    pub fn longs(&self, op: &'static str) -> Result<Vec<i64>> {
        Ok(self.ints(op)?.into_iter().map(i64::from).collect())
    }

    /// Reads the elements of an int tensor.
    pub fn ints(&self, op: &'static str) -> Result<Vec<i32>> {
        match self.elements()? {
            Elements::Int(values) => Ok(values),
            _ => Err(Error::Kind { op, want: "int32", got: self.kind().name() }),
        }
    }

    /// The value of a tensor with one element.
    pub fn item(&self) -> Result<f64> {
        if self.len() != 1 {
            return Err(Error::Shape {
                op: "item".into(),
                want: "wants one element".into(),
                got: self.shape().to_vec(),
            });
        }
        Ok(match self.elements()? {
            Elements::Float(values) => f64::from(values[0]),
            Elements::Int(values) => f64::from(values[0]),
            Elements::Bool(values) => f64::from(u8::from(values[0])),
        })
    }

    /// The same elements on another device, without the tape.
    pub fn to_device(&self, device: &Device) -> Result<Self> {
        if device == self.device() {
            return Ok(self.clone());
        }
        let moved = match self.elements()? {
            Elements::Float(values) => Self::from_floats(values, self.shape(), device),
            Elements::Int(values) => Self::from_ints(values, self.shape(), device),
            Elements::Bool(values) => Self::from_bools(values, self.shape(), device),
        };
        Ok(moved?.counting_as(self))
    }
}
