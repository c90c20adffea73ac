//! Tensors from nothing: constants, ranges and keyed random numbers.

use burn_backend::{
    TensorData,
    ops::{BoolTensorOps, FloatTensorOps, IntTensorOps},
};
use burn_dispatch::Dispatch;

use super::{DType, Elements, Kind, Tensor, cast, cpu::Buffer, raw_shape, shape};
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
        if values.is_empty() {
            return Self::without_any(DType::Float32, shape, device);
        }
        let raw = Dispatch::float_from_data(TensorData::new(values, raw_shape(shape)), device.raw());
        Ok(Self::wrap(raw, Kind::Float, shape.to_vec(), device))
    }

    /// Floats computed in float64, in row-major order, each rounded once to the float type of another tensor (float32
    /// where that is not float), on its device. Errors as [`Tensor::from_floats`].
    pub fn from_doubles(values: Vec<f64>, shape: &[usize], like: &Self) -> Result<Self> {
        match like.dtype() {
            DType::Float64 => Self::from_elements(Elements::Float64(values), shape, like.device()),
            _ => Self::from_floats(values.into_iter().map(|value| value as f32).collect(), shape, like.device()),
        }
    }

    /// Ints of a format in row-major order.
    ///
    /// # Errors
    /// As [`Tensor::from_floats`]; a value that does not fit; a format that is not of ints, or that the device does not
    /// have.
    pub fn from_longs(values: Vec<i64>, shape: &[usize], dtype: DType, device: &Device) -> Result<Self> {
        const OP: &str = "tensor";
        fn fitting<T: TryFrom<i64>>(values: Vec<i64>, dtype: DType) -> Result<Vec<T>> {
            let fit = |value| T::try_from(value).map_err(|_| cast::unfit(OP, "an int", value, dtype));
            values.into_iter().map(fit).collect()
        }
        match dtype {
            DType::Int32 => Self::from_ints(fitting(values, dtype)?, shape, device),
            DType::Int64 => Self::from_elements(Elements::Int64(values), shape, device),
            DType::UInt8 => Self::from_elements(Elements::UInt8(fitting(values, dtype)?), shape, device),
            other => Err(Error::Kind { op: OP, want: "int32, int64 or uint8", got: other.name() }),
        }
    }

    /// Elements in row-major order, in their own format.
    ///
    /// # Errors
    /// As [`Tensor::from_floats`]; a format that the device does not have.
    pub fn from_elements(elements: Elements, shape: &[usize], device: &Device) -> Result<Self> {
        let dtype = elements.dtype();
        dtype.check("tensor", device)?;
        check_count(elements.len(), shape)?;
        if elements.len() == 0 {
            return Self::without_any(dtype, shape, device);
        }
        let dims = raw_shape(shape);
        let data = match elements {
            Elements::Float(values) => return Self::from_floats(values, shape, device),
            Elements::Int(values) => return Self::from_ints(values, shape, device),
            Elements::Bool(values) => return Self::from_bools(values, shape, device),
            Elements::Float16(values) => TensorData::new(values, dims),
            Elements::BFloat16(values) => TensorData::new(values, dims),
            Elements::Float64(values) => TensorData::new(values, dims),
            Elements::UInt8(values) => TensorData::new(values, dims),
            Elements::Int64(values) => TensorData::new(values, dims),
        };
        let raw = match dtype.kind() {
            Kind::Float => Dispatch::float_from_data(data, device.raw()),
            _ => Dispatch::int_from_data(data, device.raw()),
        };
        Ok(Self::wrap(raw, dtype.kind(), shape.to_vec(), device))
    }

    /// Integers in row-major order. Errors as [`Tensor::from_floats`].
    pub fn from_ints(values: Vec<i32>, shape: &[usize], device: &Device) -> Result<Self> {
        check_count(values.len(), shape)?;
        if values.is_empty() {
            return Self::without_any(DType::Int32, shape, device);
        }
        let raw = Dispatch::int_from_data(TensorData::new(values, raw_shape(shape)), device.raw());
        Ok(Self::wrap(raw, Kind::Int, shape.to_vec(), device))
    }

    /// Floats that `write` fills, in row-major order; what they are before is arbitrary. Large ones are the memory of
    /// tensors that are gone.
    pub(crate) fn written(
        shape: &[usize],
        device: &Device,
        write: impl FnOnce(&mut [f32]) -> Result<()>,
    ) -> Result<Self> {
        let len = shape.iter().product();
        if len == 0 {
            write(&mut [])?;
            return Self::without_any(DType::Float32, shape, device);
        }
        let mut buffer = Buffer::stale(len);
        write(&mut buffer)?;
        let data = TensorData::from_bytes(buffer.into_bytes(), raw_shape(shape), burn_std::DType::F32);
        Ok(Self::wrap(Dispatch::float_from_data(data, device.raw()), Kind::Float, shape.to_vec(), device))
    }

    /// Truth values in row-major order. Errors as [`Tensor::from_floats`].
    pub fn from_bools(values: Vec<bool>, shape: &[usize], device: &Device) -> Result<Self> {
        check_count(values.len(), shape)?;
        if values.is_empty() {
            return Self::without_any(DType::Bool, shape, device);
        }
        let data = TensorData::new(values, raw_shape(shape));
        // A GPU has no one-byte booleans: convert to what the device stores.
        let data = data.try_cast(device.bools().into()).map_err(|error| Error::Device(error.to_string()))?;
        Ok(Self::wrap(Dispatch::bool_from_data(data, device.raw()), Kind::Bool, shape.to_vec(), device))
    }

    /// As [`Tensor::from_elements`], in float32 or int32 where the device does not have their format.
    ///
    /// # Errors
    /// As [`Tensor::from_elements`]; an int that does not fit 32 bits on such a device.
    pub fn held(elements: Elements, shape: &[usize], device: &Device) -> Result<Self> {
        let dtype = elements.dtype();
        if dtype.check("tensor", device).is_ok() {
            return Self::from_elements(elements, shape, device);
        }
        let on_host = Self::from_elements(elements, shape, &Device::cpu())?;
        on_host.to_dtype(dtype.kind().into())?.to_device(device)
    }

    /// One value everywhere. An int tensor truncates it, a bool tensor is true where it is not 0.
    ///
    /// # Errors
    /// A shape that no tensor has; a value outside the kind's range.
    pub fn full(value: f64, shape: &[usize], dtype: impl Into<DType>, device: &Device) -> Result<Self> {
        Self::filled("full", value, shape, dtype.into(), device)
    }

    pub(crate) fn filled(op: &'static str, value: f64, shape: &[usize], dtype: DType, device: &Device) -> Result<Self> {
        dtype.check(op, device)?;
        shape::check_bytes(op, shape, dtype.bytes().max(4))?;
        let (kind, dims) = (dtype.kind(), raw_shape(shape));
        if shape.contains(&0) {
            return Self::without_any(dtype, shape, device);
        }
        let raw = match kind {
            Kind::Float => Dispatch::float_full(dims, value.into(), device.raw(), dtype.floats()),
            Kind::Int => Dispatch::int_full(dims, int_value(op, value, dtype)?.into(), device.raw(), dtype.ints()),
            Kind::Bool if value != 0.0 => Dispatch::bool_ones(dims, device.raw(), device.bools()),
            Kind::Bool => Dispatch::bool_zeros(dims, device.raw(), device.bools()),
        };
        Ok(Self::wrap(raw, kind, shape.to_vec(), device))
    }

    /// Memory with whatever is in it, for a kernel to write to.
    pub(crate) fn empty(shape: &[usize], dtype: impl Into<DType>, device: &Device) -> Result<Self> {
        let dtype = dtype.into();
        shape::check("empty", shape)?;
        dtype.check("empty", device)?;
        if shape.contains(&0) {
            return Self::without_any(dtype, shape, device);
        }
        let dims = raw_shape(shape);
        let raw = match dtype.kind() {
            Kind::Float => Dispatch::float_empty(dims, device.raw(), dtype.floats()),
            Kind::Int => Dispatch::int_empty(dims, device.raw(), dtype.ints()),
            Kind::Bool => Dispatch::bool_empty(dims, device.raw(), device.bools()),
        };
        Ok(Self::wrap(raw, dtype.kind(), shape.to_vec(), device))
    }

    /// Float zeros.
    pub fn zeros(shape: &[usize], device: &Device) -> Result<Self> {
        Self::filled("zeros", 0.0, shape, DType::Float32, device)
    }

    /// Float ones.
    pub fn ones(shape: &[usize], device: &Device) -> Result<Self> {
        Self::filled("ones", 1.0, shape, DType::Float32, device)
    }

    /// A float scalar.
    pub fn scalar(value: f64, device: &Device) -> Result<Self> {
        Self::full(value, &[], Kind::Float, device)
    }

    /// The integers first, first + step, … up to and with last.
    ///
    /// # Errors
    /// There are none; a step of 0.
    pub fn arange(first: i32, last: i32, step: i32, device: &Device) -> Result<Self> {
        let integers = Self::integers("arange", [first, last, step], device)?;
        if integers.is_empty() {
            let range = format!("{first} to {last} by {step}");
            return Err(Error::argument("arange", "the range", "of at least one number", range));
        }
        Ok(integers)
    }

    /// The integers first, first + step, … up to and with last, as a `for` of Lua counts: none where last is before
    /// first. PyTorch's function of this name includes its end, too.
    ///
    /// # Errors
    /// A step of 0; more of them than a tensor has room for.
    pub fn range(first: i32, last: i32, step: i32, device: &Device) -> Result<Self> {
        Self::integers("range", [first, last, step], device)
    }

    fn integers(op: &'static str, [first, last, step]: [i32; 3], device: &Device) -> Result<Self> {
        if step == 0 {
            return Err(Error::argument(op, "step", "other than 0", step));
        }
        let step = i64::from(step);
        let way = (i64::from(last) - i64::from(first)) * step.signum();
        // Rounded down, so that a way back counts none.
        let count = (way.div_euclid(step.abs()) + 1).max(0) as usize;
        shape::check(op, &[count])?;
        // The list is there while the tensor is made of it.
        memory::check_room(op, count.saturating_mul(2 * size_of::<i32>()))?;
        let mut values = memory::list(op, count)?;
        values.extend((0..count as i64).map(|i| (i64::from(first) + i * step) as i32));
        Self::from_ints(values, &[count], device)
    }

    /// The identity matrix: float `[size, size]`.
    ///
    /// # Errors
    /// A size that no tensor has room for.
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
    /// A count that no tensor has room for.
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
pub(super) fn int_value(op: &'static str, value: f64, dtype: DType) -> Result<i64> {
    let [least, most] = dtype.range().map(|bound| bound as f64);
    // The nearest float to the largest int64 is one more.
    if (least..=most).contains(&value.trunc()) && value < 9_223_372_036_854_775_808.0 {
        return Ok(value as i64);
    }
    let range = match dtype {
        DType::UInt8 => "0 to 255",
        DType::Int64 => "within 64 bits",
        _ => "within 32 bits",
    };
    Err(Error::argument(op, "value", range, value))
}

fn check_count(count: usize, shape: &[usize]) -> Result<()> {
    // The values are there already.
    shape::check_view("tensor", shape)?;
    if count == shape.iter().product::<usize>() {
        return Ok(());
    }
    Err(Error::Shape { op: "tensor".into(), want: format!("{count} values fill another shape"), got: shape.to_vec() })
}
