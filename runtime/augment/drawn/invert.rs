//! Inverting all values.

use super::super::{Change, DrawPlace, Range, Size, Transform};
use crate::{
    Result,
    options::{Options, options},
};

options! {
    /// With a probability, replaces every value x by 1 - x: torchvision's RandomInvert.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Invert as "InvertOptions", shown "invert" {
        /// The probability.
        p: f32 = 0.5, in 0.0..=1.0;
    }
}

impl Invert {
    /// The change with probability `p`.
    ///
    /// # Errors
    /// A probability outside 0 to 1.
    pub fn new(p: f32) -> Result<Self> {
        Self { p }.checked("invert")
    }
}

impl Transform for Invert {
    fn draw(&self, _size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        if place.draws().chance(self.p) {
            changes.push(Change::Invert);
        }
    }

    fn range(&self) -> Range {
        Range::UNIT
    }
}
