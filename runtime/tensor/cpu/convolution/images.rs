//! Images as products read them: channels last. Those of few channels that lie in planes, as a script or an augmentation
//! makes them, are put in order by each task for its own part, in memory that stays in the cache.

use std::ops::Range;

use super::geometry::Geometry;
use crate::tensor::cpu::buffer::Buffer;

/// Where the values of images are.
#[derive(Clone, Copy)]
pub(super) enum Images<'a> {
    /// `[N, H, W, C]`.
    Last(&'a [f32]),
    /// `[N, C, H, W]`.
    Planes(&'a [f32]),
}

/// The most channels of images that tasks put in order for themselves.
pub(super) const FEW: usize = 4;

/// A part of images, channels last.
pub(super) struct View<'a> {
    values: &'a [f32],
    first: usize,
    rows: Range<usize>,
    size: [usize; 2],
    channels: usize,
}

impl<'a> Images<'a> {
    /// Rows of some images; `room` is what they are put in order in, if they need it.
    pub fn part(
        self,
        [size, [_, channels]]: [[usize; 2]; 2],
        images: Range<usize>,
        rows: Range<usize>,
        room: &'a mut Buffer,
    ) -> View<'a> {
        match self {
            Self::Last(values) => View { values, first: 0, rows: 0..size[0], size, channels },
            // Outputs that see padding alone.
            Self::Planes(_) if rows.is_empty() => View { values: &[], first: images.start, rows, size, channels },
            Self::Planes(values) => {
                let len = images.len() * rows.len() * size[1] * channels;
                if room.len() < len {
                    *room = Buffer::stale(len);
                }
                let planes = images.clone().flat_map(|image| {
                    (0..channels).map(move |channel| (image * channels + channel) * size[0] * size[1])
                });
                for (number, plane) in planes.enumerate() {
                    let (image, channel) = (number / channels, number % channels);
                    let from = &values[plane + rows.start * size[1]..plane + rows.end * size[1]];
                    let to = room[image * from.len() * channels + channel..].iter_mut().step_by(channels);
                    to.zip(from).for_each(|(to, from)| *to = *from);
                }
                View { values: &room[..len], first: images.start, rows, size, channels }
            }
        }
    }
}

impl View<'_> {
    /// All of it.
    pub fn values(&self) -> &[f32] {
        self.values
    }

    /// Where a pixel of it is. The row and what follows from it may lie outside, as the base of a target does.
    pub fn place(&self, image: usize, row: usize, column: usize) -> usize {
        let row = row.wrapping_sub(self.rows.start);
        let line = ((image - self.first) * self.rows.len()).wrapping_add(row);
        line.wrapping_mul(self.size[1]).wrapping_add(column).wrapping_mul(self.channels)
    }
}

impl Geometry {
    /// The size and the channels of its images, for [`Images::part`].
    pub(super) fn of_images(&self) -> [[usize; 2]; 2] {
        [self.size, [self.images, self.all_channels()]]
    }
}
