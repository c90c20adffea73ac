//! Tensors from nothing: constants, ranges and keyed random numbers.

use burn_backend::{
    TensorData,
    ops::{BoolTensorOps, FloatTensorOps, IntTensorOps},
};
use burn_dispatch::Dispatch;

use super::{Kind, Tensor, raw_shape, shape};
use crate::{
    Device, Error, Result, memory,
    rng::{DrawKey, Stream},
};

impl Tensor {
    /// Floats in row-major order.
    ///
    /// # Errors
    /// More or fewer values than the shape holds; a shape that no tensor has.
    pub fn from_floats(values: Vec<f32>, shape: &[usize], device: &Device) -> Result<Self> {
        check_count(values.len(), shape)?;
        let raw = Dispatch::float_from_data(TensorData::new(values, raw_shape(shape)), device.raw());
        Ok(Self::wrap(raw, Kind::Float, shape.to_vec(), device))
    }

    /// Floats computed in float64, in row-major order, each rounded once to the float type of another tensor (float32
    /// where that is not float), on its device. Errors as [`Tensor::from_floats`].
    pub fn from_doubles(values: Vec<f64>, shape: &[usize], like: &Self) -> Result<Self> {
        Self::from_floats(values.into_iter().map(|value| value as f32).collect(), shape, like.device())
    }

    /// Integers in row-major order. Errors as [`Tensor::from_floats`].
    pub fn from_ints(values: Vec<i32>, shape: &[usize], device: &Device) -> Result<Self> {
        check_count(values.len(), shape)?;
        let raw = Dispatch::int_from_data(TensorData::new(values, raw_shape(shape)), device.raw());
        Ok(Self::wrap(raw, Kind::Int, shape.to_vec(), device))
    }

    /// Truth values in row-major order. Errors as [`Tensor::from_floats`].
    pub fn from_bools(values: Vec<bool>, shape: &[usize], device: &Device) -> Result<Self> {
        check_count(values.len(), shape)?;
        let data = TensorData::new(values, raw_shape(shape));
        // A GPU has no one-byte booleans: convert to what the device stores.
        let data = data.try_cast(device.bools().into()).map_err(|error| Error::Device(error.to_string()))?;
        Ok(Self::wrap(Dispatch::bool_from_data(data, device.raw()), Kind::Bool, shape.to_vec(), device))
    }

    /// One value everywhere. An int tensor truncates it, a bool tensor is true where it is not 0.
    ///
    /// # Errors
    /// A shape that no tensor has; a value outside the kind's range.
    pub fn full(value: f64, shape: &[usize], kind: Kind, device: &Device) -> Result<Self> {
        Self::filled("full", value, shape, kind, device)
    }

    fn filled(op: &'static str, value: f64, shape: &[usize], kind: Kind, device: &Device) -> Result<Self> {
        shape::check(op, shape)?;
        let dims = raw_shape(shape);
        let raw = match kind {
            Kind::Float => Dispatch::float_full(dims, value.into(), device.raw(), device.floats()),
            Kind::Int => Dispatch::int_full(dims, int_value(op, value)?.into(), device.raw(), device.ints()),
            Kind::Bool if value != 0.0 => Dispatch::bool_ones(dims, device.raw(), device.bools()),
            Kind::Bool => Dispatch::bool_zeros(dims, device.raw(), device.bools()),
        };
        Ok(Self::wrap(raw, kind, shape.to_vec(), device))
    }

    /// Memory with whatever is in it, for a kernel to write to.
    pub(crate) fn empty(shape: &[usize], kind: Kind, device: &Device) -> Result<Self> {
        shape::check("empty", shape)?;
        let dims = raw_shape(shape);
        let raw = match kind {
            Kind::Float => Dispatch::float_empty(dims, device.raw(), device.floats()),
            Kind::Int => Dispatch::int_empty(dims, device.raw(), device.ints()),
            Kind::Bool => Dispatch::bool_empty(dims, device.raw(), device.bools()),
        };
        Ok(Self::wrap(raw, kind, shape.to_vec(), device))
    }

    /// Float zeros.
    pub fn zeros(shape: &[usize], device: &Device) -> Result<Self> {
        Self::filled("zeros", 0.0, shape, Kind::Float, device)
    }

