//! Mirroring above and below.

use super::super::{Change, DrawPlace, Size, Transform};
use crate::{
    Result,
    options::{Options, options},
};

options! {
    /// With a probability, mirrors an image top to bottom: torchvision's RandomVerticalFlip.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct VerticalFlip as "VerticalFlipOptions", shown "vertical_flip" {
        /// The probability.
        p: f32 = 0.5, in 0.0..=1.0;
    }
}

impl VerticalFlip {
    /// The change with probability `p`.
    ///
    /// # Errors
    /// A probability outside 0 to 1.
    pub fn new(p: f32) -> Result<Self> {
        Self { p }.checked("vertical_flip")
    }
}

impl Transform for VerticalFlip {
    fn draw(&self, _size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        if place.draws().chance(self.p) {
            changes.push(Change::FlipRows);
        }
    }
}
