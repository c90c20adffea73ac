//! The image that changes are made to: float planes in buffers that are kept from one image to the next. Pixels are
//! read from the source no earlier than a change asks for them, so a crop reads only its part.

use super::{
    Crop, Size,
    pixels::{Edge, Gaussian, Interpolation, Resampler, Warp, color, equalize, equalize_bytes, source_of, warp},
    planes::Planes,
    values::{Values, clamp, read, to_floats, to_pixels},
};
use crate::options::PerChannel;

/// One image on its way to becoming a view.
#[derive(Debug, Default)]
pub struct Image<'a> {
    unread: Option<Values<'a>>,
    channels: usize,
    size: Size,
    /// Whether its values lie in `0..1`, so that they are to be kept there.
    is_unit: bool,
    planes: Planes<'a>,
    part: Vec<f32>,
    resampler: Resampler,
    gaussian: Gaussian,
    coordinates: warp::Coordinates,
}

impl<'a> Image<'a> {
    /// Starts over with another image; the buffers stay.
    pub(super) fn open(&mut self, values: Values<'a>, channels: usize, size: Size, is_unit: bool) {
        self.unread = Some(values);
        self.planes.open(None);
        (self.channels, self.size, self.is_unit) = (channels, size, is_unit);
    }

    /// Says where the finished view is to lie, as `[channels, height, width]`, before anything is changed.
    pub(super) fn place(&mut self, view: &'a mut [f32]) {
        self.planes.open(Some(view));
    }

    /// Height and width now.
    pub fn size(&self) -> Size {
        self.size
    }

    /// The number of its channels.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Its values need no longer lie in `0..1`.
    pub fn leave_unit(&mut self) {
        self.is_unit = false;
    }

    /// All planes, one after another, to be changed in place.
    pub fn planes(&mut self) -> &mut [f32] {
        if let Some(values) = self.unread.take() {
            let room = self.planes.room(self.channels * self.size.0 * self.size.1);
            read(values, self.channels, self.size, Crop::whole(self.size), room);
        }
        self.planes.values_mut()
    }

    /// All planes, moved aside to be read while new ones are made.
    fn set_aside(&mut self) {
        match self.unread.take() {
            Some(values) => {
                self.part.resize(self.channels * self.size.0 * self.size.1, 0.0);
                read(values, self.channels, self.size, Crop::whole(self.size), &mut self.part);
            }
            None => self.planes.move_to(&mut self.part),
        }
    }

    /// The planes of the channels, to be changed in place.
    pub fn each_plane(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let area = self.size.0 * self.size.1;
        self.planes().chunks_exact_mut(area)
    }

