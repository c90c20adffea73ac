//! What `image` does not tell of a TIFF file: whether its colours are multiplied by their opacity already, and whether it
//! has further pages.

use std::io::Cursor;

use image::{DynamicImage, Rgba};
use tiff::{TiffError, decoder::Decoder, tags::Tag};

/// What the samples beside the colours of a TIFF are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alpha {
    /// An opacity that colours do not know of, or none.
    Plain,
    /// An opacity by which colours are multiplied ("associated").
    Multiplied,
}

/// The kind of opacity of a file's first page, and whether there are more pages. Source: Adobe, TIFF 6.0, 1992, section 18.
pub fn read(bytes: &[u8]) -> Result<(Alpha, bool), TiffError> {
    let mut decoder = Decoder::new(Cursor::new(bytes))?;
    let samples = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples)?;
    let is_multiplied = samples.is_some_and(|samples| samples.first() == Some(&1));
    Ok((if is_multiplied { Alpha::Multiplied } else { Alpha::Plain }, decoder.more_images()))
}

/// Divides colours by their opacity; where that is 0 they are black.
pub fn divide(image: &mut DynamicImage) {
    match image {
        DynamicImage::ImageLumaA8(_) | DynamicImage::ImageRgba8(_) => {
            let mut divided = image.to_rgba8();
            for Rgba([colors @ .., alpha]) in divided.pixels_mut() {
                let over = |color: u8| u32::from(color) * 255 / u32::from((*alpha).max(1));
                *colors = if *alpha == 0 { [0; 3] } else { colors.map(|color| over(color).min(255) as u8) };
            }
            *image = divided.into();
        }
        DynamicImage::ImageLumaA16(_) | DynamicImage::ImageRgba16(_) => {
            let mut divided = image.to_rgba16();
            for Rgba([colors @ .., alpha]) in divided.pixels_mut() {
                let over = |color: u16| u64::from(color) * 65535 / u64::from((*alpha).max(1));
                *colors = if *alpha == 0 { [0; 3] } else { colors.map(|color| over(color).min(65535) as u16) };
            }
            *image = divided.into();
        }
        _ => {}
    }
}
