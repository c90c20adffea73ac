//! Turning the hue. RGB to HSV and back as torchvision computes them, without its branches: with V the largest
//! channel, C the range of the channels and H in sixths of a turn, channel n of (5, 3, 1) is
//! `V - C * clamp(min(k, 4 - k), 0, 1)`, k = (n + H) mod 6.

use super::{color::Planes, wide::wide};

wide! {
    /// Turns the hue by `factor` turns, in `-0.5..0.5`.
    pub fn adjust_hue(planes: Planes<'_>, factor: f32) {
        let [red, green, blue] = planes;
        let turn = factor * 6.0;
        for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
            let largest = greater(greater(*r, *g), *b);
            let range = largest - less(less(*r, *g), *b);
            let divisor = if range > 0.0 { range } else { 1.0 };
            let (offset, difference) = if largest == *r {
                (0.0, *g - *b)
            } else if largest == *g {
                (2.0, *b - *r)
            } else {
                (4.0, *r - *g)
            };
            let hue = offset + turn + difference / divisor;
            let hue = if hue < 0.0 { hue + 6.0 } else { hue };
            *r = largest - range * ramp(hue + 5.0);
            *g = largest - range * ramp(hue + 3.0);
            *b = largest - range * ramp(hue + 1.0);
        }
    }
}

/// `clamp(min(k, 4 - k), 0, 1)` for k mod 6, k in `0..18`.
#[inline(always)]
fn ramp(k: f32) -> f32 {
    let k = if k >= 12.0 { k - 12.0 } else { k };
    let k = if k >= 6.0 { k - 6.0 } else { k };
    less(k, 4.0 - k).clamp(0.0, 1.0)
}

/// A plain comparison: `f32::max` treats a NaN specially, which costs instructions.
#[inline(always)]
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn less(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(pixel: [f32; 3], factor: f32) -> [f32; 3] {
        let [mut r, mut g, mut b] = pixel.map(|x| [x]);
        adjust_hue([&mut r, &mut g, &mut b], factor);
        [r[0], g[0], b[0]]
    }

    fn near(a: [f32; 3], b: [f32; 3]) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    }

    #[test]
    fn a_third_of_a_turn_permutes_the_channels() {
        for pixel in [[1.0, 0.0, 0.0], [0.9, 0.3, 0.1], [0.1, 0.8, 0.3], [0.2, 0.3, 0.6], [0.5, 0.5, 0.2]] {
            let [r, g, b] = pixel;
            assert!(near(turned(pixel, 1.0 / 3.0), [b, r, g]), "{pixel:?}");
            assert!(near(turned(pixel, -1.0 / 3.0), [g, b, r]), "{pixel:?}");
        }
    }

    #[test]
    fn gray_has_no_hue_to_turn() {
        for level in [0.0, 0.3, 1.0] {
            assert_eq!(turned([level; 3], 0.37), [level; 3]);
        }
    }

    #[test]
    fn half_a_turn_either_way_is_the_same() {
        let pixel = [0.7, 0.2, 0.45];
        assert!(near(turned(pixel, 0.5), turned(pixel, -0.5)));
        assert!(near(turned(turned(pixel, 0.5), 0.5), pixel));
    }

    #[test]
    fn the_largest_and_the_smallest_channel_keep_their_values() {
        for step in -10..=10 {
            let turned = turned([0.8, 0.1, 0.3], step as f32 / 20.0);
            let largest = turned.into_iter().fold(f32::MIN, f32::max);
            let smallest = turned.into_iter().fold(f32::MAX, f32::min);
            assert!((largest - 0.8).abs() < 1e-6 && (smallest - 0.1).abs() < 1e-6, "{turned:?}");
        }
    }
}
