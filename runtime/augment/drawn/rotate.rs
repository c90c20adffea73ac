//! Turning by any angle.

use super::{
    super::{Change, DrawPlace, Drawn, Sampling, Size, Transform},
    want_numbers,
};
use crate::{
    Result,
    options::{Options, PerChannel, Spread, options},
};

const OP: &str = "rotate";

options! {
    /// Turns by a uniform random angle around the middle; the size stays: torchvision's RandomRotation.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Rotate as "RotateImageOptions", shown "rotate" {
        /// The least and the greatest angle, counter-clockwise, or one for both ways.
        degrees: Spread, in .., unit "degrees";
        /// How pixels are interpolated.
        interpolation: Sampling = Sampling::Nearest;
        /// What stands outside of the image, one number or one for each channel.
        fill: PerChannel = PerChannel::All(0.0), in ..;
        /// The probability.
        p: f32 = 1.0, in 0.0..=1.0;
    }
}

impl Rotate {
    /// A turn by up to so many degrees either way, nearest pixels, 0 outside.
    ///
    /// # Errors
    /// An angle that is not finite.
    pub fn new(degrees: f32) -> Result<Self> {
        Self::given((Spread::around_zero(degrees.abs()),)).checked(OP)
    }

    /// The same turn with another interpolation.
    pub fn with_interpolation(self, interpolation: Sampling) -> Self {
        Self { interpolation, ..self }
    }
}

impl Transform for Rotate {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let mut draws = place.draws();
        let happens = draws.chance(self.p);
        let angle = draws.range(self.degrees.0[0], self.degrees.0[1]);
        if happens {
            let map = Drawn::Rotation(angle).map(size, [0.0; 2], self.interpolation, Some(self.fill.clone()));
            changes.extend(map.map(|map| Change::Warp(Box::new(map))));
        }
    }

    fn check(&self, _size: Size, channels: usize) -> Result<()> {
        want_numbers(OP, "fill", &self.fill, channels)
    }
}
