//! Windows that move along dims, as dims of their own.

use super::{PadMode, Tensor, shape, size};
use crate::{
    Error, Result,
    options::{Pair, options},
};

options! {
    /// The patches of `mb.unfold` and `mb.fold`.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct PatchOptions {
        /// The side of a patch, or its height and width.
        pub kernel: Pair, in 1.., unit "pixels";
        /// From one patch to the next, or down and across.
        pub stride: Pair = Pair::square(1), in 1.., unit "pixels";
        /// Zeros on every side, or above and below, and left and right.
        pub padding: Pair = Pair::square(0), unit "pixels";
        /// From one row or column of a patch to the next.
        pub dilation: Pair = Pair::square(1), in 1.., unit "pixels";
    }
}

impl Tensor {
    /// Windows of a dim, a step from one to the next: the dim has one position for each, and the last, new dim their
    /// elements.
    ///
    /// # Errors
    /// A window that does not fit into the dim; a size or a step of 0.
    pub fn unfold(&self, dim: usize, size: usize, step: usize) -> Result<Self> {
        const OP: &str = "unfold";
        shape::check_dim(OP, self.shape(), dim)?;
        let Some(count) = size::windows(OP, self.shape()[dim], size, step, 0)? else {
            let want = format!("at most {}, the size of the dim", self.shape()[dim]);
            return Err(Error::argument(OP, "size", want, size));
        };
        let mut out = self.shape().to_vec();
        out.insert(dim + 1, size);
        out[dim] = count;
        shape::check(OP, &out)?;
        let positions = (0..count).flat_map(|window| (0..size).map(move |place| window * step + place));
        let taken = self.select_unchecked(dim, &Self::of_positions(positions, self)?)?;
        taken.reshape(&out)?.movedim(&[dim + 1], &[self.rank()])
    }

    /// The patches of images `[N, C, H, W]` as columns `[N, C · h · w, patches]`; without N the same. PyTorch's
    /// `F.unfold`.
    ///
    /// # Errors
    /// A tensor of other dims; a patch that does not fit into the padded image.
    pub fn im2col(&self, patches: PatchOptions) -> Result<Self> {
        const OP: &str = "unfold";
        if self.rank() == 3 {
            return self.unsqueeze(0)?.im2col(patches)?.squeeze(Some(0));
        }
        let &[images, channels, height, width] = self.shape() else {
            let want = "wants images [N, C, H, W] or [C, H, W]".into();
            return Err(Error::Shape { op: OP.into(), want, got: self.shape().to_vec() });
        };
        let [rows, columns] = patches.along(OP, [height, width])?;
        let [[h, w], [down, across]] = [patches.kernel.0, [rows.count, columns.count]];
        let sides = size::product(OP, "channels · patch", &[channels, h, w])?;
        let out = [images, sides, size::product(OP, "patches", &[down, across])?];
        shape::check(OP, &out)?;
        let [above, left] = patches.padding.0.map(|width| [width as i64; 2]);
        let padded = self.pad(&[left, above], PadMode::Constant, 0.0)?;
        let taken = padded.select_unchecked(2, &Self::of_positions(rows.positions(), self)?)?;
        let taken = taken.select_unchecked(3, &Self::of_positions(columns.positions(), self)?)?;
        taken.reshape(&[images, channels, h, down, w, across])?.permute(&[0, 1, 2, 4, 3, 5])?.reshape(&out)
    }

    /// Columns `[N, C · h · w, patches]` added up to images of a size, `[N, C, H, W]`; without N the same. PyTorch's
    /// `F.fold`.
    ///
    /// # Errors
    /// A tensor that is not float, or of other dims; other numbers of rows or of patches than the images have.
    pub fn col2im(&self, size: [usize; 2], patches: PatchOptions) -> Result<Self> {
        const OP: &str = "fold";
        self.want_float(OP)?;
        if self.rank() == 2 {
            return self.unsqueeze(0)?.col2im(size, patches)?.squeeze(Some(0));
        }
        let wrong = |want: String| Err(Error::Shape { op: OP.into(), want, got: self.shape().to_vec() });
        let &[images, sides, found] = self.shape() else {
            return wrong("wants columns [N, C · h · w, patches], or without N".into());
        };
        let [rows, columns] = patches.along(OP, size)?;
        let [[h, w], [down, across]] = [patches.kernel.0, [rows.count, columns.count]];
        if found != size::product(OP, "patches", &[down, across])? || sides % size::product(OP, "patch", &[h, w])? != 0
        {
            return wrong(format!("wants a multiple of {h} · {w} rows and {down} · {across} patches"));
        }
        let channels = sides / (h * w);
        let [tall, wide] = [rows.padded, columns.padded];
        shape::check(OP, &[images, channels, tall, wide])?;
        let taken = self.reshape(&[images, channels, h, w, down, across])?.permute(&[0, 1, 2, 4, 3, 5])?;
        let taken = taken.reshape(&[images, channels, h * down, w * across])?;
        let positions = Self::of_positions(columns.positions(), self)?;
        let taken = taken.selected_from(3, &positions, &[images, channels, h * down, wide])?;
        let positions = Self::of_positions(rows.positions(), self)?;
        let padded = taken.selected_from(2, &positions, &[images, channels, tall, wide])?;
        let [above, left] = patches.padding.0.map(|width| [-(width as i64); 2]);
        padded.pad(&[left, above], PadMode::Constant, 0.0)
    }
}

/// How patches lie along one side of an image.
struct Along {
    /// How many there are.
    count: usize,
    /// The image's size with what is around it.
    padded: usize,
    kernel: usize,
    stride: usize,
    dilation: usize,
}

impl Along {
    /// What the first row of each patch is, then the second, ….
    fn positions(&self) -> impl Iterator<Item = usize> {
        let Self { count, kernel, stride, dilation, .. } = *self;
        (0..kernel).flat_map(move |row| (0..count).map(move |patch| patch * stride + row * dilation))
    }
}

impl PatchOptions {
    fn along(&self, op: &'static str, sizes: [usize; 2]) -> Result<[Along; 2]> {
        let [rows, columns] = [0, 1].map(|side| {
            let [kernel, stride, padding] = [self.kernel, self.stride, self.padding].map(|pair| pair.0[side]);
            let (size, dilation) = (sizes[side], self.dilation.0[side]);
            let reach = size::reach(op, kernel, dilation)?;
            match size::windows(op, size, reach, stride, padding)? {
                Some(count) => Ok(Along { count, padded: size + 2 * padding, kernel, stride, dilation }),
                None => {
                    let want = format!("at most {}, the padded image", size + 2 * padding);
                    Err(Error::argument(op, "the patch", want, reach))
                }
            }
        });
        Ok([rows?, columns?])
    }
}
