//! Burn's tensors as ranges of wgpu buffers. Burn's memory is pooled: a tensor is a part of a buffer, which stays its
//! own for as long as a handle to it lives.

use burn_cubecl::{CubeBackend, kernel::into_contiguous, tensor::CubeTensor};
use burn_dispatch::{BackendTensor, DispatchTensor, DispatchTensorKind};
use burn_wgpu::AutoCompiler;
use cubecl_wgpu::WgpuServer;

use super::Context;
use crate::{
    Device, Error, Result,
    device::{health, patience::settle},
    guard::{failure, guard},
    memory,
};

const OP: &str = "kernel";

/// Bytes that are sent at once.
const CHUNK: usize = 64 << 20;
/// Far longer than it takes to tell that what was waited for is done.
const TELLING: std::time::Duration = std::time::Duration::from_secs(10);

/// A range of a wgpu buffer that a kernel can be given.
pub struct Buffer {
    pub(super) buffer: wgpu::Buffer,
    pub(super) offset: u64,
    pub(super) bytes: u64,
    /// Keeps the range from being given to another tensor.
    _owner: Option<CubeTensor>,
}

impl Buffer {
    /// The memory of `count` elements of one of Burn's tensors on a GPU device, with all operations on it handed to the
    /// queue. A tensor that does not lie in row-major order is copied first, and what is written to the copy is lost.
    /// So write to new tensors only.
    ///
    /// # Errors
    /// A tensor on the CPU; a device that failed.
    pub(crate) fn of_raw(raw: DispatchTensor, count: usize) -> Result<Self> {
        let DispatchTensorKind::Cube(raw) = raw.kind else {
            return Err(Error::Device("a kernel needs tensors on a gpu".into()));
        };
        guard(OP, || {
            let cube = into_contiguous(resolve(raw));
            let managed = cube.client.get_resource::<WgpuServer<AutoCompiler>>(cube.handle.clone());
            let managed = managed.map_err(|error| failure::of_text(OP, &error.to_string()))?;
            let resource = managed.resource();
            let (buffer, offset, bytes) = (resource.buffer.clone(), resource.offset, 4 * count as u64);
            cube.client.flush().map_err(|error| failure::of_text(OP, &error.to_string()))?;
            Ok(Self { buffer, offset, bytes, _owner: Some(cube) })
        })
    }

    /// Some of it, in bytes from its beginning.
    pub(crate) fn part(&self, from: u64, bytes: u64) -> Self {
        let (buffer, offset) = (self.buffer.clone(), self.offset + from);
        Self { buffer, offset, bytes, _owner: self._owner.clone() }
    }

    /// Memory of its own, filled with words.
    ///
    /// # Errors
    /// The device has no memory left.
    pub(crate) fn with_words(device: &Device, words: &[u32]) -> Result<Self> {
        Self::filled(device, bytemuck::cast_slice(words))
    }

    /// Memory of its own, filled with bytes and padded to whole words.
    ///
    /// # Errors
    /// The device has no memory left.
    pub(crate) fn filled(device: &Device, contents: &[u8]) -> Result<Self> {
        Self::filled_on(&Context::of(device)?, contents)
    }

    /// As [`Buffer::filled`].
    ///
    /// # Errors
    /// The device has no memory left.
    pub(crate) fn filled_on(setup: &Context, contents: &[u8]) -> Result<Self> {
        let buffer = Self::zeros_on(setup, contents.len())?;
        if contents.len() >= CHUNK {
            settle(&setup.device)?;
        }
        let scope = setup.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        for (number, chunk) in contents.chunks(CHUNK).enumerate() {
            let (whole, rest) = chunk.as_chunks::<4>();
            let place = (number * CHUNK) as u64;
            setup.queue.write_buffer(&buffer.buffer, place, whole.as_flattened());
            if !rest.is_empty() {
                let mut last = [0; 4];
                last[..rest.len()].copy_from_slice(rest);
                setup.queue.write_buffer(&buffer.buffer, place + 4 * whole.len() as u64, &last);
            }
            if chunk.len() == CHUNK {
                // wgpu keeps a copy of what is written until it is done.
                setup.queue.submit([]);
                let waited = guard(OP, || Ok(setup.device.poll(wgpu::PollType::wait_indefinitely())));
                waited
                    .map_err(|_| Error::Device(health::LOST.into()))?
                    .map_err(|_| Error::Device(health::LOST.into()))?;
            }
        }
        if pollster::block_on(scope.pop()).is_some() {
            return Err(out_of_memory(contents.len() as u64));
        }
        Ok(buffer)
    }

    /// Zeros, padded to whole words.
    ///
    /// # Errors
    /// The device has no memory left.
    pub(crate) fn zeros_on(setup: &Context, bytes: usize) -> Result<Self> {
        let bytes = (bytes.max(4) as u64).next_multiple_of(4);
        let limit = setup.device.limits().max_buffer_size;
        if bytes > limit {
            return Err(Error::Device(format!("a buffer of {bytes} bytes is over the adapter's limit of {limit}")));
        }
        let scope = setup.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let buffer = setup.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("moonburn"),
            size: bytes,
            usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC,
            mapped_at_creation: false,
        });
        if pollster::block_on(scope.pop()).is_some() {
            return Err(out_of_memory(bytes));
        }
        Ok(Self { buffer, offset: 0, bytes, _owner: None })
    }

    /// The bytes, once everything that was submitted is done.
    ///
    /// # Errors
    /// The device has no memory left, or was lost.
    pub(crate) fn read(&self, setup: &Context) -> Result<Vec<u8>> {
        let lost = || Error::Device(health::LOST.into());
        let scope = setup.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let staging = setup.device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("moonburn"),
            size: self.bytes,
            usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        if pollster::block_on(scope.pop()).is_some() {
            return Err(out_of_memory(self.bytes));
        }
        let mut encoder = setup.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(&self.buffer, self.offset, &staging, 0, self.bytes);
        setup.queue.submit([encoder.finish()]);
        let (tell, told) = std::sync::mpsc::channel();
        staging.map_async(wgpu::MapMode::Read, .., move |mapped| {
            // Nobody listens any more where the wait has failed.
            let _ = tell.send(mapped);
        });
        // wgpu panics where the device is lost.
        guard(OP, || Ok(setup.device.poll(wgpu::PollType::wait_indefinitely())))
            .map_err(|_| lost())?
            .map_err(|_| lost())?;
        // A wait on another thread may have found it done first, and be about to tell.
        told.recv_timeout(TELLING).map_err(|_| lost())?.map_err(|_| lost())?;
        let view = staging.get_mapped_range(..).map_err(|_| lost())?;
        Ok(view.to_vec())
    }
}

fn out_of_memory(bytes: u64) -> Error {
    Error::OutOfMemory { asked: Some(bytes), live: memory::account().live as u64 }
}

/// Burn's tensor without the queue of operations in front of it: what is still to be computed is handed to the device.
fn resolve(raw: BackendTensor<burn_dispatch::backends::Cube>) -> CubeTensor {
    match raw {
        BackendTensor::Float(tensor) => tensor.client.clone().resolve_tensor_float::<CubeBackend>(tensor),
        BackendTensor::Int(tensor) => tensor.client.clone().resolve_tensor_int::<CubeBackend>(tensor),
        BackendTensor::Bool(tensor) => tensor.client.clone().resolve_tensor_bool::<CubeBackend>(tensor),
        _ => unreachable!("tensors are float, int or bool, without their tape"),
    }
}
