//! What becomes of pixels that can be seen through: they are laid over a colour, or their transparency is passed over.
//! Colours below full transparency belong to no picture, so laying over a colour is the default.

use std::{fmt, str::FromStr};

use image::{DynamicImage, RgbImage};

use crate::{Error, Result, data::OP, options::Choice};

/// What becomes of transparent pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Transparent {
    /// They are laid over a colour: red, green and blue.
    Over([u8; 3]),
    /// Their colour is taken as it is stored, as Pillow's `convert("RGB")` does.
    Drop,
}

/// Colours that have names.
const NAMED: [(&str, [u8; 3]); 3] = [("white", [255; 3]), ("black", [0; 3]), ("gray", [128; 3])];
const DROP: &str = "drop";

impl Choice for Transparent {
    const ALL: &'static [Self] = &[Self::Over(NAMED[0].1), Self::Over(NAMED[1].1), Self::Over(NAMED[2].1), Self::Drop];
    const NAMES: &'static [&'static str] = &[NAMED[0].0, NAMED[1].0, NAMED[2].0, DROP];
}

impl Transparent {
    /// Over white, the default.
    pub const WHITE: Self = Self::Over([255; 3]);

    /// An image without transparency, of 8 bits a channel. Gray becomes RGB. With opacity a of 0 to A, the largest
    /// value of its bits, a colour c over b is (c·a + b·(A − a)) / A, rounded. Source: Porter and Duff, Compositing
    /// Digital Images, 1984, the operator over.
    pub fn remove(self, image: DynamicImage) -> RgbImage {
        let Self::Over(color) = self else { return image.into_rgb8() };
        match image {
            DynamicImage::ImageLumaA8(_) | DynamicImage::ImageRgba8(_) => {
                let image = image.into_rgba8();
                let over = |pixel: &image::Rgba<u8>| {
                    let [.., alpha] = pixel.0.map(u32::from);
                    let mix = |c: usize| mixed(pixel[c].into(), color[c].into(), alpha, 255) as u8;
                    image::Rgb([mix(0), mix(1), mix(2)])
                };
                RgbImage::from_fn(image.width(), image.height(), |x, y| over(image.get_pixel(x, y)))
            }
            DynamicImage::ImageLumaA16(_) | DynamicImage::ImageRgba16(_) => {
                let image = image.into_rgba16();
                let over = |pixel: &image::Rgba<u16>| {
                    let [.., alpha] = pixel.0.map(u64::from);
                    let mix = |c: usize| mixed(pixel[c].into(), u64::from(color[c]) * 257, alpha, 65535) as u16;
                    image::Rgb([mix(0), mix(1), mix(2)])
                };
                let (width, height) = image.dimensions();
                let mixed = image::ImageBuffer::from_fn(width, height, |x, y| over(image.get_pixel(x, y)));
                DynamicImage::ImageRgb16(mixed).into_rgb8()
            }
            opaque => opaque.into_rgb8(),
        }
    }
}

/// (c·a + b·(A − a)) / A, rounded; A is odd, so that no result lies half-way.
fn mixed<T>(color: T, below: T, alpha: T, most: T) -> T
where
    T: Copy + From<u8> + std::ops::Add<Output = T> + std::ops::Sub<Output = T>,
    T: std::ops::Mul<Output = T> + std::ops::Div<Output = T>,
{
    (color * alpha + below * (most - alpha) + most / T::from(2)) / most
}

impl Default for Transparent {
    fn default() -> Self {
        Self::WHITE
    }
}

impl FromStr for Transparent {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text == DROP {
            return Ok(Self::Drop);
        }
        if let Some((_, color)) = NAMED.iter().find(|(name, _)| *name == text) {
            return Ok(Self::Over(*color));
        }
        if let Some(digits) = text.strip_prefix('#')
            && digits.len() == 6
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            && let Ok(number) = u32::from_str_radix(digits, 16)
        {
            let [_, color @ ..] = number.to_be_bytes();
            return Ok(Self::Over(color));
        }
        let names = NAMED.map(|(name, _)| format!("\"{name}\"")).join(", ");
        let want = format!("{names}, a colour as \"#ff8000\", or \"{DROP}\"");
        Err(Error::argument(OP, "transparent", want, format!("'{text}'")))
    }
}

impl fmt::Display for Transparent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Over(color) = self else { return formatter.write_str(DROP) };
        match NAMED.iter().find(|(_, known)| known == color) {
            Some((name, _)) => formatter.write_str(name),
            None => write!(formatter, "#{:02x}{:02x}{:02x}", color[0], color[1], color[2]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageBuffer, LumaA, Rgba};

    #[test]
    fn a_colour_is_read_from_what_it_shows() {
        for text in ["white", "black", "gray", "drop", "#ff8001"] {
            assert_eq!(text.parse::<Transparent>().unwrap().to_string(), text);
        }
        assert_eq!("#FFFFFF".parse::<Transparent>().unwrap(), Transparent::default());
        for text in ["", "White", "#fff", "#+12345", "#ff80012", "255,255,255"] {
            let want = "transparent must be \"white\", \"black\", \"gray\", a colour as \"#ff8000\", or \"drop\"";
            let error = text.parse::<Transparent>().unwrap_err().to_string();
            assert_eq!(error, format!("images: {want}, got '{text}'"));
        }
    }

    #[test]
    fn every_colour_over_every_other_is_rounded_from_the_exact_value() {
        for below in [0, 1, 77, 254, 255_u8] {
            let image = ImageBuffer::from_fn(256, 256, |x, y| Rgba([x as u8, 0, 255, y as u8]));
            let mixed = Transparent::Over([below, below, 0]).remove(image.into());
            for (x, y, pixel) in mixed.enumerate_pixels() {
                let exact = |c: f64, b: f64| (c * f64::from(y) + b * f64::from(255 - y)) / 255.0;
                let want = [exact(x.into(), below.into()), exact(0.0, below.into()), exact(255.0, 0.0)];
                assert_eq!(pixel.0, want.map(|value| value.round() as u8), "{x} over {below} at {y}");
            }
        }
    }

    #[test]
    fn sixteen_bits_are_mixed_as_sixteen_bits() {
        let image: ImageBuffer<LumaA<u16>, _> =
            ImageBuffer::from_fn(256, 257, |x, y| LumaA([(x * 257).min(65535) as u16, (y * 255).min(65535) as u16]));
        let mixed = Transparent::Over([200, 10, 0]).remove(DynamicImage::ImageLumaA16(image));
        for (x, y, pixel) in mixed.enumerate_pixels() {
            let alpha = f64::from(y * 255) / 65535.0;
            let want = [200.0, 10.0, 0.0].map(|below| f64::from(x) * alpha + below * (1.0 - alpha));
            // The mean is rounded to 16 bits first.
            pixel.0.iter().zip(want).for_each(|(got, want)| assert!((f64::from(*got) - want).abs() < 0.51, "{x} {y}"));
        }
    }

    #[test]
    fn what_is_opaque_is_the_same_over_any_colour() {
        let image = DynamicImage::from(ImageBuffer::from_fn(16, 16, |x, y| Rgba([x as u8, y as u8, 7, 255])));
        let over = |how: Transparent| how.remove(image.clone());
        assert_eq!(over(Transparent::WHITE), over(Transparent::Drop));
        assert_eq!(over(Transparent::WHITE), over(Transparent::Over([1, 2, 3])));
    }
}
