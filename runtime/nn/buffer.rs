//! A tensor that a layer moves itself, such as a running mean. A handle is shared by cloning; the tensor behind it is
//! replaced, never written to.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use super::touched;
use crate::{
    Device, Error, Result, Tensor,
    tensor::{DType, Kind},
};

/// A tensor that a layer moves itself.
#[derive(Clone)]
pub struct Buffer(Rc<Cells>);

struct Cells {
    start: Start,
    /// Whether its value came from a state.
    is_inherited: Cell<bool>,
    value: RefCell<Option<Tensor>>,
}

/// What it has before anybody moves it.
#[derive(Clone)]
enum Start {
    Filled { shape: Vec<usize>, value: f64 },
    Given(Tensor),
}

impl Buffer {
    /// A buffer that will start with one value everywhere.
    pub fn new(shape: &[usize], start: f64) -> Self {
        Self::starting(Start::Filled { shape: shape.to_vec(), value: start })
    }

    /// A buffer that will start with the elements of a tensor, and keeps its dtype.
    pub fn of(tensor: &Tensor) -> Self {
        Self::starting(Start::Given(tensor.detach().to_owned_tensor()))
    }

    fn starting(start: Start) -> Self {
        Self(Rc::new(Cells { start, is_inherited: Cell::default(), value: RefCell::default() }))
    }

    /// A buffer that starts as this one did, and has no value yet.
    pub fn fresh(&self) -> Self {
        Self::starting(self.0.start.clone())
    }

    /// Its shape.
    pub fn shape(&self) -> &[usize] {
        match &self.0.start {
            Start::Filled { shape, .. } => shape,
            Start::Given(tensor) => tensor.shape(),
        }
    }

    /// Its dtype.
    pub fn dtype(&self) -> DType {
        match &self.0.start {
            Start::Filled { .. } => DType::Float32,
            Start::Given(tensor) => tensor.dtype(),
        }
    }

    /// Its value.
    ///
    /// # Errors
    /// It has none yet.
    pub fn value(&self) -> Result<Tensor> {
        touched::note(self);
        self.0.value.borrow().clone().ok_or_else(|| Error::State { op: "buffer", reason: "has no value yet".into() })
    }

    /// Replaces the value, without a tape; as the dtype of the tensor that it started with, if it started with one.
    ///
    /// # Errors
    /// Another shape; floats, ints and truth values in the place of one another.
    pub fn set(&self, value: Tensor) -> Result<()> {
        if value.kind() != self.dtype().kind() {
            return Err(Error::Kind { op: "buffer", want: self.dtype().name(), got: value.dtype().name() });
        }
        if value.shape() != self.shape() {
            return Err(Error::Shapes { op: "buffer", left: self.shape().to_vec(), right: value.shape().to_vec() });
        }
        let value = match &self.0.start {
            Start::Given(tensor) => value.to_dtype(tensor.dtype())?,
            Start::Filled { .. } => value,
        };
        touched::note(self);
        self.0.value.replace(Some(value.to_be_kept()));
        Ok(())
    }

    /// Takes its value from a state. Errors as [`Buffer::set`].
    pub(super) fn inherit(&self, value: Tensor) -> Result<()> {
        self.0.is_inherited.set(true);
        self.set(value)
    }

    /// Whether its value came from a state.
    pub fn is_inherited(&self) -> bool {
        self.0.is_inherited.get()
    }

    /// Puts a tensor in the place of the value, whatever it is, and gives the value.
    pub(super) fn swap(&self, value: Option<Tensor>) -> Option<Tensor> {
        self.0.value.replace(value)
    }

    /// Its value, if it has one, without a note of the reading.
    pub(super) fn peek(&self) -> Option<Tensor> {
        self.0.value.borrow().clone()
    }

    /// Whether both handles are of one buffer.
    pub(super) fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn realise(&self, device: &Device) -> Result<()> {
        if self.0.value.borrow().is_some() {
            return Ok(());
        }
        self.set(match &self.0.start {
            Start::Filled { shape, value } => Tensor::full(*value, shape, Kind::Float, device)?,
            Start::Given(tensor) => tensor.to_device(device)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_of_a_tensor_starts_with_it_and_keeps_its_dtype() {
        let device = Device::cpu();
        let counts = Tensor::from_ints(vec![3, 4], &[2], &device).unwrap();
        let buffer = Buffer::of(&counts);
        assert!(buffer.value().is_err());
        buffer.realise(&device).unwrap();
        assert_eq!((buffer.value().unwrap().ints("buffer").unwrap(), buffer.dtype()), (vec![3, 4], DType::Int32));
        let error = buffer.set(Tensor::ones(&[2], &device).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "buffer: wants an int32 tensor, got float32");
        let error = buffer.set(counts.reshape(&[1, 2]).unwrap()).unwrap_err().to_string();
        assert_eq!(error, "buffer: shapes differ: [2] and [1, 2]");
        let again = buffer.fresh();
        buffer.set(counts.add_scalar(1.0).unwrap()).unwrap();
        again.realise(&device).unwrap();
        assert_eq!(again.value().unwrap().ints("buffer").unwrap(), [3, 4]);
    }
}
