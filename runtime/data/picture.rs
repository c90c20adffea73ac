//! One picture on the host: from a file as images of data sets are, and into a file.

use std::{io::Cursor, path::Path};

use image::{ExtendedColorType, ImageEncoder, ImageError, codecs::jpeg::JpegEncoder, codecs::png::PngEncoder};

use super::{Transparent, decode};
use crate::{Error, Result};

/// The endings of files that are written.
const WRITTEN: [&str; 3] = ["png", "jpg", "jpeg"];
/// Pillow's, and so torchvision's.
const JPEG_QUALITY: u8 = 75;

/// Pixels, laid out `[height, width, channels]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// 1 for gray, 3 for red, green and blue.
    pub channels: usize,
    /// From top to bottom.
    pub height: usize,
    /// From left to right.
    pub width: usize,
    /// One byte for each channel of each pixel.
    pub pixels: Vec<u8>,
}

impl Picture {
    /// Reads a file, of whichever format it is: upright, in 3 channels. With a `size`, the largest centred square is cut
    /// out and brought to that side. `bytes` stand for a file that is not there.
    ///
    /// # Errors
    /// It is missing, no file, none of a picture, or damaged.
    pub fn load(
        op: &'static str,
        path: &Path,
        bytes: Option<&[u8]>,
        size: Option<usize>,
        transparent: Transparent,
    ) -> Result<Self> {
        let decoded = match bytes {
            Some(bytes) => decode::decode_bytes(bytes, path, size, transparent),
            None => decode::decode(path, size, transparent),
        };
        let image = decoded.map_err(|refusal| refusal.of(op, path))?.image;
        let (width, height) = image.dimensions();
        Ok(Self { channels: 3, height: height as usize, width: width as usize, pixels: image.into_raw() })
    }

    /// An error unless a file of this name can be written.
    pub fn check_name(op: &'static str, path: &Path) -> Result<()> {
        ending(op, path).map(drop)
    }

    /// The bytes of a file: PNG or JPEG, by its name's ending.
    ///
    /// # Errors
    /// Another ending; a picture larger than the format has.
    pub fn encode(&self, op: &'static str, path: &Path) -> Result<Vec<u8>> {
        let sides = (u32::try_from(self.width), u32::try_from(self.height));
        let (Ok(width), Ok(height)) = sides else { return Err(Error::data(op, path, "is too large a picture")) };
        let color = if self.channels == 1 { ExtendedColorType::L8 } else { ExtendedColorType::Rgb8 };
        let mut bytes = Cursor::new(Vec::new());
        let written = match ending(op, path)? {
            "png" => PngEncoder::new(&mut bytes).write_image(&self.pixels, width, height, color),
            _ => JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).encode(&self.pixels, width, height, color),
        };
        written.map_err(|error| match error {
            ImageError::IoError(source) => Error::io(op, path, source),
            // Some of its messages have several lines.
            other => {
                let text = other.to_string();
                let words: Vec<&str> = text.split_whitespace().collect();
                Error::data(op, path, format!("cannot be written: {}", words.join(" "))).caused_by(other)
            }
        })?;
        Ok(bytes.into_inner())
    }
}

/// Which of the formats a name's ending says.
fn ending(op: &'static str, path: &Path) -> Result<&'static str> {
    let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    let known = WRITTEN.into_iter().find(|known| *known == ending);
    known.ok_or_else(|| Error::data(op, path, "ends in none of .png, .jpg and .jpeg"))
}
