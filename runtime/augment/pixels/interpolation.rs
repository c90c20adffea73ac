//! How a resized axis reads its source: which positions, with which weights. PyTorch's definitions, pixel
//! centres at half-integers (`align_corners=False`).

use crate::options::choices;

choices! {
    /// Between which source pixels, and how, a resized pixel is interpolated.
    pub enum Interpolation of "augment" "interpolation" {
        /// Cubic convolution over four pixels (Keys, 1981).
        #[default]
        Bicubic = "bicubic",
        /// Linear between two pixels.
        Bilinear = "bilinear",
        /// The pixel that the place lies in, without a blend.
        Nearest = "nearest",
    }
    /// How a rotated or bent image is read between pixels.
    pub enum Sampling of "augment" "interpolation" {
        /// The nearest pixel.
        #[default]
        Nearest = "nearest",
        /// Linear between four pixels.
        Bilinear = "bilinear",
    }
}

impl Interpolation {
    /// Pixels of an axis that are read where it is not shrunk.
    pub fn taps(self) -> usize {
        match self {
            Self::Nearest => 1,
            Self::Bilinear => 2,
            Self::Bicubic => 4,
        }
    }

    /// The weight of a source pixel at a distance; `a` is the cubic's parameter.
    fn weight(self, distance: f32, a: f32) -> f32 {
        let x = distance.abs();
        match self {
            Self::Nearest => 1.0,
            Self::Bilinear => (1.0 - x).max(0.0),
            Self::Bicubic if x < 1.0 => ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
            Self::Bicubic if x < 2.0 => (((x - 5.0) * x + 8.0) * x - 4.0) * a,
            Self::Bicubic => 0.0,
        }
    }
}

/// PyTorch's cubic parameter without and with antialiasing.
const CUBIC: f32 = -0.75;
const CUBIC_ANTIALIASED: f32 = -0.5;

/// The source positions and weights of every position of one resized axis; buffers are kept for the next one.
#[derive(Debug, Default)]
pub(super) struct Axis {
    pub taps: usize,
    pub positions: Vec<usize>,
    pub weights: Vec<f32>,
}

impl Axis {
    /// Prepares an axis of `length` pixels to be read at `target` positions.
    pub fn prepare(&mut self, interpolation: Interpolation, antialias: bool, length: usize, target: usize) {
        self.positions.clear();
        self.weights.clear();
        let scale = length as f32 / target as f32;
        match antialias {
            _ if interpolation == Interpolation::Nearest => self.nearest(scale, length, target),
            true => self.antialiased(interpolation, scale, length, target),
            false => self.pointwise(interpolation, scale, length, target),
        }
    }

    /// One tap: the pixel at the place of the target's upper edge.
    fn nearest(&mut self, scale: f32, length: usize, target: usize) {
        self.taps = 1;
        self.positions.extend((0..target).map(|i| ((i as f32 * scale) as usize).min(length - 1)));
        self.weights.resize(target, 1.0);
    }

    /// A fixed number of taps; positions beyond an edge read the edge.
    fn pointwise(&mut self, interpolation: Interpolation, scale: f32, length: usize, target: usize) {
        self.taps = interpolation.taps();
        let before = self.taps as isize / 2 - 1;
        for i in 0..target {
            let centre = scale * (i as f32 + 0.5) - 0.5;
            let base = centre.floor();
            for tap in 0..self.taps as isize {
                let position = base as isize - before + tap;
                self.positions.push(position.clamp(0, length as isize - 1) as usize);
                self.weights.push(interpolation.weight(centre - base + (before - tap) as f32, CUBIC));
            }
        }
    }

    /// As many taps as the kernel covers, stretched where the axis shrinks; the weights inside the source are
    /// normalised.
    fn antialiased(&mut self, interpolation: Interpolation, scale: f32, length: usize, target: usize) {
        let stretch = scale.max(1.0);
        let support = interpolation.taps() as f32 / 2.0 * stretch;
        self.taps = (support.ceil() as usize * 2 + 1).min(length);
        for i in 0..target {
            let centre = scale * (i as f32 + 0.5);
            let first = ((centre - support + 0.5).max(0.0) as usize).min(length - self.taps);
            let row = self.weights.len();
            for position in first..first + self.taps {
                let distance = (position as f32 + 0.5 - centre) / stretch;
                self.positions.push(position);
                self.weights.push(interpolation.weight(distance, CUBIC_ANTIALIASED));
            }
            let sum: f32 = self.weights[row..].iter().sum();
            self.weights[row..].iter_mut().for_each(|weight| *weight /= sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_every_position_sum_to_one() {
        for interpolation in [Interpolation::Nearest, Interpolation::Bilinear, Interpolation::Bicubic] {
            for antialias in [false, true] {
                for (length, target) in [(1, 1), (1, 32), (32, 1), (17, 24), (33, 24), (500, 7)] {
                    let mut axis = Axis::default();
                    axis.prepare(interpolation, antialias, length, target);
                    assert_eq!(axis.weights.len(), target * axis.taps);
                    assert!(axis.positions.iter().all(|&position| position < length));
                    let sums = axis.weights.chunks(axis.taps).map(|row| row.iter().sum::<f32>());
                    assert!({ sums }.all(|sum| (sum - 1.0).abs() < 1e-5), "{interpolation:?} {length} {target}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_interpolation_is_an_error_that_suggests_one() {
        let message = "bicubik".parse::<Interpolation>().unwrap_err().to_string();
        assert_eq!(message, "augment: unknown interpolation 'bicubik'; did you mean 'bicubic'?");
    }
}
