//! From an image file to RGB bytes. What a decoder would let pass in silence, a truncated JPEG above all,
//! is an error here: half an image that is grey below looks like data.

pub mod formats;
mod jpeg;
#[cfg(test)]
mod reference;
mod refusal;
mod still;
mod tiff_alpha;
mod transparent;

use std::{
    fs, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use image::{ImageFormat, RgbImage, imageops};

pub use refusal::Refusal;
use still::Still;
pub use transparent::Transparent;

/// The most bytes that one file may have.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// A decoded file.
#[derive(Debug)]
pub struct Decoded {
    /// Its pixels.
    pub image: RgbImage,
    /// What is worth telling of it.
    pub traits: Traits,
}

/// What is worth telling of a decoded file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// It has further images after the one that was taken.
    pub goes_on: bool,
    /// Some of its pixels can be seen through.
    pub transparent: bool,
    /// All of its pixels are fully transparent.
    pub blank: bool,
}

/// Decodes a file; of an animation the first image. With a `size`, the largest centred square is cut out and brought to
/// that side, which is the shorter side scaled and the middle cropped. Gray becomes RGB; 16 bits become 8.
pub fn decode(path: &Path, size: Option<usize>, transparent: Transparent) -> Result<Decoded, Refusal> {
    decode_bytes(&read(path)?, path, size, transparent)
}

/// As [`decode`], of the bytes of a file.
pub fn decode_bytes(
    bytes: &[u8],
    path: &Path,
    size: Option<usize>,
    transparent: Transparent,
) -> Result<Decoded, Refusal> {
    let format = match image::guess_format(bytes) {
        Ok(format) => format,
        Err(_) if formats::is_tga(path) => ImageFormat::Tga,
        Err(_) => {
            let unread = formats::unread(bytes).map(still::not_read);
            return Err(unread.unwrap_or_else(|| "is not an image of a known format".to_owned()).into());
        }
    };
    // A decoder that panics must not take a training run with it.
    let decoded = catch_unwind(AssertUnwindSafe(|| still::decode(bytes, format)));
    let Still { image, goes_on } = decoded.unwrap_or_else(|_| Err("cannot be decoded: the decoder failed".into()))?;
    let alphas = still::alphas(&image);
    let (clear, seen_through) = alphas.unwrap_or((false, false));
    let image = transparent.remove(image);
    let image = match size {
        Some(size) => resize(image, size as u32),
        None => image,
    };
    Ok(Decoded { image, traits: Traits { goes_on, transparent: seen_through, blank: clear } })
}

/// Cuts out the largest centred square and brings it to `size` pixels a side.
pub fn resize(image: RgbImage, size: u32) -> RgbImage {
    let (width, height) = image.dimensions();
    if (width, height) == (size, size) {
        return image;
    }
    let side = width.min(height);
    let square = imageops::crop_imm(&image, (width - side) / 2, (height - side) / 2, side, side).to_image();
    imageops::resize(&square, size, size, imageops::FilterType::Triangle)
}

/// What is wrong with a link that leads nowhere.
pub fn broken_link(path: &Path) -> Option<String> {
    let target = fs::read_link(path).ok()?;
    Some(format!("is a link that leads nowhere (to '{}')", target.display()))
}

fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    let about = fs::metadata(path).map_err(|source| match broken_link(path) {
        Some(reason) if source.kind() != io::ErrorKind::PermissionDenied => Refusal::Data(reason),
        _ => Refusal::Io(source),
    })?;
    // To open a named pipe would wait for its writer.
    if !about.is_file() {
        return Err("is not a regular file".to_owned().into());
    }
    if about.len() > MAX_FILE_BYTES {
        return Err(format!("has {} bytes, more than {MAX_FILE_BYTES}", about.len()).into());
    }
    match fs::read(path)? {
        bytes if bytes.is_empty() => Err("is empty (0 bytes)".to_owned().into()),
        bytes => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, Rgb, Rgba};
    use std::path::PathBuf;
    use tempfile::TempDir;

    fn picture(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| Rgb([(x * 5) as u8, (y * 7) as u8, (x * y) as u8]))
    }

    fn saved(folder: &TempDir, name: &str, image: impl Into<DynamicImage>) -> PathBuf {
        let path = folder.path().join(name);
        image.into().save(&path).unwrap();
        path
    }

    fn decoded(path: &Path, size: Option<usize>) -> Result<RgbImage, Refusal> {
        decode(path, size, Transparent::WHITE).map(|decoded| decoded.image)
    }

    fn reason(path: &Path) -> String {
        decoded(path, None).unwrap_err().to_string()
    }

    #[test]
    fn a_lossless_file_gives_its_pixels_back() {
        let folder = TempDir::new().unwrap();
        for name in ["a.png", "a.bmp", "a.ppm", "a.webp", "a.tiff", "a.qoi", "a.tga"] {
            let path = saved(&folder, name, picture(9, 6));
            assert_eq!(decoded(&path, None).unwrap(), picture(9, 6), "{name}");
        }
    }

    #[test]
    fn gray_alpha_and_sixteen_bits_become_rgb() {
        let folder = TempDir::new().unwrap();
        let gray = saved(&folder, "gray.png", image::GrayImage::from_pixel(4, 4, image::Luma([90])));
        assert_eq!(decoded(&gray, None).unwrap(), RgbImage::from_pixel(4, 4, Rgb([90; 3])));
        let alpha = saved(&folder, "alpha.png", image::RgbaImage::from_pixel(4, 4, Rgba([1, 2, 3, 0])));
        assert_eq!(decoded(&alpha, None).unwrap(), RgbImage::from_pixel(4, 4, Rgb([255; 3])));
        let dropped = decode(&alpha, None, Transparent::Drop).unwrap();
        assert_eq!(dropped.image, RgbImage::from_pixel(4, 4, Rgb([1, 2, 3])));
        assert_eq!(dropped.traits, Traits { goes_on: false, transparent: true, blank: true });
        let deep = DynamicImage::ImageRgb16(image::ImageBuffer::from_pixel(4, 4, Rgb([0, 257 * 128, 65535])));
        let deep = saved(&folder, "deep.png", deep);
        assert_eq!(decoded(&deep, None).unwrap(), RgbImage::from_pixel(4, 4, Rgb([0, 128, 255])));
    }

    /// Farbfeld has one kind of pixels.
    fn of_its_kind(name: &str) -> DynamicImage {
        let image = DynamicImage::from(picture(64, 48));
        if name.ends_with("ff") && !name.ends_with("tiff") { image.into_rgba16().into() } else { image }
    }

    #[test]
    fn every_truncation_is_an_error() {
        let folder = TempDir::new().unwrap();
        for name in [
            "whole.jpg",
            "whole.png",
            "whole.bmp",
            "whole.ppm",
            "whole.webp",
            "whole.gif",
            "whole.tiff",
            "whole.qoi",
            "whole.ico",
            "whole.tga",
            "whole.ff",
        ] {
            let whole = fs::read(saved(&folder, name, of_its_kind(name))).unwrap();
            for left in [1, 3, 20, whole.len() / 4, whole.len() / 2, whole.len() - 40, whole.len() - 20] {
                let cut = folder.path().join(format!("cut_{name}"));
                fs::write(&cut, &whole[..left]).unwrap();
                let reason = reason(&cut);
                assert!(reason.starts_with("is ") || reason.starts_with("cannot be decoded: "), "{name}: {reason}");
            }
        }
    }

    #[test]
    fn a_truncated_jpeg_says_so_even_with_a_thumbnail_and_padding() {
        let folder = TempDir::new().unwrap();
        let whole = fs::read(saved(&folder, "whole.jpg", picture(64, 48))).unwrap();
        // An application segment that holds an end marker, as a thumbnail in EXIF data does.
        let segment = [0xff, 0xe5, 0, 6, 0xff, 0xd8, 0xff, 0xd9];
        let with_thumbnail = [&whole[..2], &segment, &whole[2..]].concat();
        let path = folder.path().join("thumbnail.jpg");
        fs::write(&path, &with_thumbnail).unwrap();
        assert_eq!(decoded(&path, None).unwrap().dimensions(), (64, 48));
        let cut = [&with_thumbnail[..with_thumbnail.len() / 2], &[0; 500]].concat();
        fs::write(&path, cut).unwrap();
        assert_eq!(reason(&path), "is truncated: the JPEG lacks its end");
        let trailing = [&whole[..], &[0; 100]].concat();
        fs::write(&path, trailing).unwrap();
        assert_eq!(decoded(&path, None).unwrap().dimensions(), (64, 48));
    }

    #[test]
    fn what_is_no_image_is_an_error() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.png");
        fs::write(&path, "").unwrap();
        assert_eq!(reason(&path), "is empty (0 bytes)");
        fs::write(&path, "<html>404</html>").unwrap();
        assert_eq!(reason(&path), "is not an image of a known format");
        let none = folder.path().join("none.png");
        let missing = decoded(&none, None).unwrap_err().at(&none).to_string();
        assert!(missing.starts_with(&format!("images: {}: No such file", none.display())), "{missing}");
        assert_eq!(reason(folder.path()), "is not a regular file");
    }

    #[test]
    fn a_png_that_claims_a_huge_size_is_an_error() {
        let folder = TempDir::new().unwrap();
        // The header of an image of 60,000 x 60,000 pixels, with a right checksum, and no data.
        let mut header = Vec::from(*b"IHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0");
        let checksum = !header.iter().fold(u32::MAX, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        });
        header.extend(checksum.to_be_bytes());
        let path = folder.path().join("bomb.png");
        let end = b"\0\0\0\x0aIDAT";
        fs::write(&path, [b"\x89PNG\r\n\x1a\n\0\0\0\x0d", &header[..], end].concat()).unwrap();
        let reason = reason(&path);
        assert!(reason.contains("limit") || reason.contains("too large"), "{reason}");
    }

    #[test]
    fn a_png_that_is_called_jpg_is_read() {
        let folder = TempDir::new().unwrap();
        let png = saved(&folder, "a.png", picture(8, 8));
        let misnamed = folder.path().join("a.jpg");
        fs::rename(png, &misnamed).unwrap();
        assert_eq!(decoded(&misnamed, None).unwrap(), picture(8, 8));
    }

    #[test]
    fn a_resized_image_is_the_middle_of_the_original() {
        let folder = TempDir::new().unwrap();
        let thirds = |x, _| Rgb(if (20..40).contains(&x) { [200, 100, 50] } else { [0, 0, 0] });
        let path = saved(&folder, "wide.png", RgbImage::from_fn(60, 20, thirds));
        assert_eq!(decoded(&path, Some(8)).unwrap(), RgbImage::from_pixel(8, 8, Rgb([200, 100, 50])));
        assert_eq!(decoded(&path, Some(32)).unwrap().dimensions(), (32, 32));
    }

    #[test]
    fn a_picture_in_a_format_that_is_not_read_says_so_whatever_its_name() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.jpg");
        for (bytes, format) in [
            (&b"\0\0\0\x20ftypavif\0\0\0\0"[..], "avif"),
            (b"\0\0\0\x1cftypavif\0\0\0\0", "avif"),
            (b"\0\0\0\x18ftypheic\0\0\0\0", "heic"),
            (b"\0\0\0\x18ftyphevc\0\0\0\0", "heic"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0", "heif"),
            (b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a\0\0", "jxl"),
            (b"\xff\x0a\xfa\x7f\x01\x90", "jxl"),
        ] {
            fs::write(&path, bytes).unwrap();
            assert_eq!(reason(&path), format!("is a picture in a format that is not read: {format}"));
        }
        fs::write(&path, b"\0\0\0\x18ftypmp42\0\0\0\0").unwrap();
        assert_eq!(reason(&path), "is not an image of a known format");
    }
}
