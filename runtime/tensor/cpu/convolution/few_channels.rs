//! The gradient of a convolution by its weight, as sums over pixels where they lie: for images of few channels, which are
//! not worth patches, and for groups.

use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use super::{
    blocks::{Block, blocks},
    geometry::Geometry,
    images::{Images, View},
    outer::{Lines, Strided, outer},
    vector::{Kernel, Vector, lanes, run},
};
use crate::tensor::cpu::buffer::Buffer;

/// Channels of a task.
pub(super) const CHANNELS: usize = 16;

/// Pixels of the output that are gone over for every tap before the next ones, about: they stay in the first cache.
const PIXELS: usize = 384;

/// Tasks, at least, where there are as many images.
const TASKS: usize = 8;

/// Outputs that see their sources through a tap, or through several whose channels lie side by side.
struct Piece {
    rows: Range<usize>,
    columns: Range<usize>,
    /// The row of the pixel that the first output of an image sees, if it were inside, and the column.
    tap: [isize; 2],
    /// Neighbouring values of the source.
    count: usize,
    /// The first of their sums.
    sums: usize,
}

/// The weight's gradient `[groups · O, C, h, w]`, from images and `[N, h′, w′, groups · O]`.
pub(super) fn weight_gradient(
    arch: Arch,
    geometry: &Geometry,
    images: Images<'_>,
    gradients: &[f32],
    result: &mut [f32],
) {
    let lanes = lanes(arch);
    let blocks = blocks(geometry.outputs, lanes);
    let chunks: Vec<_> = (0..geometry.channels)
        .step_by(CHANNELS)
        .map(|start| start..(start + CHANNELS).min(geometry.channels))
        .map(|channels| (pieces(geometry, channels.len()), channels))
        .collect();
    let cells = geometry.groups * blocks.len() * chunks.len();
    let of_part = geometry.images.div_ceil(TASKS.div_ceil(cells));
    let parts = geometry.images.div_ceil(of_part);
    let sums = (0..cells * parts).into_par_iter().map(|task| {
        let (cell, part) = (task / parts, task % parts);
        let (pieces, channels) = &chunks[cell % chunks.len()];
        let (block, group) = (blocks[cell / chunks.len() % blocks.len()], cell / chunks.len() / blocks.len());
        let of_task = part * of_part..((part + 1) * of_part).min(geometry.images);
        run(arch, Task { geometry, block, group, pieces, channels: channels.clone(), images, gradients, of_task })
    });
    let sums: Vec<Vec<f32>> = sums.collect();
    for (cell, parts) in sums.chunks(parts).enumerate() {
        let (block, group) = (blocks[cell / chunks.len() % blocks.len()], cell / chunks.len() / blocks.len());
        let channels = &chunks[cell % chunks.len()].1;
        let (width, taps) = (block.vectors * lanes, geometry.taps());
        let mut whole = parts[0].clone();
        for part in &parts[1..] {
            whole.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
        }
        for output in 0..block.count {
            for (position, channel) in channels.clone().enumerate() {
                let row = group * geometry.outputs + block.start + output;
                let to = &mut result[(row * geometry.channels + channel) * taps..][..taps];
                for (tap, to) in to.iter_mut().enumerate() {
                    *to = whole[(tap * channels.len() + position) * width + output];
                }
            }
        }
    }
}

fn pieces(geometry: &Geometry, channels: usize) -> Vec<Piece> {
    let [rows, columns] = [0, 1].map(|dim| geometry.outputs_by_taps(dim));
    let inside = |dim: usize, tap: usize| {
        let classes = if dim == 0 { &rows } else { &columns };
        let seeing = classes.iter().filter(|class| class.taps.iter().any(|found| found.0 == tap));
        let targets: Vec<usize> = seeing.flat_map(|class| class.targets.iter().map(|target| target.0)).collect();
        // Those that a tap is inside for are neighbours.
        targets.iter().min().map_or(0..0, |first| *first..first + targets.len())
    };
    let tap = |dim: usize, tap: usize| (tap * geometry.dilation[dim]) as isize - geometry.padding[dim] as isize;
    let is_merged = channels == geometry.all_channels() && geometry.dilation[1] == 1;
    let mut found = Vec::new();
    for row in 0..geometry.kernel[0] {
        let mut add = |columns: Range<usize>, first: usize, taps: usize| {
            let sums = (row * geometry.kernel[1] + first) * channels;
            let tap = [tap(0, row), tap(1, first)];
            found.push(Piece { rows: inside(0, row), columns, tap, count: taps * channels, sums });
        };
        if is_merged {
            for class in columns.iter().filter(|class| !class.taps.is_empty()) {
                let mut targets = class.targets.iter().map(|target| target.0).peekable();
                while let Some(start) = targets.next() {
                    let mut end = start + 1;
                    while targets.next_if_eq(&end).is_some() {
                        end += 1;
                    }
                    add(start..end, class.taps[0].0, class.taps.len());
                }
            }
        } else {
            (0..geometry.kernel[1]).for_each(|column| add(inside(1, column), column, 1));
        }
    }
    found.retain(|piece| !piece.rows.is_empty() && !piece.columns.is_empty());
    found
}

