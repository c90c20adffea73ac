//! Random changes of brightness, contrast, saturation and hue, in random order.

use super::{
    super::{Change, DrawPlace, Range, Size, Transform},
    want_colours,
};
use crate::{
    Result,
    options::{Options, options},
    rng::Draws,
};

const OP: &str = "color_jitter";

options! {
    /// With a probability, scales brightness, contrast and saturation and turns the hue, each by a uniform random
    /// amount, in random order.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct ColorJitter as "JitterOptions", shown "color_jitter" {
        /// Brightness is scaled by a factor in max(0, 1 - x) … 1 + x.
        brightness: f32 = 0.0, in 0.0..;
        /// Contrast, likewise.
        contrast: f32 = 0.0, in 0.0..;
        /// Saturation, likewise.
        saturation: f32 = 0.0, in 0.0..;
        /// The hue is turned by -x … x.
        hue: f32 = 0.0, in 0.0..=0.5, unit "turns";
        /// The probability that anything is done.
        p: f32 = 1.0, in 0.0..=1.0;
    }
}

/// What a jitter drew for one image.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Amounts {
    order: [u8; 4],
    brightness: f32,
    contrast: f32,
    saturation: f32,
    hue: f32,
}

impl ColorJitter {
    /// Brightness, contrast and saturation of strength x scale by a factor in `max(0, 1 - x)..1 + x`; hue of
    /// strength x turns by `-x..x` turns, x in `0..0.5`. Always applied.
    pub fn new(brightness: f32, contrast: f32, saturation: f32, hue: f32) -> Result<Self> {
        Self { brightness, contrast, saturation, hue, p: 1.0 }.checked(OP)
    }

    /// The same jitter, applied with probability `p`.
    pub fn with_probability(self, p: f32) -> Result<Self> {
        Self { p, ..self }.checked(OP)
    }

    /// Eight words, however many of the strengths are zero: the chance, the order, the four amounts.
    fn amounts(&self, draws: &mut Draws) -> Option<Amounts> {
        let happens = draws.chance(self.p);
        let mut order = [0, 1, 2, 3];
        for last in (1..4).rev() {
            order.swap(last, draws.below(last as u32 + 1) as usize);
        }
        let mut factor = |strength: f32| draws.range((1.0 - strength).max(0.0), 1.0 + strength);
        let [brightness, contrast, saturation] = [self.brightness, self.contrast, self.saturation].map(&mut factor);
        let hue = draws.range(-self.hue, self.hue);
        happens.then_some(Amounts { order, brightness, contrast, saturation, hue })
    }
}

impl Transform for ColorJitter {
    fn draw(&self, _size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let Some(amounts) = self.amounts(&mut place.draws()) else { return };
        for operation in amounts.order {
            match operation {
                0 if self.brightness > 0.0 => changes.push(Change::Brightness(amounts.brightness)),
                1 if self.contrast > 0.0 => changes.push(Change::Contrast(amounts.contrast)),
                2 if self.saturation > 0.0 => changes.push(Change::Saturation(amounts.saturation)),
                3 if self.hue > 0.0 => changes.push(Change::Hue(amounts.hue)),
                _ => {}
            }
        }
    }

    fn check(&self, _size: Size, channels: usize) -> Result<()> {
        want_colours(OP, channels)
    }

    fn range(&self) -> Range {
        Range::UNIT
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{
        super::super::{Pixels, fixture::views},
        *,
    };
    use crate::rng::Stream;

    fn drawn(jitter: ColorJitter) -> Vec<Option<Amounts>> {
        let stream = Stream::new(0, "jitter");
        (0..4000).map(|sample| jitter.amounts(&mut stream.at(0, sample, 0, 0))).collect()
    }

    #[test]
    fn amounts_fill_their_ranges_and_stay_inside() {
        let amounts: Vec<_> = drawn(ColorJitter::new(0.4, 2.0, 0.8, 0.1).unwrap()).into_iter().flatten().collect();
        let fills = |low: f32, high: f32, get: fn(&Amounts) -> f32| {
            let values: Vec<f32> = amounts.iter().map(get).collect();
            let mean = values.iter().sum::<f32>() / values.len() as f32;
            assert!(values.iter().all(|x| (low..=high).contains(x)), "{low}..{high}");
            assert!((mean - (low + high) / 2.0).abs() < 0.03 * (high - low), "{mean} in {low}..{high}");
        };
        fills(0.6, 1.4, |amounts| amounts.brightness);
        fills(0.0, 3.0, |amounts| amounts.contrast);
        fills(0.2, 1.8, |amounts| amounts.saturation);
        fills(-0.1, 0.1, |amounts| amounts.hue);
    }

    #[test]
    fn all_twenty_four_orders_come_up() {
        let amounts = drawn(ColorJitter::new(0.4, 0.4, 0.4, 0.1).unwrap());
        let orders: HashSet<_> = amounts.iter().flatten().map(|amounts| amounts.order).collect();
        assert_eq!(orders.len(), 24);
    }

    #[test]
    fn the_jitter_is_applied_about_as_often_as_asked() {
        let amounts = drawn(ColorJitter::new(0.4, 0.4, 0.4, 0.1).unwrap().with_probability(0.8).unwrap());
        let count = amounts.iter().flatten().count();
        assert!((3100..3300).contains(&count), "{count} of 4000");
    }

    #[test]
    fn zero_strengths_change_nothing() {
        let pixels = Pixels::bytes(&[200, 100, 50, 3, 4, 5], 3, (1, 2)).unwrap();
        let jitter = ColorJitter::new(0.0, 0.0, 0.0, 0.0).unwrap();
        let expected = [200.0, 3.0, 100.0, 4.0, 50.0, 5.0].map(|x: f32| x / 255.0);
        assert_eq!(views(&jitter, pixels, &[0], &Stream::new(0, "jitter"), 0, 1).unwrap(), expected);
    }

    #[test]
    fn strengths_that_make_no_sense_are_errors() {
        let message = |jitter: Result<ColorJitter>| jitter.unwrap_err().to_string();
        let hue = ColorJitter::new(0.4, 0.4, 0.4, 0.7);
        assert_eq!(message(hue), "color_jitter: hue must be from 0 to 0.5 turns, got 0.7");
        let brightness = ColorJitter::new(-1.0, 0.4, 0.4, 0.1);
        assert_eq!(message(brightness), "color_jitter: brightness must be a number of at least 0, got -1");
        let contrast = ColorJitter::new(0.4, f32::NAN, 0.4, 0.1);
        assert_eq!(message(contrast), "color_jitter: contrast must be a number of at least 0, got NaN");
        let p = ColorJitter::new(0.4, 0.4, 0.4, 0.1).unwrap().with_probability(1.5);
        assert_eq!(message(p), "color_jitter: p must be from 0 to 1, got 1.5");
    }
}
