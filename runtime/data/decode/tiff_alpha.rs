//! What `image` does not tell of a TIFF file: whether its colours are multiplied by their opacity already, whether it
//! has further pages, and whether its kind of pixels is read here at all.

use std::io::Cursor;

use image::{DynamicImage, Rgba};
use tiff::{TiffError, decoder::Decoder, tags::Tag};

/// The first page of a file.
pub struct Page {
    /// Whether its colours are multiplied by their opacity ("associated").
    pub is_multiplied: bool,
    /// Whether there are more pages.
    pub goes_on: bool,
    /// Its kind of pixels where that is not read.
    pub unread: Option<&'static str>,
}

/// What the first page of a file is. Source: Adobe, TIFF 6.0, 1992, sections 3, 5 and 18.
pub fn read(bytes: &[u8]) -> Result<Page, TiffError> {
    let mut decoder = Decoder::new(Cursor::new(bytes))?;
    let extra = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples)?;
    let samples = decoder.find_tag_unsigned::<u16>(Tag::SamplesPerPixel)?.unwrap_or(1);
    let unread = match decoder.find_tag_unsigned::<u16>(Tag::PhotometricInterpretation)? {
        Some(0 | 1) if samples > 1 => Some("tif of gray with opacity"),
        Some(3) => Some("tif with a palette"),
        _ => None,
    };
    let is_multiplied = extra.is_some_and(|samples| samples.first() == Some(&1));
    Ok(Page { is_multiplied, goes_on: decoder.more_images(), unread })
}

/// Divides colours by their opacity; where that is 0 they are black. Gray with an opacity is not read.
pub fn divide(image: &mut DynamicImage) {
    match image {
        DynamicImage::ImageRgba8(_) => {
            let mut divided = image.to_rgba8();
            for Rgba([colors @ .., alpha]) in divided.pixels_mut() {
                let over = |color: u8| u32::from(color) * 255 / u32::from((*alpha).max(1));
                *colors = if *alpha == 0 { [0; 3] } else { colors.map(|color| over(color).min(255) as u8) };
            }
            *image = divided.into();
        }
        DynamicImage::ImageRgba16(_) => {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of one pixel of 8 bits a sample.
    fn tiff(photometric: u16, samples: u16) -> Vec<u8> {
        // Tag, type (3 for 16 bits), count, value; the table of colours lies after all tags.
        let mut tags = vec![
            (256, 3, 1, 1),
            (257, 3, 1, 1),
            (258, 3, u32::from(samples), if samples == 2 { 0x0008_0008 } else { 8 }),
            (259, 3, 1, 1),
            (262, 3, 1, u32::from(photometric)),
            (273, 3, 1, 300),
            (277, 3, 1, u32::from(samples)),
            (278, 3, 1, 1),
            (279, 3, 1, u32::from(samples)),
        ];
        if photometric == 3 {
            tags.push((320, 3, 768, 400));
        }
        if samples == 2 {
            tags.push((338, 3, 1, 2_u32));
        }
        let mut bytes = b"II*\0\x08\0\0\0".to_vec();
        bytes.extend((tags.len() as u16).to_le_bytes());
        for (tag, kind, count, value) in tags {
            bytes.extend([u16::to_le_bytes(tag), u16::to_le_bytes(kind)].concat());
            bytes.extend([u32::to_le_bytes(count), u32::to_le_bytes(value)].concat());
        }
        bytes.resize(2000, 0);
        bytes
    }

    #[test]
    fn a_kind_of_pixels_that_is_not_read_is_named() {
        let unread = |photometric, samples| read(&tiff(photometric, samples)).unwrap().unread;
        assert_eq!(unread(1, 1), None);
        assert_eq!(unread(1, 2), Some("tif of gray with opacity"));
        assert_eq!(unread(3, 1), Some("tif with a palette"));
    }
}
