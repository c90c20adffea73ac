//! The scalars of a batch of launches in one buffer, which stays: one write for all of them, and no buffer for each.

use super::counts::count;

/// Bytes that the buffer begins with; it grows with the largest batch.
const LEAST: u64 = 16 << 10;

/// The scalars of a batch, and the buffer that they go to.
#[derive(Default)]
pub(super) struct Uniforms {
    buffer: Option<(wgpu::Device, wgpu::Buffer)>,
    bytes: Vec<u8>,
}

impl Uniforms {
    /// Begins a batch.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Adds a launch's scalars; returns where they lie.
    pub fn add(&mut self, scalars: &[u8], alignment: u32) -> u64 {
        let place = self.bytes.len().next_multiple_of(alignment as usize);
        self.bytes.resize(place, 0);
        self.bytes.extend_from_slice(scalars);
        place as u64
    }

    /// Hands them to the queue. It writes them when what was submitted before is done, and before what is submitted next,
    /// so that the same memory serves every batch.
    pub fn write(&mut self, device: &wgpu::Device, queue: &wgpu::Queue) -> Option<&wgpu::Buffer> {
        if self.bytes.is_empty() {
            return None;
        }
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        let bytes = self.bytes.len() as u64;
        let fits = |(on, buffer): &(wgpu::Device, wgpu::Buffer)| on == device && buffer.size() >= bytes;
        if !self.buffer.as_ref().is_some_and(fits) {
            count(|counts| counts.buffers += 1);
            let buffer = device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("moonburn scalars"),
                size: bytes.next_power_of_two().max(LEAST),
                usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
                mapped_at_creation: false,
            });
            self.buffer = Some((device.clone(), buffer));
        }
        let (_, buffer) = self.buffer.as_ref()?;
        queue.write_buffer(buffer, 0, &self.bytes);
        Some(buffer)
    }
}
