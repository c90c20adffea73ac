//! Images between tensors and files.

use std::path::Path;

use crate::{
    Device, Error, Result, Tensor,
    data::{ImageOptions, Picture, Transparent},
    memory,
    options::options,
    tensor::Elements,
};

options! {
    /// Options of `mb.io.load_image`.
    pub struct PictureOptions as "LoadImageOptions" {
        /// The side that the image is brought to: the shorter side is resized, then the centre is cut out.
        pub size: Option<usize> = None, in 1..=ImageOptions::MAX_SIZE, unit "pixels";
        /// What becomes of transparent pixels, as for mb.data.images.
        pub transparent: Transparent = Transparent::WHITE;
    }
}

/// The image of a file as floats in 0..1: `[3, H, W]`. `bytes` stand for a file that is not there.
///
/// # Errors
/// As [`Picture::load`]; there is no room.
pub fn load_picture(path: &Path, bytes: Option<&[u8]>, options: &PictureOptions, device: &Device) -> Result<Tensor> {
    const OP: &str = "load_image";
    let Picture { channels, height, width, pixels } =
        Picture::load(OP, path, bytes, options.size, options.transparent)?;
    let plane = height * width;
    let mut values = memory::list(OP, channels * plane)?;
    for channel in 0..channels {
        values.extend(pixels.iter().skip(channel).step_by(channels).map(|byte| f32::from(*byte) / 255.0));
    }
    Tensor::from_floats(values, &[channels, height, width], device)
}

/// The bytes of a picture file of an image `[3, H, W]`, `[1, H, W]` or `[H, W]`: floats in 0..1, which are clamped and
/// rounded (NaN is black), integers of 0 to 255, or truth values, black and white.
///
/// # Errors
/// Another shape; an integer outside of 0 to 255; an ending that is none of PNG's and JPEG's.
pub fn picture_bytes(image: &Tensor, path: &Path) -> Result<Vec<u8>> {
    const OP: &str = "save_image";
    Picture::check_name(OP, path)?;
    let (channels, height, width) = match *image.shape() {
        [height, width] => (1, height, width),
        [channels @ (1 | 3), height, width] => (channels, height, width),
        _ => {
            let want = "wants an image [3, H, W], [1, H, W] or [H, W] (mb.io.grid puts several side by side)";
            return Err(Error::Shape { op: OP.into(), want: want.into(), got: image.shape().to_vec() });
        }
    };
    if image.is_empty() {
        let want = "wants an image with pixels".to_owned();
        return Err(Error::Shape { op: OP.into(), want, got: image.shape().to_vec() });
    }
    // The bytes in their two orders, and the file.
    memory::check_machine(OP, image.len().saturating_mul(3))?;
    let planes = bytes_of(OP, image)?;
    let plane = height * width;
    let pixels = (0..plane).flat_map(|pixel| (0..channels).map(move |channel| (channel, pixel)));
    let pixels = pixels.map(|(channel, pixel)| planes[channel * plane + pixel]).collect();
    Picture { channels, height, width, pixels }.encode(OP, path)
}

fn bytes_of(op: &'static str, image: &Tensor) -> Result<Vec<u8>> {
    let outside = |value: i64| Error::argument(op, "an image of integers", "of 0 to 255", value);
    match image.elements()? {
        Elements::Bool(values) => Ok(values.into_iter().map(|value| if value { 255 } else { 0 }).collect()),
        Elements::UInt8(values) => Ok(values),
        Elements::Int(_) | Elements::Int64(_) => {
            image.longs(op)?.into_iter().map(|value| u8::try_from(value).map_err(|_| outside(value))).collect()
        }
        // torchvision.utils.save_image: x · 255 + ½, clamped, without what is behind the point.
        _ => Ok(image.floats()?.into_iter().map(|value| (value * 255.0 + 0.5).clamp(0.0, 255.0) as u8).collect()),
    }
}
