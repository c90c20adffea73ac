//! The pixels of an image as they lie in a data set or in a tensor, and reading them into planes.

use super::{
    Crop, Size,
    pixels::wide::{kept, wide},
};

/// The values of one image's pixels, as they lie in a data set or in a tensor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Values<'a> {
    /// Bytes `[height, width, channels]`.
    Bytes(&'a [u8]),
    /// Floats `[channels, height, width]`.
    Floats(&'a [f32]),
}

/// Reads a crop of an image into planes of its size.
pub(super) fn read(values: Values<'_>, channels: usize, (height, width): Size, crop: Crop, planes: &mut [f32]) {
    let area = crop.height * crop.width;
    for row in 0..crop.height {
        let from = (crop.top + row) * width + crop.left;
        match values {
            Values::Bytes(bytes) => {
                let bytes = &bytes[channels * from..channels * (from + crop.width)];
                let rows = &mut planes[row * crop.width..];
                match channels {
                    3 => read_colours(bytes, rows, area),
                    _ => {
                        for channel in 0..channels {
                            let out = &mut rows[channel * area..][..crop.width];
                            let values = bytes.iter().skip(channel).step_by(channels);
                            out.iter_mut().zip(values).for_each(|(out, byte)| *out = unit(*byte));
                        }
                    }
                }
            }
            Values::Floats(floats) => {
                for channel in 0..channels {
                    let out = &mut planes[channel * area + row * crop.width..][..crop.width];
                    out.copy_from_slice(&floats[channel * height * width + from..][..crop.width]);
                }
            }
        }
    }
}

wide! {
    /// One row of three channels, whose planes lie `area` apart.
    fn read_colours(bytes: &[u8], rows: &mut [f32], area: usize) {
        let width = bytes.len() / 3;
        let (red, rest) = rows.split_at_mut(area);
        let (green, blue) = rest.split_at_mut(area);
        let planes = red[..width].iter_mut().zip(&mut green[..width]).zip(&mut blue[..width]);
        for (pixel, ((r, g), b)) in bytes.as_chunks::<3>().0.iter().zip(planes) {
            [*r, *g, *b] = pixel.map(unit);
        }
    }

    pub(super) fn to_floats(bytes: &[u8], floats: &mut [f32]) {
        floats.iter_mut().zip(bytes).for_each(|(float, byte)| *float = unit(*byte));
    }

    /// Three planes as pixels of three numbers.
    pub(super) fn to_pixels(planes: &[f32], pixels: &mut [f32]) {
        let area = planes.len() / 3;
        let (red, green, blue) = (&planes[..area], &planes[area..2 * area], &planes[2 * area..3 * area]);
        for (((pixel, r), g), b) in pixels.as_chunks_mut::<3>().0.iter_mut().zip(red).zip(green).zip(blue) {
            *pixel = [*r, *g, *b];
        }
    }

    pub(super) fn clamp(values: &mut [f32], bounds: [f32; 2]) {
        values.iter_mut().for_each(|x| *x = kept(*x, bounds));
    }
}

/// `byte / 255`, correctly rounded, without a division, which takes several times as long: the first product is exact,
/// and the second is small enough that only their sum is rounded, for every byte there is.
#[inline(always)]
pub(super) fn unit(byte: u8) -> f32 {
    const HIGH: f32 = f32::from_bits((1.0f32 / 255.0).to_bits() & 0xffff_ff00);
    const LOW: f32 = (1.0 / 255.0 - HIGH as f64) as f32;
    let byte = f32::from(byte);
    byte * HIGH + byte * LOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_its_255th_to_the_last_bit() {
        assert!((0..=255).all(|byte| unit(byte) == f32::from(byte) / 255.0));
    }
}
