//! How the memory of images is given to a kernel, and taken from one.

use burn_backend::ops::FloatTensorOps;
use burn_dispatch::Dispatch;

use crate::{
    Device, Result,
    gpu::Buffer,
    tensor::{Kind, Tensor, gpu::output},
};

/// Channels up to which images are read in planes, as scripts give them. More are read channels last, as results lie.
const PLANES: usize = 3;

/// Images `[N, C, H, W]` as a kernel reads them.
pub(super) struct Source {
    pub buffer: Buffer,
    /// Numbers from a pixel to the next of its row.
    pub pixel: usize,
    /// Numbers from a channel of a pixel to the next.
    pub channel: usize,
}

impl Source {
    /// What lies in the order that is wanted is not copied.
    ///
    /// # Errors
    /// The device failed.
    pub fn of(images: &Tensor) -> Result<Self> {
        let channels = images.shape()[1];
        if channels <= PLANES {
            let pixels = images.shape()[2] * images.shape()[3];
            return Ok(Self { buffer: images.buffer()?, pixel: 1, channel: pixels });
        }
        Ok(Self { buffer: images.buffer_channels_last()?, pixel: channels, channel: 1 })
    }
}

/// A new tensor `[N, C, H, W]` and its memory, `[N, H, W, C]`.
///
/// # Errors
/// The device has no memory left.
pub(super) fn new_images([n, c, h, w]: [usize; 4], device: &Device) -> Result<(Tensor, Buffer)> {
    let (last, buffer) = output(&[n, h, w, c], device)?;
    // Another view of the same memory: nothing of Burn's runs, so kernels that are held back may stay so.
    let raw = Dispatch::float_permute(last.raw_of_kernels(), &[0, 3, 1, 2]);
    Ok((Tensor::wrap(raw, Kind::Float, vec![n, c, h, w], device), buffer))
}
