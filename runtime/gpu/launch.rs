//! Launching a kernel: buffers and scalars by name, in the order of the queue that Burn's operations run in.

use std::{cell::Cell, sync::atomic::Ordering, time::Duration};

use super::{Access, Binding, Buffer, Context, Kernel, pipeline::pipeline};
use crate::{
    Device, Error, Result,
    device::{
        health,
        patience::{Pending, settle},
    },
    memory,
};

thread_local! {
    static LAUNCHED: Cell<u64> = const { Cell::new(0) };
}

/// How many kernels of our own the calling thread has handed to a queue.
pub fn launched() -> u64 {
    LAUNCHED.get()
}

/// How a kernel that may never end is looked after.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Watch {
    /// How long it may take.
    pub limit: Duration,
    /// Whether each launch is waited for at once. If not, only a kernel's first launch is; later ones are waited for
    /// when something is read.
    pub always: bool,
}

/// A kernel on its way to the device.
pub(crate) struct Launch<'a> {
    kernel: &'a Kernel,
    buffers: Vec<(&'a str, &'a Buffer)>,
    scalars: Vec<(&'a str, f64)>,
    zeroed: Vec<&'a Buffer>,
    watch: Option<Watch>,
}

impl<'a> Launch<'a> {
    pub fn new(kernel: &'a Kernel) -> Self {
        Self { kernel, buffers: Vec::new(), scalars: Vec::new(), zeroed: Vec::new(), watch: None }
    }

    /// Binds a buffer to a name.
    pub fn buffer(mut self, name: &'a str, buffer: &'a Buffer) -> Self {
        self.buffers.push((name, buffer));
        self
    }

    /// Binds a buffer that is filled with zeros first.
    pub fn zeroed(mut self, name: &'a str, buffer: &'a Buffer) -> Self {
        self.zeroed.push(buffer);
        self.buffer(name, buffer)
    }

    /// Waits for the kernel's end, the first time or always.
    pub fn watched(mut self, watch: Watch) -> Self {
        self.watch = Some(watch);
        self
    }

    /// Sets a field of the uniform.
    pub fn scalar(mut self, name: &'a str, value: f64) -> Self {
        self.scalars.push((name, value));
        self
    }

    /// Hands the kernel to the queue, in that many workgroups.
    ///
    /// # Errors
    /// A name without a buffer or a value; sizes over the device's limits; what the device refuses.
    pub fn dispatch(self, device: &Device, groups: [u32; 3]) -> Result<()> {
        self.dispatch_on(&Context::of(device)?, groups)
    }

