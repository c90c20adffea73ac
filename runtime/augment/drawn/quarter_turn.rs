//! Turning by quarters, for images without an up: textures, cells, maps.

use super::super::{Change, DrawPlace, Size, Transform};
use crate::{
    Result,
    options::{Options, options},
};

options! {
    /// With a probability, turns by one, two or three quarters, each equally likely. An image that is not square is
    /// turned by two, since the size of a view must not depend on what is drawn.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct QuarterTurn as "QuarterTurnOptions", shown "quarter_turn" {
        /// The probability.
        p: f32 = 0.5, in 0.0..=1.0;
    }
}

impl QuarterTurn {
    /// A turn with probability `p`.
    pub fn new(p: f32) -> Result<Self> {
        Self { p }.checked("quarter_turn")
    }
}

impl Transform for QuarterTurn {
    fn draw(&self, (height, width): Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let mut draws = place.draws();
        let happens = draws.chance(self.p);
        let quarters = draws.below(3) as u8 + 1;
        if happens {
            changes.push(Change::Turn(if height == width { quarters } else { 2 }));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::super::{
            Pixels, View,
            fixture::{form, views},
            recipes,
        },
        *,
    };
    use crate::rng::Stream;

    fn counts(p: f32, size: Size) -> [usize; 4] {
        let rows: Vec<View> = (0..4000).map(|image| View { image, turn: 0, number: 0 }).collect();
        let mut counts = [0; 4];
        for changes in recipes(&QuarterTurn::new(p).unwrap(), form(size), &rows, &Stream::new(0, "turn"), 0).views() {
            match changes {
                [] => counts[0] += 1,
                [Change::Turn(quarters)] => counts[usize::from(*quarters)] += 1,
                other => panic!("{other:?}"),
            }
        }
        counts
    }

    #[test]
    fn one_two_and_three_quarters_are_equally_likely() {
        let counts = counts(0.75, (8, 8));
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
    }

    #[test]
    fn images_that_are_not_square_are_turned_by_half() {
        assert_eq!(counts(1.0, (8, 9)), [0, 0, 4000, 0]);
        let pixels = Pixels::floats(&[0.0, 0.1, 0.2, 0.3, 0.4, 0.5], 3, (1, 2)).unwrap();
        let made = views(&QuarterTurn::new(1.0).unwrap(), pixels, &[0], &Stream::new(0, "turn"), 0, 1).unwrap();
        assert_eq!(made, [0.1, 0.0, 0.3, 0.2, 0.5, 0.4]);
    }

    #[test]
    fn a_probability_outside_the_unit_interval_is_an_error() {
        assert_eq!(QuarterTurn::new(1.5).unwrap_err().to_string(), "quarter_turn: p must be from 0 to 1, got 1.5");
    }
}
