//! Which files are images, by their names: those that are read, and those that are pictures in a format that is not.

use std::{ffi::OsStr, path::Path};

/// The extensions of files that are read, in any case. Which format a file has, its content says.
const READ: [&str; 26] = [
    "jpg", "jpeg", "jpe", "jfif", "jif", "jfi", "pjpeg", "pjp", "png", "apng", "webp", "bmp", "dib", "gif", "tif",
    "tiff", "ppm", "pgm", "pbm", "pnm", "pam", "qoi", "ico", "tga", "ff", "farbfeld",
];
/// What a message says of them.
pub const READ_NAMES: &str = "jpg, png, webp, bmp, gif, tif, ppm, qoi, ico, tga and ff";

/// The extensions of pictures in formats that are not read.
const UNREAD: [&str; 45] = [
    "avif", "avifs", "heic", "heif", "hif", "jxl", "jp2", "j2k", "j2c", "jpf", "jpx", "jpm", "jxr", "hdp", "wdp",
    "svg", "svgz", "exr", "hdr", "dds", "psd", "psb", "xcf", "pcx", "sgi", "ras", "xbm", "xpm", "emf", "wmf", "eps",
    "dcm", "nii", "raw", "dng", "nef", "cr2", "cr3", "arw", "orf", "rw2", "raf", "pef", "srw", "flif",
];

/// What a file is by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// An image that is read.
    Image,
    /// A picture in a format that is not read: its extension.
    Unread(&'static str),
    /// No image: its extension, in lower case; empty if it has none.
    Other(String),
}

/// What a file is by its name.
pub fn named(path: &Path) -> Named {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if READ.contains(&extension.as_str()) {
        return Named::Image;
    }
    match UNREAD.iter().find(|known| **known == extension) {
        Some(known) => Named::Unread(known),
        None => Named::Other(extension),
    }
}

/// Whether a file is TGA by its name. The format begins with nothing that tells it from others.
pub fn is_tga(path: &Path) -> bool {
    path.extension().and_then(OsStr::to_str).is_some_and(|extension| extension.eq_ignore_ascii_case("tga"))
}

/// The format of a picture that is not read, by its first bytes. Sources: ISO/IEC 14496-12, section 4.3 (`ftyp`),
/// 23008-12, annex B (the brands of HEIF), 18181-2, section 9 (JPEG XL).
pub fn unread(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\xff\x0a") || bytes.starts_with(b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a") {
        return Some("jxl");
    }
    if bytes.get(4..8)? != b"ftyp" {
        return None;
    }
    match bytes.get(8..12)? {
        b"avif" | b"avis" => Some("avif"),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => Some("heic"),
        b"mif1" | b"msf1" => Some("heif"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_a_file_is_in_any_case() {
        let of = |name: &str| named(Path::new(name));
        for name in ["a.JPG", "a.jfif", "b.c.Tiff", "a.GIF", "a.webp"] {
            assert_eq!(of(name), Named::Image, "{name}");
        }
        assert_eq!((of("a.AVIF"), of("a.tar.heic")), (Named::Unread("avif"), Named::Unread("heic")));
        assert_eq!((of("a.TXT"), of("png")), (Named::Other("txt".into()), Named::Other(String::new())));
        assert!(is_tga(Path::new("a.TGA")) && !is_tga(Path::new("tga")));
    }

    #[test]
    fn no_extension_is_both_read_and_not() {
        assert!(UNREAD.iter().all(|name| !READ.contains(name)));
    }
}
