//! The size of an image.

/// Height and width in pixels.
pub type Size = (usize, usize);