/// The sums of some channels by a block of outputs, over some images.
struct Task<'a> {
    geometry: &'a Geometry,
    block: Block,
    group: usize,
    pieces: &'a [Piece],
    channels: Range<usize>,
    images: Images<'a>,
    gradients: &'a [f32],
    of_task: Range<usize>,
}

impl Kernel for Task<'_> {
    /// `[tap, channel, width of the block]`.
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<V: Vector>(self, vector: V) -> Vec<f32> {
        match self.block.vectors {
            1 => self.sums::<V, 1>(vector),
            _ => self.sums::<V, 2>(vector),
        }
    }
}

impl Task<'_> {
    #[inline(always)]
    fn sums<V: Vector, const R: usize>(&self, vector: V) -> Vec<f32> {
        let (geometry, width) = (self.geometry, R * V::LANES);
        let mut sums = vec![0.0; geometry.taps() * self.channels.len() * width];
        let at_once = (PIXELS / geometry.positions()).clamp(1, self.of_task.len());
        let band = if geometry.positions() > PIXELS { (PIXELS / geometry.out[1]).max(1) } else { geometry.out[0] };
        let (mut room, mut copy, mut lines) = (Buffer::stale(0), Vec::new(), Vec::new());
        for image in self.of_task.clone().step_by(at_once) {
            let images = image..(image + at_once).min(self.of_task.end);
            for top in (0..geometry.out[0]).step_by(band) {
                let rows = top..(top + band).min(geometry.out[0]);
                let view = self.images.part(geometry.of_images(), images.clone(), self.seen(&rows), &mut room);
                let is_whole = self.block.count == width;
                if !is_whole {
                    self.fill_up(&mut copy, &images, &rows, width);
                }
                for piece in self.pieces {
                    self.lines(&mut lines, piece, &view, &images, &rows, if is_whole { 0 } else { width });
                    let step = geometry.stride[1] * geometry.all_channels();
                    let sources = Strided { values: view.values().as_ptr(), step };
                    let gradients = match is_whole {
                        true => Strided { values: self.gradients.as_ptr(), step: geometry.all_outputs() },
                        false => Strided { values: copy.as_ptr(), step: width },
                    };
                    let lines = Lines { starts: &lines, len: piece.columns.len() };
                    let sums = sums[piece.sums * width..].as_mut_ptr();
                    // SAFETY: the taps of a piece lie inside for each of its outputs.
                    unsafe { outer::<V, R>(vector, piece.count, lines, sources, gradients, sums) };
                }
            }
        }
        sums
    }

    /// The rows of pixels that rows of outputs see.
    fn seen(&self, rows: &Range<usize>) -> Range<usize> {
        let Geometry { kernel, stride, padding, dilation, size, .. } = *self.geometry;
        let first = (rows.start * stride[0]).saturating_sub(padding[0]);
        let last = (rows.end - 1) * stride[0] + (kernel[0] - 1) * dilation[0];
        first.min(size[0])..(last + 1).saturating_sub(padding[0]).clamp(first.min(size[0]), size[0])
    }

    /// Where the lines of a piece begin. The gradients are those of the images, or those that were filled up to `width`.
    fn lines(
        &self,
        lines: &mut Vec<(usize, usize)>,
        piece: &Piece,
        view: &View<'_>,
        images: &Range<usize>,
        rows: &Range<usize>,
        width: usize,
    ) {
        let Geometry { stride, out, .. } = *self.geometry;
        let outputs = self.geometry.all_outputs();
        let offset = self.group * self.geometry.channels + self.channels.start;
        lines.clear();
        for image in images.clone() {
            for row in piece.rows.start.max(rows.start)..piece.rows.end.min(rows.end) {
                let seen = [row * stride[0], piece.columns.start * stride[1]];
                let [y, x] = [0, 1].map(|dim| seen[dim].wrapping_add_signed(piece.tap[dim]));
                let position = row * out[1] + piece.columns.start;
                let gradient = match width {
                    0 => (image * out[0] * out[1] + position) * outputs + self.start(),
                    _ => {
                        let of_rows = rows.len() * out[1];
                        ((image - images.start) * of_rows + position - rows.start * out[1]) * width
                    }
                };
                lines.push((view.place(image, y, x) + offset, gradient));
            }
        }
    }

    /// The gradients of a block that is no whole number of vectors, with zeros after it.
    fn fill_up(&self, copy: &mut Vec<f32>, images: &Range<usize>, rows: &Range<usize>, width: usize) {
        let (out, outputs) = (self.geometry.out, self.geometry.all_outputs());
        copy.clear();
        for image in images.clone() {
            for position in rows.start * out[1]..rows.end * out[1] {
                let from = (image * out[0] * out[1] + position) * outputs + self.start();
                copy.extend_from_slice(&self.gradients[from..from + self.block.count]);
                copy.resize(copy.len() + width - self.block.count, 0.0);
            }
        }
    }

    /// The first output of the block among those of all groups.
    fn start(&self) -> usize {
        self.group * self.geometry.outputs + self.block.start
    }
}
