//! What our own kernels can compute on a device. What they cannot is an error before any memory is taken.

use crate::{Device, Error, Result, tensor::cpu::Geometry};

const OP: &str = "conv2d";

/// Pixels along a dim, with what is around them: places are counted in 32 bits with a sign.
const SIDE: usize = 1 << 30;

/// An error unless a convolution's sides can be counted.
///
/// # Errors
/// An image that is too large with its padding, or a kernel with its dilation.
pub(super) fn check_sides(geometry: &Geometry) -> Result<()> {
    for dim in 0..2 {
        let padded = geometry.size[dim].saturating_add(2 * geometry.padding[dim]);
        let reach = geometry.kernel[dim].saturating_sub(1).saturating_mul(geometry.dilation[dim]);
        let largest = padded.max(reach).max(geometry.stride[dim]);
        if largest >= SIDE {
            let reason = format!("an image, kernel or stride of {largest} is too large for kernels of our own");
            return Err(Error::State { op: OP, reason });
        }
    }
    Ok(())
}

/// An error unless a device can bind so many floats at once.
///
/// # Errors
/// It cannot; the message says what would be.
pub(super) fn check_floats(what: &str, floats: usize, device: &Device) -> Result<()> {
    let (bytes, limit) = (floats.saturating_mul(4) as u64, binding_limit(device));
    if bytes <= limit {
        return Ok(());
    }
    let reason = format!("{what} of {bytes} bytes is over the {limit} that {} binds at once", device.name());
    Err(Error::State { op: OP, reason: format!("{reason}; use a smaller batch") })
}

/// Bytes that a kernel can be given at once.
pub(super) fn binding_limit(device: &Device) -> u64 {
    device.setup().map_or(0, |setup| setup.device.limits().max_storage_buffer_binding_size)
}
