//! The operations that RandAugment and TrivialAugment choose from, and how strong each is at a magnitude.

use super::super::{Change, Drawn, Sampling, Size};
use crate::options::PerChannel;

/// One of the operations, in torchvision's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Nothing.
    Identity,
    /// Sheared along the rows, around the top left corner.
    ShearX,
    /// Sheared along the columns, likewise.
    ShearY,
    /// Moved across by whole pixels.
    TranslateX,
    /// Moved down by whole pixels.
    TranslateY,
    /// Turned around the middle.
    Rotate,
    /// Another brightness.
    Brightness,
    /// Another saturation.
    Color,
    /// Another contrast.
    Contrast,
    /// Sharper or softer.
    Sharpness,
    /// Fewer levels.
    Posterize,
    /// Bright values inverted.
    Solarize,
    /// Stretched over the whole range.
    AutoContrast,
    /// A flat histogram.
    Equalize,
}

impl Operation {
    /// All of them, each as likely as another.
    pub const ALL: [Self; 14] = [
        Self::Identity,
        Self::ShearX,
        Self::ShearY,
        Self::TranslateX,
        Self::TranslateY,
        Self::Rotate,
        Self::Brightness,
        Self::Color,
        Self::Contrast,
        Self::Sharpness,
        Self::Posterize,
        Self::Solarize,
        Self::AutoContrast,
        Self::Equalize,
    ];

    /// Whether half of the magnitudes are negative.
    pub fn is_signed(self) -> bool {
        use Operation::{
            AutoContrast, Brightness, Color, Contrast, Equalize, Identity, Posterize, Rotate, Sharpness, ShearX,
            ShearY, Solarize, TranslateX, TranslateY,
        };
        match self {
            ShearX | ShearY | TranslateX | TranslateY | Rotate | Brightness | Color | Contrast | Sharpness => true,
            Identity | Posterize | Solarize | AutoContrast | Equalize => false,
        }
    }

    /// How strong it is at place `bin` of so many, up to `most`; for posterizing the bits that are left.
    pub fn magnitude(self, bin: usize, bins: usize, most: f32) -> f32 {
        match self {
            Self::Identity | Self::AutoContrast | Self::Equalize => 0.0,
            Self::Posterize => (8.0 - bin as f32 / ((bins as f32 - 1.0) / most)).round_ties_even(),
            Self::Solarize => linspace(1.0, 0.0, bin, bins),
            _ => linspace(0.0, most, bin, bins),
        }
    }
}

/// `torch.linspace(start, end, bins)[bin]`.
fn linspace(start: f32, end: f32, bin: usize, bins: usize) -> f32 {
    let step = (end - start) / (bins - 1) as f32;
    if bin < bins / 2 { start + step * bin as f32 } else { end - step * (bins - bin - 1) as f32 }
}

/// How the operations move pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Automatic {
    /// How pixels are interpolated.
    pub sampling: Sampling,
    /// What stands outside of the image.
    pub fill: Option<PerChannel>,
}

impl Automatic {
    /// What an operation of a magnitude does to an image of a size.
    pub fn change(&self, operation: Operation, magnitude: f32, (height, width): Size) -> Option<Change> {
        let corner = [-(width as f64) / 2.0, -(height as f64) / 2.0];
        let warp = |drawn: Drawn, centre: [f64; 2]| {
            let map = drawn.map((height, width), centre, self.sampling, self.fill.clone());
            Change::Warp(Box::new(map.expect("an affine map has a matrix")))
        };
        let affine = |translate: [f32; 2], shear: [f32; 2]| Drawn::Affine { angle: 0.0, translate, scale: 1.0, shear };
        let degrees = |tangent: f32| f64::from(tangent).atan().to_degrees() as f32;
        let factor = 1.0 + magnitude;
        Some(match operation {
            Operation::Identity => return None,
            Operation::ShearX => warp(affine([0.0; 2], [degrees(magnitude), 0.0]), corner),
            Operation::ShearY => warp(affine([0.0; 2], [0.0, degrees(magnitude)]), corner),
            Operation::TranslateX => warp(affine([magnitude.trunc(), 0.0], [0.0; 2]), [0.0; 2]),
            Operation::TranslateY => warp(affine([0.0, magnitude.trunc()], [0.0; 2]), [0.0; 2]),
            Operation::Rotate => warp(Drawn::Rotation(magnitude), [0.0; 2]),
            Operation::Brightness => Change::Brightness(factor),
            Operation::Color => Change::Saturation(factor),
            Operation::Contrast => Change::Contrast(factor),
            Operation::Sharpness => Change::Sharpness(factor),
            Operation::Posterize => Change::Posterize(magnitude as u8),
            Operation::Solarize => Change::Solarize { threshold: magnitude },
            Operation::AutoContrast => Change::Autocontrast,
            Operation::Equalize => Change::Equalize,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magnitudes_are_torchvisions() {
        // RandAugment._AUGMENTATION_SPACE at 9 of 31, TrivialAugmentWide's ends
        assert_eq!(Operation::Posterize.magnitude(9, 31, 4.0), 7.0);
        assert!((Operation::ShearX.magnitude(9, 31, 0.3) - 0.09).abs() < 1e-7);
        assert!((Operation::Solarize.magnitude(9, 31, 1.0) - 0.7).abs() < 1e-6);
        let bits: Vec<f32> = [0, 15, 30].map(|bin| Operation::Posterize.magnitude(bin, 31, 6.0)).to_vec();
        assert_eq!(bits, [8.0, 5.0, 2.0]);
        assert_eq!(Operation::Rotate.magnitude(30, 31, 135.0), 135.0);
    }
}
