//! Inverting what is bright (BYOL, appendix B).

use super::super::{Change, DrawPlace, Range, Size, Transform};
use crate::{
    Result,
    options::{Options, options},
};

const OP: &str = "solarize";

options! {
    /// With a probability, replaces every value x of at least a threshold by 1 - x: torchvision's RandomSolarize.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Solarize as "SolarizeOptions", shown "solarize" {
        /// The least value that is inverted.
        threshold: f32 = 0.5, in 0.0..=1.0;
        /// The probability.
        p: f32 = 0.2, in 0.0..=1.0;
    }
}

impl Solarize {
    /// A solarization with a threshold in `0..1`. Always applied.
    pub fn new(threshold: f32) -> Result<Self> {
        Self { threshold, p: 1.0 }.checked(OP)
    }

    /// The same solarization, applied with probability `p`.
    pub fn with_probability(self, p: f32) -> Result<Self> {
        Self { p, ..self }.checked(OP)
    }
}

impl Transform for Solarize {
    fn draw(&self, _size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        if place.draws().chance(self.p) {
            changes.push(Change::Solarize { threshold: self.threshold });
        }
    }

    fn range(&self) -> Range {
        Range::UNIT
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{Pixels, fixture::views},
        *,
    };
    use crate::rng::Stream;

    fn solarized(threshold: f32, p: f32, count: u16) -> Vec<f32> {
        let pixels = Pixels::floats(&[0.25, 0.5, 1.0], 3, (1, 1)).unwrap();
        let solarize = Solarize::new(threshold).unwrap().with_probability(p).unwrap();
        views(&solarize, pixels, &[0], &Stream::new(0, "solarize"), 0, count).unwrap()
    }

    #[test]
    fn values_from_the_threshold_on_are_inverted() {
        assert_eq!(solarized(0.5, 1.0, 1), [0.25, 0.5, 0.0]);
        assert_eq!(solarized(0.0, 1.0, 1), [0.75, 0.5, 0.0]);
        assert_eq!(solarized(1.0, 1.0, 1), [0.25, 0.5, 0.0]);
        assert_eq!(solarized(0.0, 0.0, 1), [0.25, 0.5, 1.0]);
    }

    #[test]
    fn the_solarization_is_applied_about_as_often_as_asked() {
        let count = solarized(0.5, 0.2, 4000).chunks(3).filter(|view| view[2] == 0.0).count();
        assert!((700..900).contains(&count), "{count} of 4000");
    }

    #[test]
    fn options_that_make_no_sense_are_errors() {
        let message = |solarize: Result<Solarize>| solarize.unwrap_err().to_string();
        assert_eq!(message(Solarize::new(128.0)), "solarize: threshold must be from 0 to 1, got 128");
        assert_eq!(message(Solarize::new(f32::NAN)), "solarize: threshold must be from 0 to 1, got NaN");
        assert_eq!(
            message(Solarize::new(0.5).unwrap().with_probability(-1.0)),
            "solarize: p must be from 0 to 1, got -1"
        );
    }
}
