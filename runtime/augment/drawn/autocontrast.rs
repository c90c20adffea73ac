//! Stretching the values of each channel.

use super::super::{Change, DrawPlace, Range, Size, Transform};
use crate::{
    Result,
    options::{Options, options},
};

options! {
    /// With a probability, stretches the values of each channel over 0 to 1: torchvision's RandomAutocontrast.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Autocontrast as "AutocontrastOptions", shown "autocontrast" {
        /// The probability.
        p: f32 = 0.5, in 0.0..=1.0;
    }
}

impl Autocontrast {
    /// The change with probability `p`.
    ///
    /// # Errors
    /// A probability outside 0 to 1.
    pub fn new(p: f32) -> Result<Self> {
        Self { p }.checked("autocontrast")
    }
}

impl Transform for Autocontrast {
    fn draw(&self, _size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        if place.draws().chance(self.p) {
            changes.push(Change::Autocontrast);
        }
    }

    fn range(&self) -> Range {
        Range::UNIT
    }
}
