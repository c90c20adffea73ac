//! Brightness, contrast, saturation, luma and solarization with torchvision's formulas. Loops run over whole planes
//! without branches, so that they become vector instructions.

use super::Planes;

const LUMA: [f32; 3] = [0.2989, 0.587, 0.114];

/// Sums are taken in this many lanes, in an order that does not depend on the machine.
const LANES: usize = 16;

/// `clamp(factor * x)`.
pub fn adjust_brightness(planes: Planes<'_>, factor: f32) {
    for plane in planes {
        plane.iter_mut().for_each(|x| *x = (*x * factor).clamp(0.0, 1.0));
    }
}

/// `clamp(factor * x + (1 - factor) * m)`, m the mean luma of the image.
pub fn adjust_contrast(planes: Planes<'_>, factor: f32) {
    let offset = (1.0 - factor) * mean_luma(&planes);
    for plane in planes {
        plane.iter_mut().for_each(|x| *x = (*x * factor + offset).clamp(0.0, 1.0));
    }
}

/// `clamp(factor * x + (1 - factor) * l)`, l the luma of the pixel.
pub fn adjust_saturation([red, green, blue]: Planes<'_>, factor: f32) {
    for ((r, g), b) in red.iter_mut().zip(green).zip(blue) {
        let offset = (1.0 - factor) * luma(*r, *g, *b);
        *r = (*r * factor + offset).clamp(0.0, 1.0);
        *g = (*g * factor + offset).clamp(0.0, 1.0);
        *b = (*b * factor + offset).clamp(0.0, 1.0);
    }
}

/// The luma of each pixel in all three channels.
pub fn grayscale([red, green, blue]: Planes<'_>) {
    for ((r, g), b) in red.iter_mut().zip(green.iter_mut()).zip(blue.iter()) {
        *r = luma(*r, *g, *b);
        *g = *r;
    }
    blue.copy_from_slice(red);
}

/// Every value of at least the threshold becomes one minus itself.
pub fn solarize(planes: Planes<'_>, threshold: f32) {
    for plane in planes {
        plane.iter_mut().for_each(|x| *x = if *x >= threshold { 1.0 - *x } else { *x });
    }
}

fn luma(r: f32, g: f32, b: f32) -> f32 {
    r * LUMA[0] + g * LUMA[1] + b * LUMA[2]
}

/// The mean luma is the luma of the channel means.
fn mean_luma(planes: &Planes<'_>) -> f32 {
    let [r, g, b] = [0, 1, 2].map(|channel| mean(planes[channel]));
    luma(r, g, b)
}

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

    fn adjusted(pixel: [f32; 3], adjust: impl Fn(Planes<'_>)) -> [f32; 3] {
        let [mut r, mut g, mut b] = pixel.map(|x| [x]);
        adjust([&mut r, &mut g, &mut b]);
        [r[0], g[0], b[0]]
    }

    #[test]
    fn factor_one_changes_nothing() {
        let pixel = [0.2, 0.9, 0.4];
        for adjust in [adjust_brightness, adjust_contrast, adjust_saturation] {
            assert_eq!(adjusted(pixel, |planes| adjust(planes, 1.0)), pixel);
        }
    }

    #[test]
    fn factor_zero_gives_black_or_the_mean_or_the_luma() {
        let pixel = [0.2, 0.9, 0.4];
        let gray = luma(0.2, 0.9, 0.4);
        assert_eq!(adjusted(pixel, |planes| adjust_brightness(planes, 0.0)), [0.0; 3]);
        assert_eq!(adjusted(pixel, |planes| adjust_contrast(planes, 0.0)), [gray; 3]);
        assert_eq!(adjusted(pixel, |planes| adjust_saturation(planes, 0.0)), [gray; 3]);
    }

    #[test]
    fn values_stay_in_the_unit_interval() {
        for adjust in [adjust_brightness, adjust_contrast, adjust_saturation] {
            assert!(adjusted([0.0, 0.5, 1.0], |planes| adjust(planes, 5.0)).iter().all(|x| (0.0..=1.0).contains(x)));
        }
    }

    #[test]
    fn the_mean_of_many_values_is_exact_enough() {
        let values: Vec<f32> = (0..100_003).map(|i| (i % 7) as f32 * 0.1).collect();
        let expected = values.iter().map(|&x| f64::from(x)).sum::<f64>() / 100_003.0;
        assert!((f64::from(mean(&values)) - expected).abs() < 1e-6);
    }
}
