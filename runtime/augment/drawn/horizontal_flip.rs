//! Mirroring left and right.

use super::super::{Change, DrawPlace, Size, Transform};
use crate::{
    Result,
    options::{Options, options},
};

options! {
    /// Mirrors an image left to right with a probability.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct HorizontalFlip as "FlipOptions", shown "horizontal_flip" {
        /// The probability.
        p: f32 = 0.5, in 0.0..=1.0;
    }
}

impl HorizontalFlip {
    /// A flip with probability `p`.
    pub fn new(p: f32) -> Result<Self> {
        Self { p }.checked("horizontal_flip")
    }
}

impl Transform for HorizontalFlip {
    fn draw(&self, _size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        if place.draws().chance(self.p) {
            changes.push(Change::Flip);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{Pixels, fixture::views},
        *,
    };
    use crate::rng::Stream;

    const IMAGE: [f32; 12] = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 0.5];

    fn flipped(p: f32, count: u16) -> Vec<f32> {
        let pixels = Pixels::floats(&IMAGE, 3, (2, 2)).unwrap();
        views(&HorizontalFlip::new(p).unwrap(), pixels, &[0], &Stream::new(0, "flip"), 0, count).unwrap()
    }

    #[test]
    fn a_certain_flip_mirrors_every_row_of_every_channel() {
        assert_eq!(flipped(1.0, 1), [0.1, 0.0, 0.3, 0.2, 0.5, 0.4, 0.7, 0.6, 0.9, 0.8, 0.5, 1.0]);
    }

    #[test]
    fn an_impossible_flip_changes_nothing() {
        assert_eq!(flipped(0.0, 1), IMAGE);
    }

    #[test]
    fn about_half_of_the_views_are_flipped() {
        let count = flipped(0.5, 4000).chunks(12).filter(|view| view[0] == 0.1).count();
        assert!((1850..2150).contains(&count), "{count} of 4000");
    }

    #[test]
    fn a_probability_outside_the_unit_interval_is_an_error() {
        for p in [-0.1, 1.1, f32::NAN, f32::INFINITY] {
            let message = HorizontalFlip::new(p).unwrap_err().to_string();
            assert_eq!(message, format!("horizontal_flip: p must be from 0 to 1, got {p}"));
        }
    }
}
