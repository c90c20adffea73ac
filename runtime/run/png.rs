//! One way to put a picture into a file.

use std::{io::Cursor, path::Path};

use image::{ImageError, ImageFormat, RgbImage};

use super::write_atomically;
use crate::{Error, Result};

/// Writes a picture as a PNG, whole or not at all.
pub(super) fn write_png(path: &Path, picture: &RgbImage) -> Result<()> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).map_err(|error| {
        let source = match error {
            ImageError::IoError(source) => source,
            other => std::io::Error::other(other),
        };
        Error::io("write", path, source)
    })?;
    write_atomically(path, bytes.get_ref())
}
