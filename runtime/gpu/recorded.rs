//! A launch that is ready for the device: checked, compiled, its buffers in the order of the bindings.

use super::{Access, Buffer, counts::count, pipeline::Compiled};

/// One launch.
pub(super) struct Recorded {
    pub kernel: String,
    pub compiled: Compiled,
    pub groups: [u32; 3],
    pub bound: Vec<Bound>,
    pub zeroed: Vec<Buffer>,
    /// The uniform's number and bytes.
    pub scalars: Option<(u32, Vec<u8>)>,
}

/// A buffer at its number.
pub(super) struct Bound {
    pub number: u32,
    pub access: Access,
    pub buffer: Buffer,
}

impl Recorded {
    /// Whether it needs memory beside its tensors': a copy of each range that begins where the device cannot bind one.
    pub fn needs_copies(&self, limits: &wgpu::Limits) -> bool {
        self.bound.iter().any(|bound| !is_aligned(&bound.buffer, limits))
    }

    /// What has to happen before its pass: zeros, and copies of what cannot be bound.
    pub fn prepare(
        &self,
        device: &wgpu::Device,
        limits: &wgpu::Limits,
        encoder: &mut wgpu::CommandEncoder,
    ) -> Vec<Option<wgpu::Buffer>> {
        for buffer in &self.zeroed {
            encoder.clear_buffer(&buffer.buffer, buffer.offset, Some(buffer.bytes));
        }
        self.bound.iter().map(|bound| copy(&bound.buffer, limits, device, encoder)).collect()
    }

    /// Whether something has to happen outside of a pass.
    pub fn is_plain(&self, limits: &wgpu::Limits) -> bool {
        self.zeroed.is_empty() && !self.needs_copies(limits)
    }

    /// Its buffers, or their copies, and its scalars, as the pipeline binds them.
    pub fn bind_group(
        &self,
        device: &wgpu::Device,
        copies: &[Option<wgpu::Buffer>],
        scalars: Option<(&wgpu::Buffer, u64)>,
    ) -> wgpu::BindGroup {
        let storage = self.bound.iter().enumerate().map(|(place, bound)| {
            let copy = copies.get(place).and_then(Option::as_ref);
            let (memory, offset) = copy.map_or((&bound.buffer.buffer, bound.buffer.offset), |copy| (copy, 0));
            entry(bound.number, memory, offset, bound.buffer.bytes)
        });
        let scalars = self
            .scalars
            .iter()
            .zip(scalars)
            .map(|((number, bytes), (buffer, place))| entry(*number, buffer, place, bytes.len() as u64));
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: None,
            layout: &self.compiled.layout,
            entries: &storage.chain(scalars).collect::<Vec<_>>(),
        })
    }

    /// What has to happen after its pass: what was written to copies goes where it belongs.
    pub fn finish(&self, copies: &[Option<wgpu::Buffer>], encoder: &mut wgpu::CommandEncoder) {
        for (bound, copy) in self.bound.iter().zip(copies) {
            if let (Some(copy), Access::Write) = (copy, bound.access) {
                let to = &bound.buffer;
                encoder.copy_buffer_to_buffer(copy, 0, &to.buffer, to.offset, to.bytes);
            }
        }
    }
}

fn entry(binding: u32, buffer: &wgpu::Buffer, offset: u64, bytes: u64) -> wgpu::BindGroupEntry<'_> {
    let size = std::num::NonZeroU64::new(bytes);
    let resource = wgpu::BindingResource::Buffer(wgpu::BufferBinding { buffer, offset, size });
    wgpu::BindGroupEntry { binding, resource }
}

fn is_aligned(buffer: &Buffer, limits: &wgpu::Limits) -> bool {
    buffer.offset.is_multiple_of(u64::from(limits.min_storage_buffer_offset_alignment))
}

/// A copy of a range that begins where the device cannot bind one.
fn copy(
    buffer: &Buffer,
    limits: &wgpu::Limits,
    device: &wgpu::Device,
    encoder: &mut wgpu::CommandEncoder,
) -> Option<wgpu::Buffer> {
    if is_aligned(buffer, limits) {
        return None;
    }
    count(|counts| counts.buffers += 1);
    let copy = device.create_buffer(&wgpu::BufferDescriptor {
        label: None,
        size: buffer.bytes,
        usage: wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC,
        mapped_at_creation: false,
    });
    encoder.copy_buffer_to_buffer(&buffer.buffer, buffer.offset, &copy, 0, buffer.bytes);
    Some(copy)
}
