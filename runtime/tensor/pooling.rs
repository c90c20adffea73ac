//! Two-dimensional pooling, as PyTorch's.

use std::{ops::Range, rc::Rc};

use burn_backend::ops::ModuleOps;
use burn_dispatch::Dispatch;

use super::{
    Kind, Tensor,
    autocast::in_float32,
    convolution::{want_images, windows},
    cpu::{self, Windows},
    normalization::left_the_cpu,
    shape, size,
};
use crate::{
    Error, Result, memory,
    tape::{is_recording, record},
};

/// Values of a window whose mean is better taken over columns and rows in turn.
const LARGE: usize = 64;

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

impl Window {
    /// Its places over images `[N, C, H, W]`, of which it makes `[N, C, H′, W′]`.
    fn over(self, images: &[usize], out: &[usize]) -> Windows {
        let size = [images[2], images[3]];
        let sides = [0, 1].map(|dim| {
            let inside = |edge: usize| edge.saturating_sub(self.padding[dim]).min(size[dim]);
            let starts = (0..out[dim + 2]).map(|number| number * self.stride[dim]);
            starts.map(|start| (inside(start)..inside(start + self.kernel[dim]), self.kernel[dim])).collect()
        });
        Windows { size, sides }
    }
}

impl Tensor {
    /// The largest of each window of `[N, C, H, W]`; its gradient goes to the first of equals.
    ///
    /// # Errors
    /// A tensor that is not a float `[N, C, H, W]`; a window that does not fit, or is padded by more than its half.
    pub fn max_pool2d(&self, window: Window) -> Result<Self> {
        let dims = self.pooled("max_pool2d", window)?;
        if self.is_stored() {
            return self.cast(Kind::Float)?.max_pool2d(window);
        }
        if dims.contains(&0) {
            return self.none_made("max_pool2d", &dims);
        }
        let is_kept = self.is_tracked() && is_recording();
        let (output, positions) = match cpu::max_pool(self, &window.over(self.shape(), &dims), is_kept) {
            Some(found) => found,
            None => self.max_pool_of_planes(window, dims, is_kept),
        };
        let Some(positions) = positions else { return Ok(output) };
        Ok(record("max_pool2d", [self], output, |tape| {
            let (positions, shape) = (tape.keep(&positions), self.shape().to_vec());
            move |by: Self, step| Ok([Some(by.unpooled(&positions.get(step)?, &shape, window)?)])
        }))
    }

    /// Burn's, with the positions if they are asked for.
    fn max_pool_of_planes(&self, window: Window, dims: Vec<usize>, wants_positions: bool) -> (Self, Option<Self>) {
        let Window { kernel, stride, padding } = window;
        if !wants_positions {
            let raw = Dispatch::max_pool2d(self.raw(), kernel, stride, padding, [1, 1], false);
            return (self.with(raw, Kind::Float, dims), None);
        }
        let ints = self.device().ints();
        let found = Dispatch::max_pool2d_with_indices(self.raw(), kernel, stride, padding, [1, 1], false, ints);
        let output = self.with(found.output, Kind::Float, dims.clone());
        (output, Some(self.with(found.indices, Kind::Int, dims)))
    }

    /// The gradient of [`Tensor::max_pool2d`] from images of a shape: values that are added up where the largest were.
    fn unpooled(&self, positions: &Self, shape: &[usize], window: Window) -> Result<Self> {
        let Window { kernel, stride, padding } = window;
        let output = match cpu::unpool(self, positions, &window.over(shape, self.shape())) {
            Some(output) => output,
            None => {
                let (like, by, at) = (self.like(shape)?, self.raw(), positions.raw());
                let found =
                    Dispatch::max_pool2d_with_indices_backward(like, kernel, stride, padding, [1, 1], false, by, at);
                self.with(found.x_grad, Kind::Float, shape.to_vec())
            }
        };
        Ok(record("max_pool2d", [self], output, |tape| {
            let (positions, dims) = (tape.keep(positions), self.shape().to_vec());
            move |by: Self, step| {
                let planes = by.flatten(2, 3)?;
                Ok([Some(planes.gather_unchecked(2, &positions.get(step)?.flatten(2, 3)?)?.reshape(&dims)?)])
            }
        }))
    }

