//! The Gaussian blur of planes: the same weights along the rows, then across them, the image reflected at its
//! edges.

use super::{
    super::Size,
    wide::{kept, wide},
};

/// Normalised weights `exp(-(x / sigma)^2 / 2)` for x in whole pixels from the middle; `taps` is odd.
pub fn blur_weights(taps: usize, sigma: f32) -> Vec<f32> {
    let mut weights = Vec::new();
    prepare(&mut weights, taps, sigma);
    weights
}

/// The position that is read for `position` on an axis of `length` pixels: reflected at the edges without repeating
/// the edge itself, as `numpy.pad` does with mode `reflect`, as often as it takes. One pixel is all there is to an
/// axis of one pixel.
pub fn reflect(position: isize, length: usize) -> usize {
    let last = length as isize - 1;
    if last == 0 {
        return 0;
    }
    let folded = position.rem_euclid(2 * last);
    folded.min(2 * last - folded) as usize
}

fn prepare(weights: &mut Vec<f32>, taps: usize, sigma: f32) {
    let middle = (taps / 2) as f32;
    weights.clear();
    weights.extend((0..taps).map(|tap| (-0.5 * ((tap as f32 - middle) / sigma).powi(2)).exp()));
    let sum: f32 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= sum);
}

/// The buffers of a blur, kept for the next image.
#[derive(Debug, Default)]
pub struct Gaussian {
    weights: Vec<f32>,
    padded: Vec<f32>,
}

impl Gaussian {
    /// Blurs planes that lie one after another, and clamps to the bounds; `between` is written over.
    pub fn blur(
        &mut self,
        planes: &mut [f32],
        size: Size,
        (taps, sigma): (usize, f32),
        bounds: [f32; 2],
        between: &mut Vec<f32>,
    ) {
        prepare(&mut self.weights, taps, sigma);
        between.resize(planes.len(), 0.0);
        both_ways(self, planes, size, bounds, between);
    }

    /// Every row by itself, padded so that no pixel is a special case.
    #[inline(always)]
    fn along(&mut self, planes: &[f32], width: usize, out: &mut [f32]) {
        let before = self.weights.len() / 2;
        for (row, out) in planes.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
            self.padded.clear();
            self.padded.extend((0..before).map(|i| row[reflect(i as isize - before as isize, width)]));
            self.padded.extend_from_slice(row);
            self.padded.extend((0..before).map(|i| row[reflect((width + i) as isize, width)]));
            out.fill(0.0);
            for (tap, weight) in self.weights.iter().enumerate() {
                out.iter_mut().zip(&self.padded[tap..]).for_each(|(out, x)| *out += weight * x);
            }
        }
    }
}

wide! {
    /// Along the rows, then across them.
    fn both_ways(gaussian: &mut Gaussian, planes: &mut [f32], size: Size, bounds: [f32; 2], between: &mut [f32]) {
        gaussian.along(planes, size.1, between);
        let area = size.0 * size.1;
        for (plane, out) in between.chunks_exact(area).zip(planes.chunks_exact_mut(area)) {
            across(plane, &gaussian.weights, size, bounds, out);
        }
    }
}

/// One plane: every row is a weighted sum of rows.
#[inline(always)]
fn across(plane: &[f32], weights: &[f32], (height, width): Size, bounds: [f32; 2], out: &mut [f32]) {
    let before = (weights.len() / 2) as isize;
    for (row, out) in out.chunks_exact_mut(width).enumerate() {
        out.fill(0.0);
        for (tap, weight) in weights.iter().enumerate() {
            let from = reflect(row as isize + tap as isize - before, height) * width;
            out.iter_mut().zip(&plane[from..][..width]).for_each(|(out, x)| *out += weight * x);
        }
        out.iter_mut().for_each(|x| *x = kept(*x, bounds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_symmetric_and_sum_to_one() {
        for (taps, sigma) in [(1, 1.0), (3, 0.1), (7, 2.0), (23, 1e-20), (5, 1e20)] {
            let weights = blur_weights(taps, sigma);
            assert_eq!(weights.len(), taps);
            assert!((weights.iter().sum::<f32>() - 1.0).abs() < 1e-6, "{taps} {sigma}");
            assert!(weights.iter().eq(weights.iter().rev()), "{taps} {sigma}");
        }
    }

    #[test]
    fn positions_are_reflected_as_numpys() {
        // numpy.pad(numpy.arange(n), 5, mode="reflect")
        let padded = |length: usize| (-5..length as isize + 5).map(|i| reflect(i, length)).collect::<Vec<_>>();
        assert_eq!(padded(1), [0; 11]);
        assert_eq!(padded(2), [1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0]);
        assert_eq!(padded(3), [1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1]);
        assert_eq!(padded(6), [5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 4, 3, 2, 1, 0]);
    }

    #[test]
    fn a_flat_image_stays_flat_at_every_size() {
        let mut gaussian = Gaussian::default();
        for size in [(1, 1), (1, 9), (9, 1), (2, 3), (17, 5)] {
            for taps in [1, 3, 23] {
                let mut planes = vec![0.25; 3 * size.0 * size.1];
                gaussian.blur(&mut planes, size, (taps, 1.5), [0.0, 1.0], &mut Vec::new());
                assert!(planes.iter().all(|x| (x - 0.25).abs() < 1e-6), "{size:?} {taps}");
            }
        }
    }
}
