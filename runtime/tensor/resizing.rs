//! Images of another size, as PyTorch's `interpolate`: every pixel of the result is a weighted sum of a few pixels of a row
//! of the image, then of a few rows.

use super::{Kind, Tensor, convolution::want_images, shape, size};
use crate::{Error, Result, options::choices};

choices! {
    /// How pixels between others are found.
    pub enum ResizeMode of "upsample" "mode" {
        /// The one that lies nearest.
        #[default]
        Nearest = "nearest",
        /// Along a line between two, in each direction.
        Bilinear = "bilinear",
        /// Along a cubic curve through four (Keys 1981, a = −0.75), in each direction.
        Bicubic = "bicubic",
    }
}

/// How images are resized.
#[derive(Clone, Copy, Debug)]
pub struct Resize {
    /// Of the result: height, width.
    pub size: [usize; 2],
    /// How many times as large it is, where that was asked for and the size only follows from it.
    pub scale: Option<f64>,
    /// Which pixels a new one is made of.
    pub mode: ResizeMode,
    /// Whether corners stay where they are. If not, the corners of pixels do.
    pub align_corners: bool,
}

/// Which positions of a side each place of the result is made of, and by which shares: one list for each of them.
type Taps = Vec<(Vec<usize>, Vec<f64>)>;

impl Tensor {
    /// `[N, C, H, W]` to `[N, C, height, width]`.
    ///
    /// # Errors
    /// A tensor that is not a float `[N, C, H, W]` of at least a pixel; a size of 0.
    pub fn resized(&self, op: &'static str, resize: Resize) -> Result<Self> {
        self.want_float(op)?;
        want_images(op, self, None)?;
        if self.is_stored() {
            return self.cast(Kind::Float)?.resized(op, resize);
        }
        let [height, width] = resize.size;
        for (name, side) in [("height", height), ("width", width)] {
            if side == 0 {
                return Err(Error::argument(op, name, "at least 1", 0));
            }
            size::check(op, name, side)?;
        }
        if self.shape()[2..].contains(&0) {
            let want = "wants an image of at least 1×1".into();
            return Err(Error::Shape { op: op.into(), want, got: self.shape().to_vec() });
        }
        shape::check(op, &[self.shape()[0], self.shape()[1], height, width])?;
        self.resized_along(2, &resize)?.resized_along(3, &resize)
    }

    fn resized_along(&self, dim: usize, resize: &Resize) -> Result<Self> {
        let (from, to) = (self.shape()[dim], resize.size[dim - 2]);
        let mut each = vec![1; self.rank()];
        each[dim] = to;
        let parts = resize.taps(from, to).into_iter().map(|(positions, shares)| {
            let taken = self.select_unchecked(dim, &Self::of_positions(positions, self)?)?;
            match resize.mode {
                ResizeMode::Nearest => Ok(taken),
                _ => taken.mul(&Self::from_doubles(shares, &each, self)?),
            }
        });
        let mut parts = parts.collect::<Result<Vec<_>>>()?.into_iter();
        let first = parts.next().unwrap_or_else(|| self.clone());
        parts.try_fold(first, |sum, part| sum.add(&part))
    }
}

impl Resize {
    fn taps(&self, from: usize, to: usize) -> Taps {
        let step = self.scale.map_or(from as f64 / to as f64, |scale| 1.0 / scale);
        let last = from as i64 - 1;
        if self.mode == ResizeMode::Nearest {
            // In float32, as PyTorch has it: which of two neighbours it is may depend on the rounding.
            let place = |place: usize| ((place as f32 * step as f32).floor() as i64).min(last) as usize;
            return vec![((0..to).map(place).collect(), Vec::new())];
        }
        let at = |place: usize| match self.align_corners {
            true if to > 1 => place as f64 * last as f64 / (to - 1) as f64,
            true => 0.0,
            false => (place as f64 + 0.5) * step - 0.5,
        };
        let (first, count, shares): (i64, usize, fn(f64) -> Vec<f64>) = match self.mode {
            ResizeMode::Bicubic => (-1, 4, cubic),
            _ => (0, 2, |share| vec![1.0 - share, share]),
        };
        let mut taps: Taps = vec![(Vec::with_capacity(to), Vec::with_capacity(to)); count];
        for place in 0..to {
            let at = if count == 2 { at(place).max(0.0) } else { at(place) };
            let below = at.floor();
            for (number, share) in shares(at - below).into_iter().enumerate() {
                let position = (below as i64 + first + number as i64).clamp(0, last);
                taps[number].0.push(position as usize);
                taps[number].1.push(share);
            }
        }
        taps
    }
}

/// The shares of four neighbours, at a share of the way from the second to the third.
fn cubic(share: f64) -> Vec<f64> {
    const A: f64 = -0.75;
    let near = |x: f64| ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
    let far = |x: f64| ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A;
    vec![far(share + 1.0), near(share), near(1.0 - share), far(2.0 - share)]
}
