//! As if seen from another place.

use super::{
    super::{Change, DrawPlace, Drawn, Sampling, Size, Transform},
    want_numbers,
};
use crate::{
    Result,
    options::{Options, PerChannel, options},
    rng::Draws,
};

const OP: &str = "perspective";

options! {
    /// With a probability, moves each corner inwards by a random whole number of pixels: torchvision's RandomPerspective.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Perspective as "PerspectiveOptions", shown "perspective" {
        /// How far a corner is moved at most, as a part of half of the side.
        distortion: f32 = 0.5, in 0.0..=1.0;
        /// The probability.
        p: f32 = 0.5, in 0.0..=1.0;
        /// How pixels are interpolated.
        interpolation: Sampling = Sampling::Bilinear;
        /// What stands outside of the image, one number or one for each channel.
        fill: PerChannel = PerChannel::All(0.0), in ..;
    }
}

impl Perspective {
    /// Corners are moved by up to a part of half of the side; always.
    ///
    /// # Errors
    /// A part outside 0 to 1.
    pub fn new(distortion: f32) -> Result<Self> {
        Self { distortion, p: 1.0, ..Self::default() }.checked(OP)
    }

    /// Where the corners come to, (x, y) from the top left one clockwise.
    pub(super) fn corners(&self, (height, width): Size, draws: &mut Draws) -> [[u32; 2]; 4] {
        let bound = |side: usize| (self.distortion * (side / 2) as f32) as u32 + 1;
        let (down, across) = (bound(height), bound(width));
        let mut near = |bound: u32| draws.below(bound);
        let (left, top) = (near(across), near(down));
        let (right, right_top) = (width as u32 - across + near(across), near(down));
        let (bottom_right, bottom) = (width as u32 - across + near(across), height as u32 - down + near(down));
        let (bottom_left, left_bottom) = (near(across), height as u32 - down + near(down));
        [[left, top], [right, right_top], [bottom_right, bottom], [bottom_left, left_bottom]]
    }
}

impl Transform for Perspective {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let mut draws = place.draws();
        let happens = draws.chance(self.p);
        let corners = self.corners(size, &mut draws).map(|point| point.map(|x| x as f32));
        let map = Drawn::Corners(corners).map(size, [0.0; 2], self.interpolation, Some(self.fill.clone()));
        changes.extend(map.filter(|_| happens).map(|map| Change::Warp(Box::new(map))));
    }

    fn check(&self, _size: Size, channels: usize) -> Result<()> {
        want_numbers(OP, "fill", &self.fill, channels)
    }
}
