//! A part of an image.

use super::Size;

/// A rectangle of an image, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    /// The first row.
    pub top: usize,
    /// The first column.
    pub left: usize,
    /// The number of rows.
    pub height: usize,
    /// The number of columns.
    pub width: usize,
}

impl Crop {
    /// The whole of an image.
    pub fn whole((height, width): Size) -> Self {
        Self { top: 0, left: 0, height, width }
    }

    /// Its size.
    pub fn size(&self) -> Size {
        (self.height, self.width)
    }
}
