//! What is done to one view, with every random number drawn: the CPU makes these changes, and a kernel is given them.

use std::fmt;

use super::{
    Crop, Image, Size,
    pixels::{Edge, Interpolation, Warp, add_noise, adjust_hue, adjust_sharpness, autocontrast, color, write_noise},
};
use crate::options::PerChannel;

/// One thing done to one view. An image of one channel has no colours to be changed: [`Change::Saturation`],
/// [`Change::Hue`] and [`Change::Grayscale`] leave it.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Cuts out a part that lies inside the image, and resizes it. Values in `0..1` are kept there.
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
    /// Cuts out a part that may reach beyond the image.
    Window {
        /// The first row and column, negative above and left of the image.
        place: (isize, isize),
        /// Height and width afterwards.
        size: Size,
        /// What lies beyond the edges.
        edge: Edge,
        /// The values there, where they are constant.
        fill: PerChannel,
    },
    /// Mirrors left and right.
    Flip,
    /// Mirrors above and below.
    FlipRows,
    /// So many quarter turns counter-clockwise, 1 to 3, as `torch.rot90`.
    Turn(u8),
    /// Reads the image along a map.
    Warp(Box<Warp>),
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
    /// image is [`reflected`](super::reflect). Values in `0..1` are kept there.
    Blur {
        /// The odd number of weights.
        taps: usize,
        /// The standard deviation in pixels.
        sigma: f32,
    },
    /// [`adjust_sharpness`] of every channel with this factor.
    Sharpness(f32),
    /// Every value of at least the threshold becomes one minus itself.
    Solarize {
        /// The threshold.
        threshold: f32,
    },
    /// [`color::posterize`] to so many bits, 0 to 8.
    Posterize(u8),
    /// Every value becomes one minus itself.
    Invert,
    /// [`autocontrast`] of every channel.
    Autocontrast,
    /// [`equalize`](super::equalize) of every channel.
    Equalize,
    /// `(x - mean) / deviation` of every channel.
    Normalize {
        /// What is subtracted.
        mean: PerChannel,
        /// What is divided by.
        deviation: PerChannel,
    },
    /// Adds `mean + sigma ·` [`normal`](super::normal) of the pixel's place in `[channels, height, width]`.
    Noise {
        /// What is added on average.
        mean: f32,
        /// The standard deviation.
        sigma: f32,
        /// What the numbers follow from.
        seed: [u32; 2],
        /// Whether values are clamped to `0..1` afterwards.
        clip: bool,
    },
    /// Overwrites a part.
    Erase {
        /// The part, inside the image.
        part: Crop,
        /// What stands there.
        with: Filling,
    },
}

/// What stands in a part that is erased.
#[derive(Clone, Debug, PartialEq)]
pub enum Filling {
    /// A value for each channel.
    Values(PerChannel),
    /// Standard [`normal`](super::normal) numbers of the pixels' places, under a seed.
    Noise([u32; 2]),
}

impl Change {
    /// The size of an image of the given size after this change.
    pub fn output_size(&self, (height, width): Size) -> Size {
        match *self {
            Self::Crop { size, .. } | Self::Window { size, .. } => size,
            Self::Turn(quarters) if quarters % 2 == 1 => (width, height),
            _ => (height, width),
        }
    }

    /// Whether values in `0..1` need not stay there.
    pub fn leaves_unit(&self) -> bool {
        match self {
            Self::Normalize { .. } => true,
            Self::Noise { clip, .. } => !clip,
            Self::Erase { with: Filling::Noise(_), .. } => true,
            Self::Erase { with: Filling::Values(values), .. } => {
                values.numbers().iter().any(|value| !(0.0..=1.0).contains(value))
            }
            _ => false,
        }
    }
}

