//! Brightness, contrast, saturation, luma, solarization and the like with torchvision's formulas. Loops run over whole
//! planes without branches, so that they become vector instructions.

use super::wide::wide;

/// The red, green and blue plane, rows from the top, values in `0..1`.
pub type Planes<'p> = [&'p mut [f32]; 3];

const LUMA: [f32; 3] = [0.2989, 0.587, 0.114];

/// Sums are taken in this many lanes, in an order that does not depend on the machine.
const LANES: usize = 16;

wide! {
    /// `clamp(factor * x)`.
    pub fn adjust_brightness(values: &mut [f32], factor: f32) {
        values.iter_mut().for_each(|x| *x = (*x * factor).clamp(0.0, 1.0));
    }

    /// `clamp(factor * x + (1 - factor) * m)`, m the mean luma of the image: of three planes that lie one after another,
    /// or the mean of one.
    pub fn adjust_contrast(values: &mut [f32], factor: f32, channels: usize) {
        let area = values.len() / channels;
        let mean = match channels {
            3 => luma(mean(&values[..area]), mean(&values[area..2 * area]), mean(&values[2 * area..])),
            _ => mean(values),
        };
        let offset = (1.0 - factor) * mean;
        values.iter_mut().for_each(|x| *x = (*x * factor + offset).clamp(0.0, 1.0));
    }

    /// `clamp(factor * x + (1 - factor) * l)`, l the luma of the pixel.
    pub fn adjust_saturation(planes: Planes<'_>, factor: f32) {
        let [red, green, blue] = planes;
        for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
            let offset = (1.0 - factor) * luma(*r, *g, *b);
            *r = (*r * factor + offset).clamp(0.0, 1.0);
            *g = (*g * factor + offset).clamp(0.0, 1.0);
            *b = (*b * factor + offset).clamp(0.0, 1.0);
        }
    }

    /// The luma of each pixel in all three channels.
    pub fn grayscale(planes: Planes<'_>) {
        let [red, green, blue] = planes;
        for ((r, g), b) in red.iter_mut().zip(green.iter_mut()).zip(blue.iter()) {
            *r = luma(*r, *g, *b);
            *g = *r;
        }
        blue.copy_from_slice(red);
    }

    /// Every value of at least the threshold becomes one minus itself.
    pub fn solarize(values: &mut [f32], threshold: f32) {
        values.iter_mut().for_each(|x| *x = if *x >= threshold { 1.0 - *x } else { *x });
    }

    /// `1 - x`.
    pub fn invert(values: &mut [f32]) {
        values.iter_mut().for_each(|x| *x = 1.0 - *x);
    }

    /// Each value at the lower end of its level, of `2^bits` levels.
    pub fn posterize(values: &mut [f32], bits: u8) {
        let levels = f32::from(1u16 << bits);
        let (last, size) = (levels - 1.0, 1.0 / levels);
        values.iter_mut().for_each(|x| *x = (*x * levels).floor().clamp(0.0, last) * size);
    }

    /// `(x - mean) / deviation`.
    pub fn normalize(values: &mut [f32], mean: f32, deviation: f32) {
        let factor = 1.0 / deviation;
        values.iter_mut().for_each(|x| *x = (*x - mean) * factor);
    }
}

#[inline(always)]
fn luma(r: f32, g: f32, b: f32) -> f32 {
    r * LUMA[0] + g * LUMA[1] + b * LUMA[2]
}

#[inline(always)]
fn mean(values: &[f32]) -> f32 {
    let blocks = values.chunks(LANES * 64).map(|block| {
        let mut lanes = [0.0f32; LANES];
        let (whole, rest) = block.as_chunks::<LANES>();
        for chunk in whole {
            lanes.iter_mut().zip(chunk).for_each(|(lane, x)| *lane += x);
        }
        lanes.iter().chain(rest).map(|&x| f64::from(x)).sum::<f64>()
    });
    (blocks.sum::<f64>() / values.len() as f64) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saturated(pixel: [f32; 3], factor: f32) -> [f32; 3] {
        let [mut r, mut g, mut b] = pixel.map(|x| [x]);
        adjust_saturation([&mut r, &mut g, &mut b], factor);
        [r[0], g[0], b[0]]
    }

    fn adjusted(pixel: [f32; 3], adjust: impl Fn(&mut [f32])) -> [f32; 3] {
        let mut values = pixel;
        adjust(&mut values);
        values
    }

    #[test]
    fn factor_one_changes_nothing() {
        let pixel = [0.2, 0.9, 0.4];
        assert_eq!(adjusted(pixel, |values| adjust_brightness(values, 1.0)), pixel);
        assert_eq!(adjusted(pixel, |values| adjust_contrast(values, 1.0, 3)), pixel);
        assert_eq!(saturated(pixel, 1.0), pixel);
    }

    #[test]
    fn factor_zero_gives_black_or_the_mean_or_the_luma() {
        let pixel = [0.2, 0.9, 0.4];
        let gray = luma(0.2, 0.9, 0.4);
        assert_eq!(adjusted(pixel, |values| adjust_brightness(values, 0.0)), [0.0; 3]);
        assert_eq!(adjusted(pixel, |values| adjust_contrast(values, 0.0, 3)), [gray; 3]);
        assert_eq!(adjusted(pixel, |values| adjust_contrast(values, 0.0, 1)), [0.5; 3], "one channel of three pixels");
        assert_eq!(saturated(pixel, 0.0), [gray; 3]);
    }

    #[test]
    fn values_stay_in_the_unit_interval() {
        let pixel = [0.0, 0.5, 1.0];
        let made = [
            adjusted(pixel, |values| adjust_brightness(values, 5.0)),
            adjusted(pixel, |values| adjust_contrast(values, 5.0, 3)),
            saturated(pixel, 5.0),
            adjusted(pixel, |values| posterize(values, 8)),
        ];
        assert!(made.concat().iter().all(|x| (0.0..=1.0).contains(x)));
    }

    #[test]
    fn the_mean_of_many_values_is_exact_enough() {
        let values: Vec<f32> = (0..100_003).map(|i| (i % 7) as f32 * 0.1).collect();
        let expected = values.iter().map(|&x| f64::from(x)).sum::<f64>() / 100_003.0;
        assert!((f64::from(mean(&values)) - expected).abs() < 1e-6);
    }
}