    /// Float ones.
    pub fn ones(shape: &[usize], device: &Device) -> Result<Self> {
        Self::filled("ones", 1.0, shape, Kind::Float, device)
    }

    /// A float scalar.
    pub fn scalar(value: f64, device: &Device) -> Result<Self> {
        Self::full(value, &[], Kind::Float, device)
    }

    /// The integers first, first + step, … up to and with last.
    pub fn arange(first: i32, last: i32, step: i32, device: &Device) -> Result<Self> {
        Self::integers("arange", [first, last, step], device)
    }

    /// As [`Tensor::arange`], under the name of PyTorch's function that includes its end.
    pub fn range(first: i32, last: i32, step: i32, device: &Device) -> Result<Self> {
        Self::integers("range", [first, last, step], device)
    }

    fn integers(op: &'static str, [first, last, step]: [i32; 3], device: &Device) -> Result<Self> {
        if step == 0 {
            return Err(Error::argument(op, "step", "other than 0", step));
        }
        let way = i64::from(last) - i64::from(first);
        let count = way / i64::from(step) + 1;
        if count < 1 || way.signum() * i64::from(step).signum() < 0 {
            let range = format!("{first} to {last} by {step}");
            return Err(Error::argument(op, "the range", "of at least one number", range));
        }
        shape::check(op, &[count as usize])?;
        let count = count as usize;
        let mut values = memory::list(op, count)?;
        values.extend((0..count as i64).map(|i| (i64::from(first) + i * i64::from(step)) as i32));
        Self::from_ints(values, &[count], device)
    }

    /// The identity matrix: float `[size, size]`.
    ///
    /// # Errors
    /// A size of 0, or one that no tensor has room for.
    pub fn eye(size: usize, device: &Device) -> Result<Self> {
        shape::check("eye", &[size, size])?;
        let mut values = memory::list("eye", size * size)?;
        values.resize(size * size, 0.0);
        values.iter_mut().step_by(size + 1).for_each(|value| *value = 1.0);
        Self::from_floats(values, &[size, size], device)
    }

    /// The positions 0 to count − 1 in random order, a function of stream and key alone.
    ///
    /// # Errors
    /// A count of 0, or one that no tensor has room for.
    pub fn permutation(count: usize, stream: Stream, key: u64, device: &Device) -> Result<Self> {
        shape::check_view("randperm", &[count])?;
        // The order is made before its elements are.
        memory::check_room("randperm", count * 2 * size_of::<i32>())?;
        let order = stream.permutation(key, count).into_iter().map(|position| position as i32).collect();
        Self::from_ints(order, &[count], device)
    }

    /// Standard normal floats, a function of stream and key alone.
    pub fn randn(shape: &[usize], stream: Stream, key: DrawKey, device: &Device) -> Result<Self> {
        shape::check("randn", shape)?;
        let mut draws = stream.at(key.step, key.call, 0, 0);
        let mut values = memory::list("randn", shape.iter().product())?;
        values.extend((0..shape.iter().product()).map(|_| draws.normal()));
        Self::from_floats(values, shape, device)
    }

    /// Uniform floats in [0, 1), a function of stream and key alone.
    pub fn rand(shape: &[usize], stream: Stream, key: DrawKey, device: &Device) -> Result<Self> {
        shape::check("rand", shape)?;
        let mut draws = stream.at(key.step, key.call, 0, 0);
        let mut values = memory::list("rand", shape.iter().product())?;
        values.extend((0..shape.iter().product()).map(|_| draws.uniform()));
        Self::from_floats(values, shape, device)
    }
}

/// A number as an element of an int tensor, truncated towards 0.
pub(super) fn int_value(op: &'static str, value: f64) -> Result<i64> {
    let range = f64::from(i32::MIN)..=f64::from(i32::MAX);
    if range.contains(&value.trunc()) {
        Ok(value as i64)
    } else {
        Err(Error::argument(op, "value", "within 32 bits", value))
    }
}

fn check_count(count: usize, shape: &[usize]) -> Result<()> {
    // The values are there already.
    shape::check_view("tensor", shape)?;
    if count == shape.iter().product::<usize>() {
        return Ok(());
    }
    Err(Error::Shape { op: "tensor".into(), want: format!("{count} values fill another shape"), got: shape.to_vec() })
}
