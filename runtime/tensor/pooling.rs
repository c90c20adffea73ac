//! Two-dimensional pooling, as PyTorch's.

use burn_backend::ops::ModuleOps;
use burn_dispatch::Dispatch;

use super::{
    Kind, Tensor,
    convolution::{want_images, windows},
};
use crate::{Error, Result};

/// A pooling window; rows first, then columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its size.
    pub kernel: [usize; 2],
    /// Pixels from one window to the next.
    pub stride: [usize; 2],
    /// Pixels added on every side: never the largest, and zeros that count in a mean. At most half the window.
    pub padding: [usize; 2],
}

impl Tensor {
    /// The largest of each window of `[N, C, H, W]`; its gradient goes to the first of equals.
    ///
    /// # Errors
    /// A tensor that is not a float `[N, C, H, W]`; a window that does not fit, or is padded by more than its half.
    pub fn max_pool2d(&self, window: Window) -> Result<Self> {
        let dims = self.pooled("max_pool2d", window)?;
        let Window { kernel, stride, padding } = window;
        let raw = Dispatch::max_pool2d(self.raw(), kernel, stride, padding, [1, 1], false);
        Ok(self.with(raw, Kind::Float, dims))
    }

    /// The mean of each window of `[N, C, H, W]`, padded zeros included. Errors as [`Tensor::max_pool2d`].
    pub fn avg_pool2d(&self, window: Window) -> Result<Self> {
        let dims = self.pooled("avg_pool2d", window)?;
        let Window { kernel, stride, padding } = window;
        let raw = Dispatch::avg_pool2d(self.raw(), kernel, stride, padding, true, false);
        Ok(self.with(raw, Kind::Float, dims))
    }

    /// `[N, C, H, W]` to `[N, C, height, width]`: the means of windows that together cover the image.
    pub fn adaptive_avg_pool2d(&self, size: [usize; 2]) -> Result<Self> {
        const OP: &str = "adaptive_avg_pool2d";
        self.want_float(OP)?;
        want_images(OP, self, None)?;
        if size.contains(&0) {
            return Err(Error::argument(OP, "size", "at least 1", 0));
        }
        let raw = Dispatch::adaptive_avg_pool2d(self.raw(), size);
        Ok(self.with(raw, Kind::Float, vec![self.shape()[0], self.shape()[1], size[0], size[1]]))
    }

    /// `[N, C, H, W]` to `[N, C]`: the mean of each channel.
    pub fn global_avg_pool(&self) -> Result<Self> {
        self.want_float("global_avg_pool")?;
        want_images("global_avg_pool", self, None)?;
        self.flatten(2, 3)?.mean(Some(2), false)
    }

    fn pooled(&self, op: &'static str, Window { kernel, stride, padding }: Window) -> Result<Vec<usize>> {
        self.want_float(op)?;
        want_images(op, self, None)?;
        if (0..2).any(|dim| 2 * padding[dim] > kernel[dim]) {
            let want = format!("at most half the kernel {kernel:?}");
            return Err(Error::argument(op, "padding", want, format!("{padding:?}")));
        }
        let [rows, columns] = windows(op, self, kernel, stride, padding)?;
        Ok(vec![self.shape()[0], self.shape()[1], rows, columns])
    }
}
