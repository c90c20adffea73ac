//! Equalizing the histogram of each channel.

use super::super::{Change, DrawPlace, Range, Size, Transform};
use crate::{
    Result,
    options::{Options, options},
};

options! {
    /// With a probability, spreads the values of each channel so that each of 256 levels is about as frequent: torchvision's RandomEqualize.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Equalize as "EqualizeOptions", shown "equalize" {
        /// The probability.
        p: f32 = 0.5, in 0.0..=1.0;
    }
}

impl Equalize {
    /// The change with probability `p`.
    ///
    /// # Errors
    /// A probability outside 0 to 1.
    pub fn new(p: f32) -> Result<Self> {
        Self { p }.checked("equalize")
    }
}

impl Transform for Equalize {
    fn draw(&self, _size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        if place.draws().chance(self.p) {
            changes.push(Change::Equalize);
        }
    }

    fn range(&self) -> Range {
        Range::UNIT
    }
}