impl Image<'_> {
    /// Makes one change.
    pub fn perform(&mut self, change: &Change) {
        match change {
            Change::Crop { crop, size, interpolation, antialias } => {
                self.resized_crop(*crop, *size, *interpolation, *antialias);
            }
            Change::Window { place, size, edge, fill } => self.window(*place, *size, *edge, fill),
            Change::Flip => self.flip(),
            Change::FlipRows => self.flip_rows(),
            Change::Turn(quarters) => self.turn(*quarters),
            Change::Warp(map) => self.warp(map),
            Change::Brightness(factor) => color::adjust_brightness(self.planes(), *factor),
            Change::Contrast(factor) => {
                let channels = self.channels();
                color::adjust_contrast(self.planes(), *factor, channels);
            }
            Change::Saturation(factor) => {
                self.colours().into_iter().for_each(|planes| color::adjust_saturation(planes, *factor))
            }
            Change::Hue(turns) => self.colours().into_iter().for_each(|planes| adjust_hue(planes, *turns)),
            Change::Grayscale => self.colours().into_iter().for_each(color::grayscale),
            Change::Blur { taps, sigma } => self.blur(*taps, *sigma),
            Change::Sharpness(factor) => {
                let (size, planes, buffer) = self.with_buffer();
                planes.for_each(|plane| adjust_sharpness(plane, size, *factor, buffer));
            }
            Change::Solarize { threshold } => color::solarize(self.planes(), *threshold),
            Change::Posterize(bits) => color::posterize(self.planes(), *bits),
            Change::Invert => color::invert(self.planes()),
            Change::Autocontrast => self.each_plane().for_each(autocontrast),
            Change::Equalize => self.equalize(),
            Change::Normalize { mean, deviation } => {
                for (channel, plane) in self.each_plane().enumerate() {
                    color::normalize(plane, mean.of(channel), deviation.of(channel));
                }
            }
            Change::Noise { mean, sigma, seed, clip } => {
                let bounds = if *clip { [0.0, 1.0] } else { [f32::NEG_INFINITY, f32::INFINITY] };
                add_noise(self.planes(), *mean, *sigma, *seed, bounds);
            }
            Change::Erase { part, with } => self.erase(*part, with),
        }
        if change.leaves_unit() {
            self.leave_unit();
        }
    }

    fn erase(&mut self, part: Crop, with: &Filling) {
        let (height, width) = self.size();
        for (channel, plane) in self.each_plane().enumerate() {
            for row in part.top..part.top + part.height {
                let start = row * width + part.left;
                let out = &mut plane[start..start + part.width];
                match with {
                    Filling::Values(values) => out.fill(values.of(channel)),
                    Filling::Noise(seed) => {
                        write_noise(out, (channel * height * width + start) as u32, *seed);
                    }
                }
            }
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crop { crop: Crop { top, left, height, width }, size, .. } => {
                write!(f, "crop {height}x{width} at {top}, {left}")?;
                if (*height, *width) == *size { Ok(()) } else { write!(f, " to {}x{}", size.0, size.1) }
            }
            Self::Window { place: (top, left), size, .. } => write!(f, "crop {}x{} at {top}, {left}", size.0, size.1),
            Self::Flip => f.write_str("flipped"),
            Self::FlipRows => f.write_str("flipped vertically"),
            Self::Turn(quarters) => write!(f, "turned by {} degrees", u32::from(*quarters) * 90),
            Self::Warp(map) => map.drawn.fmt(f),
            Self::Brightness(factor) => write!(f, "brightness {factor:.3}"),
            Self::Contrast(factor) => write!(f, "contrast {factor:.3}"),
            Self::Saturation(factor) => write!(f, "saturation {factor:.3}"),
            Self::Hue(turns) => write!(f, "hue {turns:+.3} turns"),
            Self::Grayscale => f.write_str("grayscale"),
            Self::Blur { taps, sigma } => write!(f, "blur {sigma:.2} of {taps}"),
            Self::Sharpness(factor) => write!(f, "sharpness {factor:.3}"),
            Self::Solarize { threshold } => write!(f, "solarized from {threshold:.3}"),
            Self::Posterize(bits) => write!(f, "posterized to {bits} bits"),
            Self::Invert => f.write_str("inverted"),
            Self::Autocontrast => f.write_str("autocontrast"),
            Self::Equalize => f.write_str("equalized"),
            Self::Normalize { .. } => f.write_str("normalised"),
            Self::Noise { mean, sigma, .. } if *mean == 0.0 => write!(f, "noise {sigma:.3}"),
            Self::Noise { mean, sigma, .. } => write!(f, "noise {mean:.3} ± {sigma:.3}"),
            Self::Erase { part: Crop { top, left, height, width }, .. } => {
                write!(f, "erased {height}x{width} at {top}, {left}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::values::Values, *};

    fn changes() -> Vec<Change> {
        let crop = Crop { top: 1, left: 0, height: 2, width: 3 };
        let (seed, half) = ([1, 2], PerChannel::All(0.5));
        vec![
            Change::Crop { crop, size: (7, 4), interpolation: Interpolation::Bilinear, antialias: true },
            Change::Crop { crop, size: (7, 4), interpolation: Interpolation::Nearest, antialias: false },
            Change::Window { place: (-2, 3), size: (4, 6), edge: Edge::Reflect, fill: half.clone() },
            Change::Flip,
            Change::FlipRows,
            Change::Turn(1),
            Change::Turn(2),
            Change::Turn(3),
            Change::Warp(Box::new(Warp {
                matrix: Warp::affine(30.0, [1.0, 0.0], 0.9, [5.0, 0.0], [0.0; 2]),
                sampling: Default::default(),
                drawn: super::super::pixels::Drawn::Affine {
                    angle: 30.0,
                    translate: [1.0, 0.0],
                    scale: 0.9,
                    shear: [5.0, 0.0],
                },
                fill: None,
            })),
            Change::Brightness(0.5),
            Change::Contrast(0.5),
            Change::Saturation(0.5),
            Change::Hue(0.2),
            Change::Grayscale,
            Change::Blur { taps: 5, sigma: 1.0 },
            Change::Sharpness(1.5),
            Change::Solarize { threshold: 0.5 },
            Change::Posterize(3),
            Change::Invert,
            Change::Autocontrast,
            Change::Equalize,
            Change::Normalize { mean: half.clone(), deviation: half.clone() },
            Change::Noise { mean: 0.0, sigma: 0.1, seed, clip: true },
            Change::Erase { part: crop, with: Filling::Values(half) },
            Change::Erase { part: crop, with: Filling::Noise(seed) },
        ]
    }

    #[test]
    fn every_change_leaves_an_image_of_the_size_it_says_and_is_finite() {
        let pixels: Vec<u8> = (0..3 * 5 * 3).map(|i| i * 5).collect();
        let mut image = Image::default();
        for change in changes() {
            for channels in [1, 3] {
                image.open(Values::Bytes(&pixels[..15 * channels]), channels, (3, 5), true);
                image.perform(&change);
                assert_eq!(image.size(), change.output_size((3, 5)), "{change:?}");
                let (height, width) = image.size();
                assert_eq!(image.planes().len(), channels * height * width, "{change:?}");
                assert!(image.planes().iter().all(|x| x.is_finite()), "{change:?}");
                let stays = image.planes().iter().all(|x| (0.0..=1.0).contains(x));
                assert!(stays || change.leaves_unit(), "{change}");
            }
        }
    }

    #[test]
    fn every_change_says_what_it_does_in_a_few_words() {
        let told: Vec<String> = changes().iter().map(Change::to_string).collect();
        assert!(told.iter().all(|text| !text.is_empty() && text.len() < 100), "{told:?}");
        assert_eq!(told[0], "crop 2x3 at 1, 0 to 7x4");
        assert_eq!(told[8], "rotated by -30.0 degrees, moved by 1, 0, scaled by 0.900, sheared by 5.0, 0.0 degrees");
    }
}
