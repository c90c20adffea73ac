//! The largest of windows that together cover an image, as PyTorch's `adaptive_max_pool2d`.

use super::{Kind, Tensor, convolution::want_images, shape};
use crate::{Error, Result};

const OP: &str = "adaptive_max_pool2d";

impl Tensor {
    /// `[N, C, H, W]` to `[N, C, height, width]`: of each window the largest, to the first of which among equals the gradient
    /// goes. Windows are those of [`Tensor::adaptive_avg_pool2d`].
    ///
    /// # Errors
    /// A tensor that is not a float `[N, C, H, W]` of at least a pixel; a size of 0.
    pub fn adaptive_max_pool2d(&self, size: [usize; 2]) -> Result<Self> {
        self.want_float(OP)?;
        want_images(OP, self, None)?;
        if self.is_stored() {
            return self.cast(Kind::Float)?.adaptive_max_pool2d(size);
        }
        if size.contains(&0) {
            return Err(Error::argument(OP, "size", "at least 1", 0));
        }
        shape::check(OP, &[self.shape()[0], self.shape()[1], size[0], size[1]])?;
        if self.shape()[2..].contains(&0) {
            let want = "wants an image of at least 1×1".into();
            return Err(Error::Shape { op: OP.into(), want, got: self.shape().to_vec() });
        }
        let &[images, channels, height, width] = self.shape() else { return Ok(self.clone()) };
        // Found without a tape and then picked at once: the gradient of each slice would be a whole image.
        let own = self.detach();
        let (largest, columns) = own.largest_along(3, size[1])?;
        let (_, rows) = largest.largest_along(2, size[0])?;
        let places = rows.mul_scalar(width as f64)?.add(&columns.gather(2, &rows)?)?;
        let places = places.reshape(&[images, channels, size[0] * size[1]])?;
        let picked = self.reshape(&[images, channels, height * width])?.gather(2, &places)?;
        picked.reshape(&[images, channels, size[0], size[1]])
    }

    /// The largest of each of so many windows that cover a dim, and their positions in the dim; of equals the first.
    fn largest_along(&self, dim: usize, windows: usize) -> Result<(Self, Self)> {
        let size = self.shape()[dim];
        let window = |number: usize| {
            let (first, end) = (number * size / windows, ((number + 1) * size).div_ceil(windows));
            let (values, positions) = self.slice(dim, first, end)?.max_with_positions(dim, true)?;
            Ok((values, positions.add_scalar(first as f64)?))
        };
        let (values, positions): (Vec<Self>, Vec<Self>) =
            (0..windows).map(window).collect::<Result<Vec<_>>>()?.into_iter().unzip();
        Ok((Self::cat(&values, dim)?, Self::cat(&positions, dim)?))
    }
}
