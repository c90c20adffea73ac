//! Noise on every pixel.

use super::super::{Change, DrawPlace, Range, Size, Transform};
use crate::{
    Result,
    options::{Options, options},
};

options! {
    /// With a probability, adds normal noise to every value: torchvision's GaussianNoise.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub struct Noise as "NoiseOptions", shown "noise" {
        /// The mean of the noise.
        mean: f32 = 0.0, in ..;
        /// Its standard deviation.
        sigma: f32 = 0.1, in 0.0..;
        /// Whether values are clamped to 0 … 1 afterwards.
        clip: bool = true;
        /// The probability.
        p: f32 = 1.0, in 0.0..=1.0;
    }
}

impl Noise {
    /// Noise of a standard deviation around 0, clamped, always applied.
    ///
    /// # Errors
    /// A deviation that is negative or not finite.
    pub fn new(sigma: f32) -> Result<Self> {
        Self { sigma, ..Self::default() }.checked("noise")
    }

    /// The same noise around a mean.
    ///
    /// # Errors
    /// A mean that is not finite.
    pub fn with_mean(self, mean: f32) -> Result<Self> {
        Self { mean, ..self }.checked("noise")
    }

    /// The same noise, clamped or not.
    pub fn with_clip(self, clip: bool) -> Self {
        Self { clip, ..self }
    }
}

impl Transform for Noise {
    fn draw(&self, _size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let mut draws = place.draws();
        let happens = draws.chance(self.p);
        let seed = [draws.bits(), draws.bits()];
        let Self { mean, sigma, clip, .. } = *self;
        if happens {
            changes.push(Change::Noise { mean, sigma, seed, clip });
        }
    }

    fn range(&self) -> Range {
        if self.clip { Range::UNIT } else { Range::LEAVES }
    }
}
