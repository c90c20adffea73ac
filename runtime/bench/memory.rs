//! What one part took of a device's memory, without what the parts before it left in the pool.

use serde_json::Value;

use crate::{Device, Result, digits::rounded, memory};

/// Starts anew: gives back what is not in use.
pub(super) fn start(device: &Device) -> Result<()> {
    device.sync()?;
    device.release_memory();
    memory::reset_peak();
    Ok(())
}

/// On a GPU `device_memory_mb`: the most that Burn's pool reserved since the start, and buffers of our own outside of
/// it. On the CPU, which has no pool, `tensor_memory_mb`: the most bytes that tensors in hand had. What only the tape
/// of a backward pass keeps is not counted there.
pub(super) fn note(line: &mut Value, device: &Device, own: usize) {
    let (name, bytes) = match device.memory_reserved() {
        Some(reserved) if device.is_gpu() => ("device_memory_mb", reserved as f64 + own as f64),
        _ => ("tensor_memory_mb", memory::account().peak as f64),
    };
    line[name] = rounded(bytes / 1e6).into();
}