    /// As [`Launch::dispatch`].
    ///
    /// # Errors
    /// As [`Launch::dispatch`]; a watched kernel that does not end within its limit, a device that was lost meanwhile.
    pub fn dispatch_on(self, setup: &Context, groups: [u32; 3]) -> Result<()> {
        let refuse = |reason: String| Error::Kernel { kernel: self.kernel.name().into(), reason };
        self.check_limits(&setup.device.limits(), groups).map_err(refuse)?;
        let before = self.watch.map(|watch| (watch, setup.queue.submit([])));
        let interface = self.kernel.interface();
        let buffers = interface.bindings.iter().map(|binding| self.bound(&binding.name));
        let buffers = buffers.collect::<Result<Vec<_>, _>>().map_err(refuse)?;
        let compiled = pipeline(self.kernel, shares_memory(&interface.bindings, &buffers), &setup.device)?;
        let pipeline = compiled.pipeline;
        let scalar = |name: &str| self.scalars.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let uniform = interface.uniform.as_ref().map(|uniform| Ok((uniform.number, uniform.bytes(scalar)?)));
        let uniform = uniform.transpose().map_err(refuse)?;
        // Between here and their end nothing returns: scopes close in the opposite order of their opening.
        let memory = [wgpu::ErrorFilter::OutOfMemory].map(|filter| setup.device.push_error_scope(filter));
        let filters = [wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::Validation];
        let scopes = filters.map(|filter| setup.device.push_error_scope(filter));
        let uniform = uniform.map(|(number, bytes)| (number, scalars(&bytes, &setup.device)));
        let mut copies = Vec::new();
        let mut encoder = setup.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        for buffer in &self.zeroed {
            encoder.clear_buffer(&buffer.buffer, buffer.offset, Some(buffer.bytes));
        }
        let alignment = u64::from(setup.device.limits().min_storage_buffer_offset_alignment);
        for buffer in &buffers {
            copies.push(aligned(buffer, alignment, &setup.device, &mut encoder));
        }
        let storage = interface.bindings.iter().zip(&buffers).zip(&copies).map(|((binding, buffer), copy)| {
            let (memory, offset) = copy.as_ref().map_or((&buffer.buffer, buffer.offset), |copy| (copy, 0));
            entry(binding.number, memory, offset, buffer.bytes)
        });
        let scalars = uniform
            .iter()
            .filter_map(|(number, buffer)| buffer.as_ref().map(|buffer| entry(*number, buffer, 0, buffer.size())));
        let bind_group = setup.device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &compiled.layout,
            entries: &storage.chain(scalars).collect::<Vec<_>>(),
        });
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bind_group, &[]);
        pass.dispatch_workgroups(groups[0], groups[1], groups[2]);
        drop(pass);
        for ((binding, buffer), copy) in interface.bindings.iter().zip(&buffers).zip(&copies) {
            if let (Some(copy), Access::Write) = (copy, binding.access) {
                encoder.copy_buffer_to_buffer(copy, 0, &buffer.buffer, buffer.offset, buffer.bytes);
            }
        }
        let submission = setup.queue.submit([encoder.finish()]);
        LAUNCHED.set(LAUNCHED.get() + 1);
        let (refused, no_memory) = (health::failure(scopes), health::failure(memory));
        if no_memory.is_some() {
            return Err(Error::OutOfMemory { asked: None, live: memory::account().live as u64 });
        }
        if let Some(reason) = refused {
            return Err(refuse(reason));
        }
        if uniform.is_some_and(|(_, buffer)| buffer.is_none()) {
            return Err(Error::Device(health::LOST.into()));
        }
        if let Some((watch, before)) = before {
            let (device, kernel) = (setup.device.clone(), self.kernel.name().to_owned());
            let launch = Pending { device, before, own: submission, kernel, limit: watch.limit };
            if !watch.always && compiled.has_ended.load(Ordering::Acquire) {
                return launch.leave();
            }
            // An earlier launch that never ends would be waited for as what came before.
            settle(&setup.device)?;
            launch.wait()?;
            compiled.has_ended.store(true, Ordering::Release);
        }
        Ok(())
    }

    fn bound(&self, name: &str) -> Result<&'a Buffer, String> {
        let found = self.buffers.iter().find(|(known, _)| *known == name);
        found.map(|(_, buffer)| *buffer).ok_or_else(|| format!("binding '{name}' has no tensor"))
    }

    fn check_limits(&self, limits: &wgpu::Limits, groups: [u32; 3]) -> Result<(), String> {
        let interface = self.kernel.interface();
        let largest = limits.max_storage_buffer_binding_size;
        if let Some((name, buffer)) = self.buffers.iter().find(|(_, buffer)| buffer.bytes > largest) {
            return Err(format!("binding '{name}' has {} bytes, over the device's limit of {largest}", buffer.bytes));
        }
        let count = interface.bindings.len() as u32;
        if count > limits.max_storage_buffers_per_shader_stage {
            let most = limits.max_storage_buffers_per_shader_stage;
            return Err(format!("binds {count} buffers, over the device's limit of {most}"));
        }
        if interface.threads() > limits.max_compute_invocations_per_workgroup {
            let (threads, most) = (interface.threads(), limits.max_compute_invocations_per_workgroup);
            return Err(format!("a workgroup has {threads} threads, over the device's limit of {most}"));
        }
        if interface.shared_bytes > limits.max_compute_workgroup_storage_size {
            let (bytes, most) = (interface.shared_bytes, limits.max_compute_workgroup_storage_size);
            return Err(format!("a workgroup needs {bytes} bytes of memory, over the device's limit of {most}"));
        }
        let most = limits.max_compute_workgroups_per_dimension;
        match groups.iter().find(|count| **count > most) {
            Some(count) => Err(format!(
                "{count} workgroups in one dim are over the device's limit of {most}; spread them over several dims"
            )),
            None => Ok(()),
        }
    }
}

/// Whether one of the buffers that are read is written to as well, as another part of it.
fn shares_memory(bindings: &[Binding], buffers: &[&Buffer]) -> bool {
    let of = |access: Access| {
        let chosen = bindings.iter().zip(buffers).filter(move |(binding, _)| binding.access == access);
        chosen.map(|(_, buffer)| &buffer.buffer)
    };
    of(Access::Read).any(|read| of(Access::Write).any(|written| read == written))
}

/// A uniform's memory; none where the device is lost and nothing can be written.
fn scalars(bytes: &[u8], device: &wgpu::Device) -> Option<wgpu::Buffer> {
    let buffer = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: bytes.len() as u64,
        usage: wgpu::BufferUsages::UNIFORM,
        mapped_at_creation: true,
    });
    buffer.get_mapped_range_mut(..).ok()?.copy_from_slice(bytes);
    buffer.unmap();
    Some(buffer)
}

fn entry(binding: u32, buffer: &wgpu::Buffer, offset: u64, bytes: u64) -> wgpu::BindGroupEntry<'_> {
    let size = std::num::NonZeroU64::new(bytes);
    let resource = wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset, size });
    wgpu::BindGroupEntry { binding, resource }
}

/// A copy of a range that begins where the device cannot bind one.
fn aligned(
    buffer: &Buffer,
    alignment: u64,
    device: &wgpu::Device,
    encoder: &mut wgpu::CommandEncoder,
) -> Option<wgpu::Buffer> {
    if buffer.offset.is_multiple_of(alignment) {
        return None;
    }
    let copy = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: buffer.bytes,
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    });
    encoder.copy_buffer_to_buffer(&buffer.buffer, buffer.offset, &copy, 0, buffer.bytes);
    Some(copy)
}

/// Workgroups for a number of threads in rows: x is filled first, and what is over the device's limit goes to y. A
/// kernel that is launched so computes its index as `id.y * width + id.x`, width being the threads in x.
pub(crate) fn rows(threads: usize, per_group: u32, limit: u32) -> [u32; 3] {
    let groups = threads.div_ceil(per_group as usize).max(1);
    let x = groups.min(limit as usize);
    [x as u32, groups.div_ceil(x) as u32, 1]
}
