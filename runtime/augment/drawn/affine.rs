//! Turning, moving, scaling and shearing at once.

use std::ops::RangeBounds;

use super::{
    super::{Change, DrawPlace, Drawn, Sampling, Size, Transform},
    want_numbers,
};
use crate::{
    Result,
    options::{Limited, Options, PerChannel, Shown, Span, Spread, between, options, over},
    rng::Draws,
};

const OP: &str = "affine";

options! {
    /// A random affine map around the middle; the size stays: torchvision's RandomAffine.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Affine as "AffineOptions", shown "affine" {
        /// The least and the greatest angle, clockwise, or one for both ways.
        degrees: Spread, in .., unit "degrees";
        /// How far the image is moved at most, across and down, as parts of its width and height.
        translate: Translation = Translation([0.0, 0.0]), in 0.0..=1.0;
        /// The least and the greatest factor by which the image grows.
        scale: Span = Span([1.0, 1.0]), in over(0.0);
        /// The least and the greatest shear along the rows, or one for both ways.
        shear: Spread = Spread([0.0, 0.0]), in between(-90.0, 90.0), unit "degrees";
        /// The same along the columns.
        shear_y: Spread = Spread([0.0, 0.0]), in between(-90.0, 90.0), unit "degrees";
        /// How pixels are interpolated.
        interpolation: Sampling = Sampling::Nearest;
        /// What stands outside of the image, one number or one for each channel.
        fill: PerChannel = PerChannel::All(0.0), in ..;
        /// The probability.
        p: f32 = 1.0, in 0.0..=1.0;
    }
}

/// Parts of an image's width and height, across and down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Translation(pub [f32; 2]);

impl Limited<f32> for Translation {
    fn lies_in(&self, range: &impl RangeBounds<f32>) -> bool {
        self.0.iter().all(|part| part.lies_in(range))
    }

    fn want(limits: String) -> String {
        format!("a number, or two {{ across, down }}, each {limits}")
    }

    fn shown(&self) -> String {
        let [across, down] = self.0;
        if across == down { across.to_string() } else { format!("{{ {across}, {down} }}") }
    }
}

impl Shown for Translation {
    fn shown(&self) -> Option<String> {
        Some(Limited::shown(self))
    }
}

impl Affine {
    /// A turn by up to so many degrees either way, nothing else; nearest pixels, 0 outside.
    ///
    /// # Errors
    /// An angle that is not finite.
    pub fn new(degrees: f32) -> Result<Self> {
        Self::given((Spread::around_zero(degrees.abs()),)).checked(OP)
    }

    /// The same, moved by up to parts of the width and the height.
    ///
    /// # Errors
    /// Parts outside 0 to 1.
    pub fn with_translate(self, translate: [f32; 2]) -> Result<Self> {
        Self { translate: Translation(translate), ..self }.checked(OP)
    }

    /// The same, scaled by a factor between two.
    ///
    /// # Errors
    /// Factors that are not over 0.
    pub fn with_scale(self, scale: [f32; 2]) -> Result<Self> {
        Self { scale: Span(scale), ..self }.checked(OP)
    }

    /// The same, sheared along the rows and along the columns by degrees between two each.
    ///
    /// # Errors
    /// Degrees that are not between -90 and 90.
    pub fn with_shear(self, shear: [f32; 2], shear_y: [f32; 2]) -> Result<Self> {
        Self { shear: Spread(shear), shear_y: Spread(shear_y), ..self }.checked(OP)
    }

    /// The same with another interpolation.
    pub fn with_interpolation(self, interpolation: Sampling) -> Self {
        Self { interpolation, ..self }
    }
}

impl Affine {
    pub(super) fn drawn(&self, (height, width): Size, draws: &mut Draws) -> Drawn {
        let mut drawn = |[low, high]: [f32; 2]| draws.range(low, high);
        let angle = drawn(self.degrees.0);
        // Whole pixels, as torchvision.
        let mut moved = |part: f32, side: usize| drawn([-part * side as f32, part * side as f32]).round_ties_even();
        let translate = [moved(self.translate.0[0], width), moved(self.translate.0[1], height)];
        let scale = drawn(self.scale.0);
        Drawn::Affine { angle, translate, scale, shear: [drawn(self.shear.0), drawn(self.shear_y.0)] }
    }
}

impl Transform for Affine {
    fn draw(&self, size: Size, place: &mut DrawPlace<'_>, changes: &mut Vec<Change>) {
        let mut draws = place.draws();
        let happens = draws.chance(self.p);
        let drawn = self.drawn(size, &mut draws);
        if happens {
            let map = drawn.map(size, [0.0; 2], self.interpolation, Some(self.fill.clone()));
            changes.extend(map.map(|map| Change::Warp(Box::new(map))));
        }
    }

    fn check(&self, _size: Size, channels: usize) -> Result<()> {
        want_numbers(OP, "fill", &self.fill, channels)
    }
}
