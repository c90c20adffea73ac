//! One image out of a file's bytes, by the decoder of its format, within limits of size.

use std::io::Cursor;

use image::{
    AnimationDecoder, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits,
    codecs::{gif::GifDecoder, png::PngDecoder, webp::WebPDecoder},
};

use super::{jpeg, tiff_alpha};

/// A file that claims more is taken for a decompression bomb. 16,384 squared is past any camera's.
const MAX_SIDE: u32 = 16_384;
/// The most bytes that one image may decode to.
const MAX_BYTES: u64 = 512 << 20;

/// The first image of a file, upright.
pub struct Still {
    pub image: DynamicImage,
    /// Whether the file has further images: an animation, or pages.
    pub goes_on: bool,
}

/// Decodes the first image of a file.
pub fn decode(bytes: &[u8], format: ImageFormat) -> Result<Still, String> {
    let read = || Cursor::new(bytes);
    match format {
        ImageFormat::Jpeg if !jpeg::ends(bytes) => Err("is truncated: the JPEG lacks its end".into()),
        ImageFormat::Png => {
            let decoder = PngDecoder::with_limits(read(), limits()).map_err(describe)?;
            let goes_on = decoder.is_apng().map_err(describe)?;
            still(decoder, goes_on)
        }
        ImageFormat::WebP => {
            let decoder = WebPDecoder::new(read()).map_err(describe)?;
            let goes_on = decoder.has_animation();
            still(decoder, goes_on)
        }
        ImageFormat::Gif => {
            let first = still(GifDecoder::new(read()).map_err(describe)?, false)?;
            let mut frames = GifDecoder::new(read()).map_err(describe)?;
            frames.set_limits(limits()).map_err(describe)?;
            let second = frames.into_frames().nth(1).transpose().map_err(describe)?;
            Ok(Still { goes_on: second.is_some(), ..first })
        }
        ImageFormat::Tiff => {
            let page = tiff_alpha::read(bytes).map_err(|error| describe_text(&error.to_string()))?;
            if let Some(kind) = page.unread {
                return Err(not_read(kind));
            }
            let mut still = still(reader(bytes, format)?, page.goes_on)?;
            if page.is_multiplied {
                tiff_alpha::divide(&mut still.image);
            }
            Ok(still)
        }
        ImageFormat::Avif | ImageFormat::Hdr | ImageFormat::OpenExr | ImageFormat::Dds => {
            Err(not_read(format.extensions_str()[0]))
        }
        _ => still(reader(bytes, format)?, false),
    }
}

/// What is said of a picture in a format that is not read.
pub fn not_read(format: &str) -> String {
    format!("is a picture in a format that is not read: {format}")
}

fn reader(bytes: &[u8], format: ImageFormat) -> Result<impl ImageDecoder + '_, String> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    reader.into_decoder().map_err(describe)
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    limits
}

fn still(mut decoder: impl ImageDecoder, goes_on: bool) -> Result<Still, String> {
    let (width, height) = decoder.dimensions();
    if width == 0 || height == 0 {
        return Err(format!("has no pixels: {width} x {height}"));
    }
    // Not every decoder holds its output to the limits.
    if width > MAX_SIDE || height > MAX_SIDE || decoder.total_bytes() > MAX_BYTES {
        return Err(format!("is too large: {width} x {height}"));
    }
    decoder.set_limits(limits()).map_err(describe)?;
    let orientation = decoder.orientation().map_err(describe)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(describe)?;
    // Nothing says what 1.0 is in such a file: 255 is as common.
    if matches!(image, DynamicImage::ImageRgb32F(_) | DynamicImage::ImageRgba32F(_)) {
        return Err("has floats for pixels; only 8 and 16 bits are read".into());
    }
    image.apply_orientation(orientation);
    Ok(Still { image, goes_on })
}

/// Whether all pixels of an image are fully transparent, and whether any can be seen through; none where it has no
/// alpha.
pub fn alphas(image: &DynamicImage) -> Option<(bool, bool)> {
    fn of<T: Copy + PartialEq>(alphas: impl Iterator<Item = T>, clear: T, opaque: T) -> (bool, bool) {
        alphas.fold((true, false), |(all, any), alpha| (all && alpha == clear, any || alpha != opaque))
    }
    match image {
        DynamicImage::ImageLumaA8(image) => Some(of(image.pixels().map(|pixel| pixel[1]), 0, u8::MAX)),
        DynamicImage::ImageRgba8(image) => Some(of(image.pixels().map(|pixel| pixel[3]), 0, u8::MAX)),
        DynamicImage::ImageLumaA16(image) => Some(of(image.pixels().map(|pixel| pixel[1]), 0, u16::MAX)),
        DynamicImage::ImageRgba16(image) => Some(of(image.pixels().map(|pixel| pixel[3]), 0, u16::MAX)),
        _ => None,
    }
}

fn describe(error: image::ImageError) -> String {
    describe_text(&error.to_string())
}

fn describe_text(text: &str) -> String {
    format!("cannot be decoded: {}", text.split_whitespace().collect::<Vec<_>>().join(" "))
}
