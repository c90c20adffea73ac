//! Bytes of many records of one size on a device, in buffers of whole records that the device can bind.

use std::sync::{Arc, Mutex};

use super::Buffer;
use crate::{Device, Error, Result};

/// What has been put on devices: once for each.
#[derive(Default)]
pub struct Resident(Mutex<Vec<Held>>);

/// A device, and the parts on it; none where it had no room for them.
type Held = (Device, Option<Arc<Vec<Part>>>);

/// Some of the records, one after another.
pub(crate) struct Part {
    pub buffer: Buffer,
    pub first: usize,
    pub count: usize,
}

impl Resident {
    /// The bytes on a device: put there by the first call; none where it has no room, which is not tried again.
    ///
    /// # Errors
    /// A record over the device's limits; a device without memory.
    pub(crate) fn on(&self, device: &Device, bytes: &[u8], record: usize) -> Result<Option<Arc<Vec<Part>>>> {
        let mut known = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((_, parts)) = known.iter().find(|(on, _)| on == device) {
            return Ok(parts.clone());
        }
        let parts = match parts_of(device, bytes, record) {
            Err(Error::OutOfMemory { .. }) => None,
            parts => Some(Arc::new(parts?)),
        };
        known.push((device.clone(), parts.clone()));
        Ok(parts)
    }
}

/// Bytes in as few parts as the device's limit allows.
pub(crate) fn parts_of(device: &Device, bytes: &[u8], record: usize) -> Result<Vec<Part>> {
    let setup = device.setup().ok_or_else(|| Error::Device("a kernel needs a gpu".into()))?;
    let limits = setup.device.limits();
    // A shader counts bytes in 32 bits.
    let limit = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size).min(u32::MAX.into());
    let records = (limit as usize).saturating_sub(4) / record;
    if records == 0 {
        return Err(Error::Device(format!("an image of {record} bytes is over the device's limit of {limit}")));
    }
    let chunks = bytes.chunks(records * record).enumerate();
    chunks
        .map(|(number, chunk)| {
            let buffer = Buffer::filled(device, chunk)?;
            Ok(Part { buffer, first: number * records, count: chunk.len() / record })
        })
        .collect()
}
