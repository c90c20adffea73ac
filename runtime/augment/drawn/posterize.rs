//! Fewer levels of brightness.

use super::super::{Change, DrawPlace, Range, Size, Transform};
use crate::{
    Result,
    options::{Options, options},
};

options! {
    /// With a probability, keeps so many bits of every value: torchvision's RandomPosterize.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Posterize as "PosterizeOptions", shown "posterize" {
        /// The bits that are kept of the 8 of a byte.
        bits: usize, in 0..=8;
        /// The probability.
        p: f32 = 0.5, in 0.0..=1.0;
    }
}

impl Posterize {
    /// The change to so many bits with probability `p`.
    ///
    /// # Errors
    /// More than 8 bits; a probability outside 0 to 1.
    pub fn new(bits: usize, p: f32) -> Result<Self> {
        Self { bits, p }.checked("posterize")
    }
}

impl Transform for Posterize {
    fn draw(&self, _size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        if place.draws().chance(self.p) {
            changes.push(Change::Posterize(self.bits as u8));
        }
    }

    fn range(&self) -> Range {
        Range::UNIT
    }
}
