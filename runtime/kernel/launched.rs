//! One launch of a kernel: the memory of its tensors, the launch, what it gives. Tensors on the CPU are carried to the
//! adapter that kernels run on, and what comes of them back.

use burn::tensor::f16;

use super::{
    Size,
    order::Order,
    output::Output,
    program::{bindings, check_lanes, fields},
};
use crate::{
    Device, Error, Result, Tensor,
    gpu::{Access, Buffer, Context, Kernel, Launch, Watch},
    tensor::{DType, Elements, MAX_RANK},
};

/// One launch of a kernel.
pub(super) struct Launched<'a> {
    pub kernel: &'a Kernel,
    pub inputs: &'a [(&'a str, &'a Tensor)],
    pub scalars: &'a [(String, f64)],
    pub outputs: &'a [Output],
    /// The bindings whose tensors lie with the channels last.
    pub channels_last: &'a [String],
    pub size: Size,
    pub watch: Watch,
}

impl Launched<'_> {
    /// Runs it on the device, or for it.
    pub fn run(self, device: &Device) -> Result<Vec<Tensor>> {
        let refuse = |reason: String| Error::Kernel { kernel: self.kernel.name().into(), reason };
        let context = Context::of(device)?;
        context.check()?;
        self.kernel.check_on(&context.device)?;
        self.check_bytes(context.device.limits().max_storage_buffer_binding_size).map_err(refuse)?;
        let first = self.check_outputs()?;
        for binding in bindings(self.kernel, Access::Read) {
            if let Some((_, tensor)) = self.inputs.iter().find(|(name, _)| *name == binding.name) {
                check_lanes(self.kernel, binding, tensor.shape())?;
            }
        }
        let most = context.device.limits().max_compute_workgroups_per_dimension;
        let groups = self.size.groups(self.kernel.interface(), first, most).map_err(refuse)?;
        let order = |name: &str| Order::of(self.channels_last.iter().any(|known| known == name));
        let inputs = self.inputs.iter().map(|(name, tensor)| carried(tensor, order(name), &context));
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
        let made = |output: &Output| {
            let shape = order(&output.name).dims(output.shape.len()).iter().map(|dim| output.shape[*dim]).collect();
            Output { shape, ..output.clone() }
        };
        let lying: Vec<Output> = self.outputs.iter().map(made).collect();
        let outputs = lying.iter().map(|output| Made::new(output, device, &context));
        let outputs = outputs.collect::<Result<Vec<_>>>()?;
        let mut launch = Launch::new(self.kernel).watched(self.watch);
        for ((name, _), buffer) in self.inputs.iter().zip(&inputs) {
            launch = launch.buffer(name, buffer);
        }
        for (output, made) in self.outputs.iter().zip(&outputs) {
            launch = match made.tensor {
                Some(_) => launch.zeroed(&output.name, &made.buffer),
                None => launch.buffer(&output.name, &made.buffer),
            };
        }
        for name in fields(self.kernel) {
            let value = self.scalars.iter().find(|(known, _)| known == name);
            launch = launch.scalar(name, value.map_or(f64::NAN, |(_, value)| *value));
        }
        launch.dispatch_on(&context, groups)?;
        let tensors = lying.iter().zip(outputs).map(|(output, made)| {
            let tensor = made.into_tensor(output, device, &context)?;
            order(&output.name).restored(tensor)
        });
        tensors.collect()
    }

    /// An error for a tensor that the device cannot bind, before it has memory there.
    fn check_bytes(&self, limit: u64) -> Result<(), String> {
        let inputs = self.inputs.iter().map(|(name, tensor)| (*name, tensor.shape(), tensor.dtype()));
        let outputs = self.outputs.iter().map(|output| (output.name.as_str(), output.shape.as_slice(), output.dtype));
        for (name, shape, dtype) in inputs.chain(outputs) {
            let bytes = shape.iter().fold(device_bytes(dtype), |bytes, size| bytes.saturating_mul(*size as u64));
            if bytes > limit {
                return Err(format!("binding '{name}' has {bytes} bytes, over the device's limit of {limit}"));
            }
        }
        Ok(())
    }

    /// Checks the outputs against the bindings; returns the number of elements that the first one has to the kernel.
    fn check_outputs(&self) -> Result<usize> {
        let mut first = None;
        for binding in bindings(self.kernel, Access::Write) {
            let name = &binding.name;
            let refuse = |reason: String| Error::Kernel { kernel: self.kernel.name().into(), reason };
            let output = self.outputs.iter().find(|output| output.name == *name);
            let output = output.ok_or_else(|| refuse(format!("output '{name}' has no shape")))?;
            if !output.dtype.is_read_as(binding.element.number) {
                let (number, dtype) = (binding.element.number.name(), output.dtype);
                return Err(refuse(format!("binding '{name}' is an array of {number}, which is no {dtype}")));
            }
            check_shape(&output.shape)
                .map_err(|reason| refuse(format!("binding '{name}' {reason}, got {:?}", output.shape)))?;
            check_lanes(self.kernel, binding, &output.shape)?;
            first.get_or_insert(output.shape.iter().product::<usize>() / binding.element.lanes);
        }
        Ok(first.expect("a kernel writes to a binding"))
    }
}