    /// The mean of each window of `[N, C, H, W]`, padded zeros included. Errors as [`Tensor::max_pool2d`].
    pub fn avg_pool2d(&self, window: Window) -> Result<Self> {
        let dims = self.pooled("avg_pool2d", window)?;
        if self.is_stored() {
            return self.cast(Kind::Float)?.avg_pool2d(window);
        }
        if dims.contains(&0) {
            return self.none_made("avg_pool2d", &dims);
        }
        let Window { kernel, stride, padding } = window;
        let windows = window.over(self.shape(), &dims);
        let is_large = kernel[0].saturating_mul(kernel[1]) > LARGE;
        // Large windows that overlap would be gone over many times.
        if cpu::is_channels_last(self) && !(is_large && windows.overlap()) {
            return self.means("avg_pool2d", &Rc::new(windows));
        }
        if is_large {
            return self.window_means(windows.sides);
        }
        let raw = Dispatch::avg_pool2d(self.raw(), kernel, stride, padding, true, false);
        Ok(record("avg_pool2d", [self], self.with(raw, Kind::Float, dims), |_| {
            let shape = self.shape().to_vec();
            move |by: Self, _| Ok([Some(by.spread_out(&shape, window)?)])
        }))
    }

    /// The gradient of [`Tensor::avg_pool2d`] from images of a shape.
    fn spread_out(&self, shape: &[usize], window: Window) -> Result<Self> {
        let Window { kernel, stride, padding } = window;
        let raw = Dispatch::avg_pool2d_backward(self.like(shape)?, self.raw(), kernel, stride, padding, true, false);
        Ok(record("avg_pool2d", [self], self.with(raw, Kind::Float, shape.to_vec()), |_| {
            move |by: Self, _| Ok([Some(by.avg_pool2d(window)?)])
        }))
    }

    /// The means of windows over images on the CPU, which lie channels last then. It is linear, and [`Tensor::spread`]
    /// is its transpose.
    fn means(&self, op: &'static str, windows: &Rc<Windows>) -> Result<Self> {
        let output = cpu::means(self, windows).ok_or_else(|| left_the_cpu(op))?;
        Ok(record(op, [self], output, |_| {
            let windows = Rc::clone(windows);
            move |by: Self, _| Ok([Some(by.spread(op, &windows)?)])
        }))
    }

    /// Each value shared out over the pixels of its window: the gradient of [`Tensor::means`].
    fn spread(&self, op: &'static str, windows: &Rc<Windows>) -> Result<Self> {
        let output = cpu::spread(self, windows).ok_or_else(|| left_the_cpu(op))?;
        Ok(record(op, [self], output, |_| {
            let windows = Rc::clone(windows);
            move |by: Self, _| Ok([Some(by.means(op, &windows)?)])
        }))
    }

    /// `[N, C, H, W]` to `[N, C, height, width]`: the means of windows that together cover the image.
    pub fn adaptive_avg_pool2d(&self, size: [usize; 2]) -> Result<Self> {
        const OP: &str = "adaptive_avg_pool2d";
        self.want_float(OP)?;
        want_images(OP, self, None)?;
        if size.contains(&0) {
            return Err(Error::argument(OP, "size", "at least 1", 0));
        }
        let dims = [self.shape()[0], self.shape()[1], size[0], size[1]];
        shape::check(OP, &dims)?;
        if self.is_stored() {
            return self.cast(Kind::Float)?.adaptive_avg_pool2d(size);
        }
        if self.shape()[2..].contains(&0) {
            let want = "wants an image of at least 1×1".into();
            return Err(Error::Shape { op: OP.into(), want, got: self.shape().to_vec() });
        }
        if dims.contains(&0) {
            return self.none_made(OP, &dims);
        }
        let windows = self.adaptive(size);
        if cpu::is_channels_last(self) {
            return self.means(OP, &Rc::new(windows));
        }
        self.window_means(windows.sides)
    }

    /// So many windows that cover the image.
    fn adaptive(&self, count: [usize; 2]) -> Windows {
        let size = [self.shape()[2], self.shape()[3]];
        let sides = [0, 1].map(|dim| {
            let (from, to) = (size[dim], count[dim]);
            let range = |number: usize| number * from / to..((number + 1) * from).div_ceil(to);
            (0..to).map(range).map(|range| (range.clone(), range.len())).collect()
        });
        Windows { size, sides }
    }

