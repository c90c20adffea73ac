//! The image that changes are made to: three float planes in buffers that are kept from one image to the next.
//! Pixels are read from the source no earlier than a change asks for them, so a crop reads only its part.

use super::{Interpolation, Size, gaussian::Gaussian, resample::Resampler};

/// The red, green and blue plane, rows from the top, values in `0..1`.
pub type Planes<'p> = [&'p mut [f32]; 3];

/// The values of one image's pixels, as they lie in a data set or in a tensor.
#[derive(Clone, Copy, Debug)]
pub(super) enum Values<'a> {
    /// Bytes `[height, width, 3]`.
    Bytes(&'a [u8]),
    /// Floats `[3, height, width]`.
    Floats(&'a [f32]),
}

/// A rectangle of an image, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    /// The first row.
    pub top: usize,
    /// The first column.
    pub left: usize,
    /// The number of rows.
    pub height: usize,
    /// The number of columns.
    pub width: usize,
}

impl Crop {
    /// The whole of an image.
    pub fn whole((height, width): Size) -> Self {
        Self { top: 0, left: 0, height, width }
    }
}

/// One image on its way to becoming a view.
#[derive(Debug, Default)]
pub struct Image<'a> {
    unread: Option<Values<'a>>,
    size: Size,
    planes: Vec<f32>,
    part: Vec<f32>,
    resampler: Resampler,
    gaussian: Gaussian,
}

impl<'a> Image<'a> {
    /// Starts over with another image; the buffers stay.
    pub(super) fn open(&mut self, values: Values<'a>, size: Size) {
        self.unread = Some(values);
        self.size = size;
    }

    /// Height and width now.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The planes, to be changed in place.
    pub fn planes(&mut self) -> Planes<'_> {
        if let Some(values) = self.unread.take() {
            read(values, self.size, Crop::whole(self.size), &mut self.planes);
        }
        let (red, rest) = self.planes.split_at_mut(self.size.0 * self.size.1);
        let (green, blue) = rest.split_at_mut(red.len());
        [red, green, blue]
    }

    /// Cuts `crop`, which lies inside the image, out and resizes it; values are clamped to `0..1`.
    pub fn resized_crop(&mut self, crop: Crop, size: Size, interpolation: Interpolation, antialias: bool) {
        let values = self.unread.take().unwrap_or(Values::Floats(&self.planes));
        read(values, self.size, crop, &mut self.part);
        self.resampler.prepare((crop.height, crop.width), size, interpolation, antialias);
        self.resampler.resize(&self.part, &mut self.planes);
        self.size = size;
    }

    /// Mirrors left and right.
    pub fn flip(&mut self) {
        let (_, width) = self.size;
        self.planes().into_iter().flat_map(|plane| plane.chunks_exact_mut(width)).for_each(<[f32]>::reverse);
    }

    /// Blurs with a Gaussian of an odd number of `taps`; values are clamped to `0..1`.
    pub fn blur(&mut self, taps: usize, sigma: f32) {
        self.planes();
        self.gaussian.blur(&mut self.planes, self.size, taps, sigma, &mut self.part);
    }

    /// Turns the image by so many quarters counter-clockwise, as `numpy.rot90`.
    pub fn turn(&mut self, quarters: u8) {
        let quarters = quarters % 4;
        if quarters == 0 {
            return;
        }
        let (height, width) = self.size;
        self.planes();
        self.part.clone_from(&self.planes);
        self.size = if quarters == 2 { (height, width) } else { (width, height) };
        let (rows, columns) = self.size;
        for (target, source) in self.planes.chunks_exact_mut(height * width).zip(self.part.chunks_exact(height * width))
        {
            for row in 0..rows {
                for column in 0..columns {
                    let from = match quarters {
                        1 => column * width + (width - 1 - row),
                        2 => (height - 1 - row) * width + (width - 1 - column),
                        _ => (height - 1 - column) * width + row,
                    };
                    target[row * columns + column] = source[from];
                }
            }
        }
    }

    /// Copies the finished view, `[3, height, width]`.
    pub(super) fn write(&mut self, out: &mut [f32]) {
        let [red, green, blue] = self.planes();
        for (plane, out) in [&*red, green, blue].into_iter().zip(out.chunks_exact_mut(red.len())) {
            out.copy_from_slice(plane);
        }
    }
}

/// Reads a crop of an image into three planes.
fn read(values: Values<'_>, (height, width): Size, crop: Crop, planes: &mut Vec<f32>) {
    let area = crop.height * crop.width;
    planes.resize(3 * area, 0.0);
    let (red, rest) = planes.split_at_mut(area);
    let (green, blue) = rest.split_at_mut(area);
    for row in 0..crop.height {
        let from = (crop.top + row) * width + crop.left;
        let to = row * crop.width..(row + 1) * crop.width;
        let planes = [&mut red[to.clone()], &mut green[to.clone()], &mut blue[to]];
        match values {
            Values::Bytes(bytes) => read_bytes(&bytes[3 * from..3 * (from + crop.width)], planes),
            Values::Floats(floats) => {
                for (channel, plane) in planes.into_iter().enumerate() {
                    plane.copy_from_slice(&floats[channel * height * width + from..][..crop.width]);
                }
            }
        }
    }
}

fn read_bytes(bytes: &[u8], [red, green, blue]: Planes<'_>) {
    for (((pixel, r), g), b) in bytes.as_chunks::<3>().0.iter().zip(red).zip(green).zip(blue) {
        [*r, *g, *b] = pixel.map(|byte| UNIT[usize::from(byte)]);
    }
}

/// `byte / 255`, correctly rounded: a product with 1/255 would not be.
const UNIT: [f32; 256] = {
    let mut unit = [0.0; 256];
    let mut byte = 0;
    while byte < 256 {
        unit[byte] = byte as f32 / 255.0;
        byte += 1;
    }
    unit
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_floats_of_the_same_image_give_the_same_planes() {
        let bytes: Vec<u8> = (0..5 * 4 * 3).map(|i| (i * 41 % 256) as u8).collect();
        let floats: Vec<f32> =
            (0..3).flat_map(|c| bytes.iter().skip(c).step_by(3)).map(|&x| f32::from(x) / 255.0).collect();
        let mut image = Image::default();
        image.open(Values::Bytes(&bytes), (5, 4));
        assert_eq!(image.planes().concat(), floats);
        for crop in [Crop::whole((5, 4)), Crop { top: 1, left: 2, height: 3, width: 2 }] {
            let [from_bytes, from_floats] = [Values::Bytes(&bytes), Values::Floats(&floats)].map(|values| {
                image.open(values, (5, 4));
                image.resized_crop(crop, (7, 3), Interpolation::Bicubic, false);
                image.planes().concat()
            });
            assert_eq!(from_bytes, from_floats);
        }
    }

    #[test]
    fn a_crop_of_the_same_size_is_the_part_itself() {
        let floats: Vec<f32> = (0..3 * 4 * 5).map(|i| i as f32 / 60.0).collect();
        let mut image = Image::default();
        for interpolation in [Interpolation::Bilinear, Interpolation::Bicubic] {
            image.open(Values::Floats(&floats), (4, 5));
            image.planes();
            image.resized_crop(Crop { top: 2, left: 1, height: 2, width: 3 }, (2, 3), interpolation, false);
            let expected = [0, 20, 40].map(|channel| [11, 12, 13, 16, 17, 18].map(|i| (channel + i) as f32 / 60.0));
            assert_eq!(image.planes().concat(), expected.concat());
        }
    }
}