/// Refuses a shape that no tensor can have; the error says what a shape must have.
fn check_shape(shape: &[usize]) -> Result<(), &'static str> {
    let elements = shape.iter().try_fold(1usize, |size, dim| size.checked_mul(*dim));
    match elements {
        _ if shape.len() > MAX_RANK => Err("has at most 6 dims"),
        _ if shape.contains(&0) => Err("has no dim of 0"),
        Some(elements) if elements <= i32::MAX as usize => Ok(()),
        _ => Err("has at most 2147483647 elements"),
    }
}

/// Bytes that an element takes in a kernel's memory: truth values are whole words there.
fn device_bytes(dtype: DType) -> u64 {
    if dtype == DType::Float16 { 2 } else { 4 }
}

/// A tensor's memory where the kernel runs.
fn carried(tensor: &Tensor, order: Order, context: &Context) -> Result<Buffer> {
    if tensor.device().is_gpu() {
        return if order == Order::ChannelsLast { tensor.buffer_channels_last() } else { tensor.buffer() };
    }
    match order.lying(tensor)?.elements()? {
        Elements::Float16(values) => {
            let halves: Vec<u16> = values.into_iter().map(f16::to_bits).collect();
            Buffer::filled_on(context, bytemuck::cast_slice(&halves))
        }
        Elements::Float(values) => Buffer::filled_on(context, bytemuck::cast_slice(&values)),
        Elements::Int(values) => Buffer::filled_on(context, bytemuck::cast_slice(&values)),
        Elements::Bool(values) => {
            let words: Vec<u32> = values.into_iter().map(u32::from).collect();
            Buffer::filled_on(context, bytemuck::cast_slice(&words))
        }
        other => Err(Error::Kind { op: "kernel", want: "float32, float16, int32 or bool", got: other.dtype().name() }),
    }
}

/// An output's memory; on a GPU device a tensor's.
struct Made {
    buffer: Buffer,
    tensor: Option<Tensor>,
}

impl Made {
    fn new(output: &Output, device: &Device, context: &Context) -> Result<Self> {
        if !device.is_gpu() {
            let count: usize = output.shape.iter().product();
            let bytes = count * device_bytes(output.dtype) as usize;
            return Ok(Self { buffer: Buffer::zeros_on(context, bytes)?, tensor: None });
        }
        // What a kernel writes as truth need not be 0 or 1, so it is written as numbers first.
        let dtype = if output.dtype == DType::Bool { DType::Int32 } else { output.dtype };
        let tensor = Tensor::empty(&output.shape, dtype, device)?;
        Ok(Self { buffer: tensor.buffer()?, tensor: Some(tensor) })
    }

    fn into_tensor(self, output: &Output, device: &Device, context: &Context) -> Result<Tensor> {
        match (self.tensor, output.dtype) {
            (Some(tensor), DType::Bool) => tensor.ne_scalar(0.0),
            (Some(tensor), _) => Ok(tensor),
            (None, dtype) => {
                let bytes = self.buffer.read(context)?;
                let elements = match dtype {
                    DType::Bool => {
                        let words: Vec<u32> = bytemuck::pod_collect_to_vec(&bytes);
                        Elements::Bool(words.into_iter().map(|word| word != 0).collect())
                    }
                    DType::Float16 => {
                        let count: usize = output.shape.iter().product();
                        // Memory is whole words, which a count that is odd leaves half of.
                        let halves: Vec<u16> = bytemuck::pod_collect_to_vec(&bytes[..2 * count]);
                        Elements::Float16(halves.into_iter().map(f16::from_bits).collect())
                    }
                    DType::Float32 => Elements::Float(bytemuck::pod_collect_to_vec(&bytes)),
                    _ => Elements::Int(bytemuck::pod_collect_to_vec(&bytes)),
                };
                Tensor::from_elements(elements, &output.shape, device)
            }
        }
    }
}