    /// The three planes of an image in colours, none of another one.
    pub fn colours(&mut self) -> Option<color::Planes<'_>> {
        if self.channels != 3 {
            return None;
        }
        let area = self.size.0 * self.size.1;
        let (red, rest) = self.planes().split_at_mut(area);
        let (green, blue) = rest.split_at_mut(area);
        Some([red, green, blue])
    }

    fn bounds(&self) -> [f32; 2] {
        if self.is_unit { [0.0, 1.0] } else { [f32::NEG_INFINITY, f32::INFINITY] }
    }

    /// Cuts `crop`, which lies inside the image, out and resizes it. Values in `0..1` stay there.
    pub fn resized_crop(&mut self, crop: Crop, size: Size, interpolation: Interpolation, antialias: bool) {
        let bounds = self.bounds();
        if crop.size() == size {
            self.cut(crop);
            clamp(self.planes.values_mut(), bounds);
            return;
        }
        let (channels, from) = (self.channels, self.size);
        self.size = size;
        self.resampler.prepare(crop.size(), size, interpolation, antialias);
        self.part.resize(channels * crop.height * crop.width, 0.0);
        match self.unread.take() {
            // Pixels stay together until they are resized: each is then read as one.
            Some(Values::Bytes(bytes)) if channels == 3 => {
                for (row, out) in self.part.chunks_exact_mut(3 * crop.width).enumerate() {
                    let start = 3 * ((crop.top + row) * from.1 + crop.left);
                    to_floats(&bytes[start..start + out.len()], out);
                }
                self.resampler.resize_pixels(&self.part, bounds, self.planes.room(3 * size.0 * size.1));
            }
            unread => {
                let values = unread.unwrap_or(Values::Floats(self.planes.values()));
                read(values, channels, from, crop, &mut self.part);
                self.resampler.resize(&self.part, bounds, self.planes.room(channels * size.0 * size.1));
            }
        }
    }

    /// Cuts `crop`, which lies inside the image, out.
    fn cut(&mut self, crop: Crop) {
        let (channels, from) = (self.channels, self.size);
        let unread = self.unread.take();
        if unread.is_none() {
            self.planes.move_to(&mut self.part);
        }
        let values = unread.unwrap_or(Values::Floats(&self.part));
        self.size = crop.size();
        read(values, channels, from, crop, self.planes.room(channels * crop.height * crop.width));
    }

    /// Makes each level of a channel about as frequent.
    pub fn equalize(&mut self) {
        let Some(Values::Bytes(bytes)) = self.unread else {
            return self.each_plane().for_each(equalize);
        };
        self.unread = None;
        let (channels, area) = (self.channels, self.size.0 * self.size.1);
        for (channel, plane) in self.planes.room(channels * area).chunks_exact_mut(area).enumerate() {
            equalize_bytes(bytes, channels, channel, plane);
        }
    }

    /// Cuts out a part of a size that may lie outside of the image, which goes on by `edge`.
    pub fn window(&mut self, (top, left): (isize, isize), size: Size, edge: Edge, fill: &PerChannel) {
        let (height, width) = self.size;
        let fits = |first: isize, part: usize, whole: usize| first >= 0 && first as usize + part <= whole;
        if fits(top, size.0, height) && fits(left, size.1, width) {
            return self.cut(Crop { top: top as usize, left: left as usize, height: size.0, width: size.1 });
        }
        self.set_aside();
        self.size = size;
        let columns: Vec<Option<usize>> =
            (0..size.1).map(|column| source_of(edge, left + column as isize, width)).collect();
        // The columns that lie inside follow one another.
        let inside = (-left).clamp(0, size.1 as isize) as usize;
        let inside = inside..(width as isize - left).clamp(inside as isize, size.1 as isize) as usize;
        let made = self.planes.room(self.channels * size.0 * size.1).chunks_exact_mut(size.0 * size.1);
        for (channel, (plane, made)) in self.part.chunks_exact(height * width).zip(made).enumerate() {
            let fill = fill.of(channel);
            for (row, out) in made.chunks_exact_mut(size.1).enumerate() {
                let Some(from) = source_of(edge, top + row as isize, height) else {
                    out.fill(fill);
                    continue;
                };
                let from = &plane[from * width..][..width];
                if !inside.is_empty() {
                    let first = (inside.start as isize + left) as usize;
                    out[inside.clone()].copy_from_slice(&from[first..first + inside.len()]);
                }
                for column in (0..inside.start).chain(inside.end..size.1) {
                    out[column] = columns[column].map_or(fill, |column| from[column]);
                }
            }
        }
    }

    /// Mirrors left and right.
    pub fn flip(&mut self) {
        let (_, width) = self.size;
        self.planes().chunks_exact_mut(width).for_each(<[f32]>::reverse);
    }

    /// Mirrors above and below.
    pub fn flip_rows(&mut self) {
        let (height, width) = self.size;
        for plane in self.each_plane() {
            for row in 0..height / 2 {
                let (above, below) = plane.split_at_mut((height - 1 - row) * width);
                above[row * width..][..width].swap_with_slice(&mut below[..width]);
            }
        }
    }

    /// Blurs with a Gaussian of an odd number of `taps`. Values in `0..1` stay there.
    pub fn blur(&mut self, taps: usize, sigma: f32) {
        let bounds = self.bounds();
        self.planes();
        self.gaussian.blur(self.planes.values_mut(), self.size, (taps, sigma), bounds, &mut self.part);
    }

    /// Reads the image along a map.
    pub fn warp(&mut self, map: &Warp) {
        let area = self.size.0 * self.size.1;
        if self.channels != 3 {
            self.set_aside();
            let room = self.planes.room(self.channels * area);
            warp::warp(&self.part, self.size, map, &mut self.coordinates, room);
            return;
        }
        // The three numbers of a pixel are read together, with those of its neighbour.
        self.part.resize(3 * area + warp::BEHIND, 0.0);
        match self.unread.take() {
            Some(Values::Bytes(bytes)) => to_floats(bytes, &mut self.part),
            Some(Values::Floats(floats)) => to_pixels(floats, &mut self.part),
            None => to_pixels(self.planes.values(), &mut self.part),
        }
        warp::warp_pixels(&self.part, self.size, map, &mut self.coordinates, self.planes.room(3 * area));
    }

    /// The size, the channels' planes, and a buffer for one of them.
    pub(super) fn with_buffer(&mut self) -> (Size, std::slice::ChunksExactMut<'_, f32>, &mut Vec<f32>) {
        let size = self.size;
        self.planes();
        (size, self.planes.values_mut().chunks_exact_mut(size.0 * size.1), &mut self.part)
    }

    /// Turns the image by so many quarters counter-clockwise, as `numpy.rot90`.
    pub fn turn(&mut self, quarters: u8) {
        let quarters = quarters % 4;
        if quarters == 0 {
            return;
        }
        let (height, width) = self.size;
        self.set_aside();
        self.size = if quarters == 2 { (height, width) } else { (width, height) };
        let (rows, columns) = self.size;
        let made = self.planes.room(self.part.len()).chunks_exact_mut(height * width);
        for (target, source) in made.zip(self.part.chunks_exact(height * width)) {
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

    /// Makes sure that the finished view lies where [`Image::place`] said.
    ///
    /// # Panics
    /// The view has another size than its place: a transform has made what it did not say.
    pub(super) fn finish(&mut self) {
        self.planes();
        assert!(self.planes.is_in_place(), "a view has the size that its transform says");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_floats_of_the_same_image_give_the_same_planes() {
        for channels in [1, 3, 4, 7] {
            let bytes: Vec<u8> = (0..5 * 4 * channels).map(|i| (i * 41 % 256) as u8).collect();
            let floats: Vec<f32> = (0..channels)
                .flat_map(|c| bytes.iter().skip(c).step_by(channels))
                .map(|&x| f32::from(x) / 255.0)
                .collect();
            let mut image = Image::default();
            image.open(Values::Bytes(&bytes), channels, (5, 4), true);
            assert_eq!(image.planes(), floats);
            for crop in [Crop::whole((5, 4)), Crop { top: 1, left: 2, height: 3, width: 2 }] {
                let [from_bytes, from_floats] = [Values::Bytes(&bytes), Values::Floats(&floats)].map(|values| {
                    image.open(values, channels, (5, 4), true);
                    image.resized_crop(crop, (7, 3), Interpolation::Bicubic, false);
                    image.planes().to_vec()
                });
                assert_eq!(from_bytes, from_floats);
            }
        }
    }

    #[test]
    fn a_crop_of_the_same_size_is_the_part_itself() {
        let floats: Vec<f32> = (0..3 * 4 * 5).map(|i| i as f32 / 60.0).collect();
        let expected = [0, 20, 40].map(|channel| [11, 12, 13, 16, 17, 18].map(|i| (channel + i) as f32 / 60.0));
        let mut image = Image::default();
        for interpolation in [Interpolation::Nearest, Interpolation::Bilinear, Interpolation::Bicubic] {
            image.open(Values::Floats(&floats), 3, (4, 5), true);
            image.planes();
            image.resized_crop(Crop { top: 2, left: 1, height: 2, width: 3 }, (2, 3), interpolation, false);
            assert_eq!(image.planes(), expected.concat());
        }
        image.open(Values::Floats(&floats), 3, (4, 5), true);
        image.window((2, 1), (2, 3), Edge::Constant, &PerChannel::All(0.0));
        assert_eq!(image.planes(), expected.concat());
    }

    #[test]
    fn a_window_may_lie_wholly_outside() {
        let floats = [0.1, 0.2, 0.3, 0.4];
        let mut image = Image::default();
        for place in [(-9, 0), (9, 0), (0, -9), (0, 9), (-9, 9)] {
            image.open(Values::Floats(&floats), 1, (2, 2), true);
            image.window(place, (2, 3), Edge::Constant, &PerChannel::All(0.7));
            assert_eq!(image.planes(), [0.7; 6], "{place:?}");
            image.open(Values::Floats(&floats), 1, (2, 2), true);
            image.window(place, (2, 3), Edge::Replicate, &PerChannel::All(0.7));
            assert!(image.planes().iter().all(|x| floats.contains(x)), "{place:?}");
        }
    }
}
