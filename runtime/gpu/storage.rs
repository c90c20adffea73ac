//! Ranges of wgpu buffers: making, filling and reading those that are our own.

use super::{Context, lent::Lent};
use crate::{
    Device, Error, Result,
    device::{health, patience::settle},
    guard::guard,
    memory,
};

const OP: &str = "kernel";

/// Bytes that are sent at once.
const CHUNK: usize = 64 << 20;
/// Far longer than it takes to tell that what was waited for is done.
const TELLING: std::time::Duration = std::time::Duration::from_secs(10);

/// A range of a wgpu buffer that a kernel can be given.
#[derive(Clone)]
pub struct Buffer {
    pub(super) buffer: wgpu::Buffer,
    pub(super) offset: u64,
    pub(super) bytes: u64,
    /// Keeps a range of Burn's where it is, and from being given to another tensor.
    pub(super) owner: Option<Lent>,
}

impl Buffer {
    /// Some of it, in bytes from its beginning.
    pub(crate) fn part(&self, from: u64, bytes: u64) -> Self {
        let (buffer, offset) = (self.buffer.clone(), self.offset + from);
        Self { buffer, offset, bytes, owner: self.owner.clone() }
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
        Ok(Self { buffer, offset: 0, bytes, owner: None })
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
