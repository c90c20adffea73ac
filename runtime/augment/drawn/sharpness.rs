//! Sharpening or softening.

use super::super::{Change, DrawPlace, Range, Size, Transform};
use crate::{
    Result,
    options::{Options, options},
};

options! {
    /// With a probability, sharpens or softens by a fixed factor: torchvision's RandomAdjustSharpness.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Sharpness as "SharpnessOptions", shown "sharpness" {
        /// 0 is smoothed, 1 as it is, 2 twice as sharp.
        factor: f32, in 0.0..;
        /// The probability.
        p: f32 = 0.5, in 0.0..=1.0;
    }
}

impl Sharpness {
    /// The change by a factor with probability `p`.
    ///
    /// # Errors
    /// A negative factor; a probability outside 0 to 1.
    pub fn new(factor: f32, p: f32) -> Result<Self> {
        Self { factor, p }.checked("sharpness")
    }
}

impl Transform for Sharpness {
    fn draw(&self, _size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        if place.draws().chance(self.p) {
            changes.push(Change::Sharpness(self.factor));
        }
    }

    fn range(&self) -> Range {
        Range::UNIT
    }
}
