//! Windows over images that lie channels last: where they are, and what becomes of their values, channel by channel in
//! registers. Knows not what that is.

use std::ops::Range;

use burn_dispatch::backends::flex::FlexTensor;

use crate::tensor::{Tensor, cpu::floats::floats};

/// Channels that are gone through side by side, in registers.
pub(super) const TILE: usize = 16;

/// Windows over images, by their rows and by their columns.
#[derive(Clone, Debug)]
pub(in crate::tensor) struct Windows {
    /// Of the images.
    pub size: [usize; 2],
    /// What each window holds of them, and what a sum over it is divided by.
    pub sides: [Vec<(Range<usize>, usize)>; 2],
}

impl Windows {
    /// Whether some have pixels in common.
    pub fn overlap(&self) -> bool {
        self.sides.iter().any(|side| side.windows(2).any(|pair| pair[0].0.end > pair[1].0.start))
    }

    /// Whether each pixel is in one window and no more.
    pub(super) fn are_tiles(&self) -> bool {
        let ends = |side: &[(Range<usize>, usize)], size| {
            let (first, last) = (side.first().map(|one| one.0.start), side.last().map(|one| one.0.end));
            first == Some(0) && last == Some(size)
        };
        let meet = |side: &[(Range<usize>, usize)]| side.windows(2).all(|pair| pair[0].0.end == pair[1].0.start);
        self.sides.iter().zip(self.size).all(|(side, size)| meet(side) && ends(side, size))
    }

    /// The shape of what becomes of images.
    pub(super) fn pooled(&self, images: &Tensor) -> [usize; 4] {
        [images.shape()[0], images.shape()[1], self.sides[0].len(), self.sides[1].len()]
    }

    /// The lines of windows over images.
    pub(super) fn lines<'a>(&'a self, images: &Tensor, values: &'a FlexTensor) -> Lines<'a> {
        let channels = images.shape()[1];
        Lines { windows: self, image: self.size[0] * self.size[1] * channels, channels, values: floats(values) }
    }
}

/// Images, and the lines of windows over them.
pub(super) struct Lines<'a> {
    windows: &'a Windows,
    /// Floats of an image.
    image: usize,
    channels: usize,
    values: &'a [f32],
}

impl<'a> Lines<'a> {
    /// One line, by its number in all images.
    pub fn of(&self, number: usize) -> Line<'a> {
        let rows = self.windows.sides[0].len();
        let image = &self.values[number / rows * self.image..][..self.image];
        Line { windows: self.windows, row: number % rows, channels: self.channels, image }
    }
}

/// A line of windows over an image.
pub(super) struct Line<'a> {
    windows: &'a Windows,
    row: usize,
    pub channels: usize,
    pub image: &'a [f32],
}

impl Line<'_> {
    /// Calls `body` with each window's number in the line.
    #[inline(always)]
    pub fn each(&self, mut body: impl FnMut(usize, Window)) {
        for column in 0..self.windows.sides[1].len() {
            body(column, Window::of(self.windows, self.row, column));
        }
    }
}

impl Line<'_> {
    /// Adds up each window's values, one channel beside another, from `first` on, and writes what `end` makes of the sum.
    #[inline(always)]
    pub fn fold<A: Copy>(
        &self,
        target: &mut [f32],
        first: A,
        add: impl Fn(A, f32) -> A,
        end: impl Fn(A, &Window) -> f32,
    ) {
        let (channels, image) = (self.channels, self.image);
        self.each(|number, window| {
            let (tiles, rest) = target[number * channels..(number + 1) * channels].as_chunks_mut::<TILE>();
            let behind = tiles.len() * TILE;
            for (tile, target) in tiles.iter_mut().enumerate() {
                let mut sums = [first; TILE];
                window.each_pixel(|pixel| {
                    let values = &image[pixel * channels + tile * TILE..][..TILE];
                    for channel in 0..TILE {
                        sums[channel] = add(sums[channel], values[channel]);
                    }
                });
                for channel in 0..TILE {
                    target[channel] = end(sums[channel], &window);
                }
            }
            let mut sums = [first; TILE];
            window.each_pixel(|pixel| {
                for (sum, value) in sums[..rest.len()].iter_mut().zip(&image[pixel * channels + behind..]) {
                    *sum = add(*sum, *value);
                }
            });
            rest.iter_mut().zip(sums).for_each(|(target, sum)| *target = end(sum, &window));
        });
    }
}

/// A window over an image.
pub(super) struct Window {
    rows: Range<usize>,
    columns: Range<usize>,
    /// Pixels from one row to the next.
    width: usize,
    pub divisor: usize,
}

impl Window {
    #[inline(always)]
    pub fn of(windows: &Windows, row: usize, column: usize) -> Self {
        let [(rows, above), (columns, beside)] = [&windows.sides[0][row], &windows.sides[1][column]];
        Self { rows: rows.clone(), columns: columns.clone(), width: windows.size[1], divisor: above * beside }
    }

    /// Its first pixel.
    pub fn first(&self) -> usize {
        self.rows.start * self.width + self.columns.start
    }

    /// Calls `body` with the number of each pixel.
    #[inline(always)]
    pub fn each_pixel(&self, mut body: impl FnMut(usize)) {
        for row in self.rows.clone() {
            for column in self.columns.clone() {
                body(row * self.width + column);
            }
        }
    }
}