    /// Sums over ranges of rows and of columns, each divided by a number of its own: over columns, then over rows,
    /// where Burn would add all values of a window one after another.
    fn window_means(&self, windows: [Vec<(Range<usize>, usize)>; 2]) -> Result<Self> {
        let &[images, channels, height, width] = self.shape() else { return Ok(self.clone()) };
        let [rows, columns] = windows.each_ref().map(Vec::len);
        let shares = |windows: &[(Range<usize>, usize)], size: usize| {
            let count = size::product("avg_pool2d", "windows · size", &[windows.len(), size])?;
            let mut values = memory::list("avg_pool2d", count)?;
            values.resize(count, 0.0f64);
            for (line, (range, divisor)) in values.chunks_mut(size).zip(windows) {
                line[range.clone()].fill(1.0 / *divisor as f64);
            }
            Self::from_doubles(values, &[windows.len(), size], self)
        };
        let (down, across) = (shares(&windows[0], height)?, shares(&windows[1], width)?.transpose(0, 1)?);
        let lines = self.reshape(&[images * channels * height, width])?;
        let means = in_float32(|| {
            let means = lines.matmul(&across)?.reshape(&[images * channels, height, columns])?;
            down.unsqueeze(0)?.matmul(&means)
        })?;
        // In a product 0 · ∞ is NaN, in windows too that the infinity is not in. To look waits for a GPU, which large
        // windows are worth.
        if !means.detach().sums(None)?.item()?.is_finite() {
            return self.window_means_by_slices(windows);
        }
        means.reshape(&[images, channels, rows, columns])
    }

    /// As [`Tensor::window_means`], and slower: only what is in a window has a part in its mean.
    fn window_means_by_slices(&self, windows: [Vec<(Range<usize>, usize)>; 2]) -> Result<Self> {
        let [rows, columns] = windows;
        let mut means = self.clone();
        for (dim, windows) in [(3, columns), (2, rows)] {
            let mean = |(range, divisor): &(Range<usize>, usize)| {
                means.slice(dim, range.start, range.end)?.sum(Some(dim), true)?.div_scalar(*divisor as f64)
            };
            means = Self::cat(&windows.iter().map(mean).collect::<Result<Vec<_>>>()?, dim)?;
        }
        Ok(means)
    }

    /// `[N, C, H, W]` to `[N, C]`: the mean of each channel.
    pub fn global_avg_pool(&self) -> Result<Self> {
        const OP: &str = "global_avg_pool";
        self.want_float(OP)?;
        want_images(OP, self, None)?;
        if self.is_stored() {
            return self.cast(Kind::Float)?.global_avg_pool();
        }
        if !self.is_empty() && cpu::is_channels_last(self) {
            return self.means(OP, &Rc::new(self.adaptive([1, 1])))?.flatten(1, 3);
        }
        self.flatten(2, 3)?.mean(Some(2), false)
    }

    fn pooled(&self, op: &'static str, Window { kernel, stride, padding }: Window) -> Result<Vec<usize>> {
        self.want_float(op)?;
        want_images(op, self, None)?;
        if (0..2).any(|dim| padding[dim] > kernel[dim] / 2) {
            let want = format!("at most half the kernel {kernel:?}");
            return Err(Error::argument(op, "padding", want, format!("{padding:?}")));
        }
        let [rows, columns] = windows(op, self, kernel, stride, padding)?;
        Ok(vec![self.shape()[0], self.shape()[1], rows, columns])
    }
}

#[cfg(test)]
mod tests {
    use crate::{Device, Tensor};

    #[test]
    fn an_infinity_is_in_the_adaptive_means_of_its_own_windows_alone() {
        let mut values = vec![1.0; 49];
        values[0] = f32::INFINITY;
        let images = Tensor::from_floats(values, &[1, 1, 7, 7], &Device::cpu()).unwrap();
        let means = images.adaptive_avg_pool2d([2, 3]).unwrap();
        assert_eq!(means.floats().unwrap(), [f32::INFINITY, 1.0, 1.0, 1.0, 1.0, 1.0]);
    }
}
