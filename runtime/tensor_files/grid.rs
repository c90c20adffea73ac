//! Images side by side in one, as `torchvision.utils.make_grid` has them.

use crate::{
    Error, Result, Tensor,
    options::{Span, options},
};

const OP: &str = "grid";

options! {
    /// Options of `mb.io.grid`.
    pub struct GridOptions {
        /// Images side by side.
        pub columns: usize = 8, in 1..=65_536;
        /// Around each image.
        pub padding: u64 = 2, in 0..=4096, unit "pixels";
        /// The value of the padding, and of places without an image.
        pub pad_value: f64 = 0.0;
        /// Whether values are brought to 0..1 first: from value_range, or from the least to the greatest of all images.
        pub normalize: bool = false;
        /// What becomes 0 and 1 under normalize: { low, high }. What lies outside is clamped.
        pub value_range: Option<Span> = None;
        /// Whether normalize takes the least and the greatest of each image by itself.
        pub scale_each: bool = false;
    }
}

/// One image of images `[N, C, H, W]`, `[C, H, W]` or `[H, W]`, of 3 channels where there was one: `[C, H', W']`, with H'
/// = rows · (H + padding) + padding, and W' likewise. A single image has no padding.
///
/// # Errors
/// Another shape; a range without a width that is no number; no room.
pub fn grid(images: &Tensor, options: &GridOptions) -> Result<Tensor> {
    let images = match *images.shape() {
        [height, width] => images.reshape(&[1, 1, height, width])?,
        [channels, height, width] => images.reshape(&[1, channels, height, width])?,
        [_, _, _, _] => images.clone(),
        _ => {
            let want = "wants images [N, C, H, W], [C, H, W] or [H, W]".to_owned();
            return Err(Error::Shape { op: OP.into(), want, got: images.shape().to_vec() });
        }
    };
    if images.is_empty() {
        let want = "wants images with pixels".to_owned();
        return Err(Error::Shape { op: OP.into(), want, got: images.shape().to_vec() });
    }
    let images =
        if images.shape()[1] == 1 { Tensor::cat(&[images.clone(), images.clone(), images], 1)? } else { images };
    let images = if options.normalize { normalized(images, options)? } else { images };
    if images.shape()[0] == 1 {
        return images.squeeze(Some(0));
    }
    let [count, channels, ..] = *images.shape() else { return Ok(images) };
    let across = options.columns.min(count);
    let down = count.div_ceil(across);
    let padding = options.padding as usize;
    let behind = |images: &Tensor, dim: usize, more: usize| padded(images, dim, more, options.pad_value, false);
    let images = behind(&behind(&behind(&images, 0, down * across - count)?, 2, padding)?, 3, padding)?;
    let (height, width) = (images.shape()[2], images.shape()[3]);
    let rows = images.reshape(&[down, across, channels, height, width])?.permute(&[2, 0, 3, 1, 4])?;
    let whole = rows.reshape(&[channels, down * height, across * width])?;
    let before = |image: &Tensor, dim: usize| padded(image, dim, padding, options.pad_value, true);
    before(&before(&whole, 1)?, 2)
}

/// Some more of a dim, of one value.
fn padded(images: &Tensor, dim: usize, more: usize, value: f64, is_before: bool) -> Result<Tensor> {
    if more == 0 {
        return Ok(images.clone());
    }
    let mut shape = images.shape().to_vec();
    shape[dim] = more;
    let blank = Tensor::full(value, &shape, images.kind(), images.device())?;
    let both = if is_before { [blank, images.clone()] } else { [images.clone(), blank] };
    Tensor::cat(&both, dim)
}

fn normalized(images: Tensor, options: &GridOptions) -> Result<Tensor> {
    images.want_float(OP)?;
    if !options.scale_each {
        return scaled(&images, options.value_range);
    }
    let each = (0..images.shape()[0]).map(|image| scaled(&images.slice(0, image, image + 1)?, options.value_range));
    Tensor::cat(&each.collect::<Result<Vec<_>>>()?, 0)
}

/// (x − low) / (high − low).
fn scaled(images: &Tensor, range: Option<Span>) -> Result<Tensor> {
    let (images, low, high) = match range {
        Some(Span([low, high])) if low <= high => {
            let (low, high) = (f64::from(low), f64::from(high));
            (images.clamp(low, high)?, low, high)
        }
        Some(range) => {
            return Err(Error::argument(
                OP,
                "value_range",
                "{ low, high } with low at most high",
                format!("{range:?}"),
            ));
        }
        None => (images.clone(), images.min(None, false)?.item()?, images.max(None, false)?.item()?),
    };
    images.sub_scalar(low)?.div_scalar((high - low).max(1e-5))
}
