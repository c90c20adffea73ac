//! What is done to one view, with every random number drawn: the CPU makes these changes, and a kernel is given them.

use super::{Crop, Image, Interpolation, Size, adjust_hue, color};

/// One thing done to one view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Cuts out a part that lies inside the image, and resizes it. Values are clamped to `0..1`.
    Crop {
        /// The part, in pixels of the image as the change before left it.
        crop: Crop,
        /// Height and width afterwards.
        size: Size,
        /// How pixels are interpolated.
        interpolation: Interpolation,
        /// Widens the kernel where the part is larger than the view.
        antialias: bool,
    },
    /// Mirrors left and right.
    Flip,
    /// So many quarter turns counter-clockwise, 1 to 3, as `torch.rot90`.
    Turn(u8),
    /// [`color::adjust_brightness`] with this factor.
    Brightness(f32),
    /// [`color::adjust_contrast`] with this factor.
    Contrast(f32),
    /// [`color::adjust_saturation`] with this factor.
    Saturation(f32),
    /// [`adjust_hue`] by so many turns.
    Hue(f32),
    /// The luma of each pixel in all three channels.
    Grayscale,
    /// A Gaussian blur with [`blur_weights`](super::blur_weights) along the rows, then across them; beyond an edge the
    /// image is [`reflected`](super::reflect). Values are clamped to `0..1`.
    Blur {
        /// The odd number of weights.
        taps: usize,
        /// The standard deviation in pixels.
        sigma: f32,
    },
    /// Every value of at least the threshold becomes one minus itself.
    Solarize {
        /// The threshold.
        threshold: f32,
    },
}

impl Change {
    /// The size of an image of the given size after this change.
    pub fn output_size(&self, (height, width): Size) -> Size {
        match *self {
            Self::Crop { size, .. } => size,
            Self::Turn(quarters) if quarters % 2 == 1 => (width, height),
            _ => (height, width),
        }
    }
}

impl Image<'_> {
    /// Makes one change.
    pub fn perform(&mut self, change: &Change) {
        match *change {
            Change::Crop { crop, size, interpolation, antialias } => {
                self.resized_crop(crop, size, interpolation, antialias);
            }
            Change::Flip => self.flip(),
            Change::Turn(quarters) => self.turn(quarters),
            Change::Brightness(factor) => color::adjust_brightness(self.planes(), factor),
            Change::Contrast(factor) => color::adjust_contrast(self.planes(), factor),
            Change::Saturation(factor) => color::adjust_saturation(self.planes(), factor),
            Change::Hue(factor) => adjust_hue(self.planes(), factor),
            Change::Grayscale => color::grayscale(self.planes()),
            Change::Blur { taps, sigma } => self.blur(taps, sigma),
            Change::Solarize { threshold } => color::solarize(self.planes(), threshold),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::image::Values, *};

    #[test]
    fn every_change_leaves_an_image_of_the_size_it_says() {
        let crop = Crop { top: 1, left: 0, height: 2, width: 3 };
        let changes = [
            Change::Crop { crop, size: (7, 4), interpolation: Interpolation::Bilinear, antialias: true },
            Change::Flip,
            Change::Turn(1),
            Change::Turn(2),
            Change::Turn(3),
            Change::Brightness(0.5),
            Change::Contrast(0.5),
            Change::Saturation(0.5),
            Change::Hue(0.2),
            Change::Grayscale,
            Change::Blur { taps: 5, sigma: 1.0 },
            Change::Solarize { threshold: 0.5 },
        ];
        let pixels: Vec<u8> = (0..3 * 5 * 3).map(|i| i * 5).collect();
        let mut image = Image::default();
        for change in changes {
            image.open(Values::Bytes(&pixels), (3, 5));
            image.perform(&change);
            assert_eq!(image.size(), change.output_size((3, 5)), "{change:?}");
            assert_eq!(image.planes().concat().len(), 3 * image.size().0 * image.size().1, "{change:?}");
        }
    }
}
