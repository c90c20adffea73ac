//! Views of a second size in an episode, as in SwAV's multi-crop (Caron et al., NeurIPS 2020).

use std::ops::Range;

use crate::{Tensor, views::Augment};

/// Further query views of each image.
pub struct CropViews<'a> {
    /// What makes them.
    pub augment: &'a dyn Augment,
    /// Crops per class.
    pub views: usize,
}

/// The query views of a second size.
#[derive(Clone)]
pub struct Crops {
    /// Floats in 0..1, [V·B, 3, h, w] for V crops of each of B classes, view-major.
    pub images: Tensor,
    /// Crops per class, V.
    pub views: usize,
}

/// Rows of one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameSize {
    /// Rows of the episode, from 0.
    pub rows: Range<usize>,
    /// Rows per class.
    pub views: usize,
    /// Pixels from top to bottom.
    pub height: usize,
    /// Pixels from left to right.
    pub width: usize,
}
