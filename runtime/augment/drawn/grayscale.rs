//! Taking the colour away.

use super::{
    super::{Change, DrawPlace, Size, Transform},
    want_colours,
};
use crate::{
    Result,
    options::{Options, options},
};

options! {
    /// Replaces all three channels by the luma with a probability.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Grayscale as "GrayscaleOptions", shown "grayscale" {
        /// The probability.
        p: f32 = 0.1, in 0.0..=1.0;
    }
}

impl Grayscale {
    /// Grayscale with probability `p`.
    pub fn new(p: f32) -> Result<Self> {
        Self { p }.checked("grayscale")
    }
}

impl Transform for Grayscale {
    fn draw(&self, _size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        if place.draws().chance(self.p) {
            changes.push(Change::Grayscale);
        }
    }

    fn check(&self, _size: Size, channels: usize) -> Result<()> {
        want_colours("grayscale", channels)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{Pixels, fixture::views},
        *,
    };
    use crate::rng::Stream;

    #[test]
    fn a_gray_view_has_three_equal_channels_about_as_often_as_asked() {
        let pixels = Pixels::bytes(&[200, 100, 50], 3, (1, 1)).unwrap();
        let views = views(&Grayscale::new(0.2).unwrap(), pixels, &[0], &Stream::new(0, "gray"), 0, 4000).unwrap();
        let gray: Vec<_> = views.chunks(3).filter(|view| view[0] == view[1] && view[1] == view[2]).collect();
        assert!((700..900).contains(&gray.len()), "{} of 4000", gray.len());
        assert!((gray[0][0] - (0.2989 * 200.0 + 0.587 * 100.0 + 0.114 * 50.0) / 255.0).abs() < 1e-6);
    }

    #[test]
    fn a_probability_outside_the_unit_interval_is_an_error() {
        let message = Grayscale::new(2.0).unwrap_err().to_string();
        assert_eq!(message, "grayscale: p must be from 0 to 1, got 2");
    }
}
