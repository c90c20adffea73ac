//! The memory of tensors on a GPU device, for kernels.

use crate::{Device, Result, Tensor, gpu::Buffer, tensor::Kind};

impl Tensor {
    /// Its memory on a GPU device, with all operations on it handed to the queue. A tensor that does not lie in
    /// row-major order is copied first, and what is written to the copy is lost. So write to new tensors only.
    ///
    /// # Errors
    /// It is on the CPU; a device that failed.
    pub(crate) fn buffer(&self) -> Result<Buffer> {
        Buffer::of_raw(self.raw_of_kernels())
    }

    /// As [`Tensor::buffer`], of `[N, C, …]` in the order `[N, …, C]`. What lies so already, as the results of Burn's
    /// convolutions do, is not copied.
    ///
    /// # Errors
    /// As [`Tensor::buffer`].
    pub(crate) fn buffer_channels_last(&self) -> Result<Buffer> {
        Buffer::of_raw_channels_last(self.raw_of_kernels())
    }

    /// Words of scratch memory, and the tensor that they are of.
    ///
    /// # Errors
    /// The device has no memory left.
    pub(crate) fn scratch(device: &Device, words: usize) -> Result<(Buffer, Self)> {
        let tensor = Self::empty(&[words.max(1)], Kind::Float, device)?;
        Ok((tensor.buffer()?, tensor))
    }
}
