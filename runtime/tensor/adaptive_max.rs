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
        // Over columns, then over rows: of equals the first row wins, and in it the first column.
        let along = |images: &Self, dim: usize, to: usize| {
            let from = images.shape()[dim];
            let window = |number: usize| {
                let (first, end) = (number * from / to, ((number + 1) * from).div_ceil(to));
                images.slice(dim, first, end)?.max(Some(dim), true)
            };
            Self::cat(&(0..to).map(window).collect::<Result<Vec<_>>>()?, dim)
        };
        along(&along(self, 3, size[1])?, 2, size[0])
    }
}
