//! Resizing with the weights of [`Axis`]: across the rows first, which takes whole rows, then along them.

use super::{
    super::Size,
    Interpolation,
    interpolation::Axis,
    wide::{kept, wide},
};

/// Prepared weights and the buffers between the two passes, kept for the next image.
#[derive(Debug, Default)]
pub struct Resampler {
    from: Size,
    to: Size,
    prepared: Option<(Size, Size, Interpolation, bool)>,
    rows: Axis,
    columns: Axis,
    between: Vec<f32>,
    block: Vec<Block>,
}

/// As many rows of one column of an image in colours as fit into the widest vector, three numbers each.
type Block = [f32; 16];

/// The rows of a [`Block`].
const ROWS: usize = 5;

/// Columns that are resized before they are handed to their planes: they stay in the nearest cache.
const COLUMNS: usize = 64;

impl Resampler {
    /// Prepares to resize planes of size `from` to size `to`.
    pub fn prepare(&mut self, from: Size, to: Size, interpolation: Interpolation, antialias: bool) {
        // Images of one size that are resized to another are many.
        let wanted = Some((from, to, interpolation, antialias));
        if self.prepared == wanted {
            return;
        }
        self.rows.prepare(interpolation, antialias, from.0, to.0);
        self.columns.prepare(interpolation, antialias, from.1, to.1);
        (self.from, self.to, self.prepared) = (from, to, wanted);
    }

    /// Resizes planes that lie one after another, and clamps to the bounds.
    pub fn resize(&mut self, source: &[f32], bounds: [f32; 2], target: &mut [f32]) {
        let ((height, width), to) = (self.from, self.to);
        let planes = source.len() / (height * width);
        self.between.resize(planes * to.0 * width, 0.0);
        planar(source, self.from, [&self.rows, &self.columns], to, bounds, &mut self.between, target);
    }

    /// Resizes an image of three channels whose pixels lie one after another, to three planes, likewise.
    pub fn resize_pixels(&mut self, source: &[f32], bounds: [f32; 2], target: &mut [f32]) {
        let ((_, width), to) = (self.from, self.to);
        // A pixel is read as four numbers, of which the last is not used.
        self.between.resize(3 * width * ROWS + 1, 0.0);
        self.block.resize(width, [0.0; 16]);
        let axes = [&self.rows, &self.columns];
        let room = (&mut *self.between, &mut *self.block);
        pixelwise(source, width, axes, to, bounds, room, target);
    }
}

wide! {
    fn planar(
        source: &[f32],
        from: Size,
        axes: [&Axis; 2],
        to: Size,
        bounds: [f32; 2],
        between: &mut [f32],
        target: &mut [f32],
    ) {
        let [rows, columns] = axes;
        let planes = source.chunks_exact(from.0 * from.1).zip(between.chunks_exact_mut(to.0 * from.1));
        planes.for_each(|(plane, out)| across(plane, rows, 0, from.1, out));
        for (row, out) in between.chunks_exact(from.1).zip(target.chunks_exact_mut(to.1)) {
            along(row, columns, out);
            out.iter_mut().for_each(|x| *x = kept(*x, bounds));
        }
    }

    fn pixelwise(
        source: &[f32],
        width: usize,
        axes: [&Axis; 2],
        to: Size,
        bounds: [f32; 2],
        room: (&mut [f32], &mut [Block]),
        target: &mut [f32],
    ) {
        let ([rows, columns], (between, block)) = (axes, room);
        let mut made = [[0.0; 16]; COLUMNS];
        for first in (0..to.0).step_by(ROWS) {
            let count = ROWS.min(to.0 - first);
            across(source, rows, first, 3 * width, &mut between[..3 * width * count]);
            for row in 0..count {
                let values = &between[3 * width * row..][..3 * width + 1];
                for (column, block) in block.iter_mut().enumerate() {
                    block[3 * row..3 * row + 4].copy_from_slice(&values[3 * column..3 * column + 4]);
                }
            }
            for from in (0..to.1).step_by(COLUMNS) {
                let made = &mut made[..COLUMNS.min(to.1 - from)];
                match columns.taps {
                    1 => along_blocks::<1>(block, columns, from, made),
                    2 => along_blocks::<2>(block, columns, from, made),
                    3 => along_blocks::<3>(block, columns, from, made),
                    4 => along_blocks::<4>(block, columns, from, made),
                    5 => along_blocks::<5>(block, columns, from, made),
                    7 => along_blocks::<7>(block, columns, from, made),
                    9 => along_blocks::<9>(block, columns, from, made),
                    _ => along_many_blocks(block, columns, from, made),
                }
                for (row, channel) in (0..count).flat_map(|row| [0, 1, 2].map(|channel| (row, channel))) {
                    let start = (channel * to.0 + first + row) * to.1 + from;
                    let lane = 3 * row + channel;
                    for (out, block) in target[start..start + made.len()].iter_mut().zip(&*made) {
                        *out = kept(block[lane], bounds);
                    }
                }
            }
        }
    }
}

/// Columns from one on: every one is a weighted sum of columns.
#[inline(always)]
fn along_blocks<const TAPS: usize>(blocks: &[Block], axis: &Axis, from: usize, made: &mut [Block]) {
    let taps = axis.positions.as_chunks::<TAPS>().0.iter().zip(axis.weights.as_chunks::<TAPS>().0);
    for (out, (positions, weights)) in made.iter_mut().zip(taps.skip(from)) {
        let mut sum = [0.0; 16];
        // All but those at an edge read neighbours, which takes one look at the bounds.
        if positions[TAPS - 1] - positions[0] == TAPS - 1 {
            let blocks = &blocks[positions[0]..][..TAPS];
            for tap in 0..TAPS {
                add(&mut sum, &blocks[tap], weights[tap]);
            }
        } else {
            for tap in 0..TAPS {
                add(&mut sum, &blocks[positions[tap]], weights[tap]);
            }
        }
        *out = sum;
    }
}

#[inline(always)]
fn along_many_blocks(blocks: &[Block], axis: &Axis, from: usize, made: &mut [Block]) {
    let taps = axis.positions.chunks_exact(axis.taps).zip(axis.weights.chunks_exact(axis.taps));
    for (out, (positions, weights)) in made.iter_mut().zip(taps.skip(from)) {
        let mut sum = [0.0; 16];
        for (position, weight) in positions.iter().zip(weights) {
            add(&mut sum, &blocks[*position], *weight);
        }
        *out = sum;
    }
}

#[inline(always)]
fn add(sum: &mut Block, block: &Block, weight: f32) {
    for lane in 0..16 {
        sum[lane] += weight * block[lane];
    }
}

/// One row: every value is a weighted sum of values of the same row.
#[inline(always)]
fn along(row: &[f32], axis: &Axis, out: &mut [f32]) {
    match axis.taps {
        1 => out.iter_mut().zip(&axis.positions).for_each(|(out, position)| *out = row[*position]),
        2 => along_taps::<2>(row, axis, out),
        3 => along_taps::<3>(row, axis, out),
        4 => along_taps::<4>(row, axis, out),
        5 => along_taps::<5>(row, axis, out),
        taps => {
            let taps = axis.positions.chunks_exact(taps).zip(axis.weights.chunks_exact(taps));
            for (out, (positions, weights)) in out.iter_mut().zip(taps) {
                *out = positions.iter().zip(weights).map(|(&position, weight)| weight * row[position]).sum();
            }
        }
    }
}

#[inline(always)]
fn along_taps<const TAPS: usize>(row: &[f32], axis: &Axis, out: &mut [f32]) {
    let taps = axis.positions.as_chunks::<TAPS>().0.iter().zip(axis.weights.as_chunks::<TAPS>().0);
    for (out, (positions, weights)) in out.iter_mut().zip(taps) {
        *out = (0..TAPS).map(|tap| weights[tap] * row[positions[tap]]).sum();
    }
}

/// Rows from one on: every one is a weighted sum of rows of so many values.
#[inline(always)]
fn across(source: &[f32], axis: &Axis, first: usize, width: usize, out: &mut [f32]) {
    let row = |position: usize| &source[position * width..][..width];
    let taps = axis.positions.chunks_exact(axis.taps).zip(axis.weights.chunks_exact(axis.taps));
    for (out, (positions, weights)) in out.chunks_exact_mut(width).zip(taps.skip(first)) {
        match (positions, weights) {
            (&[i], _) => out.copy_from_slice(row(i)),
            (&[i, j], &[a, b]) => sum([row(i), row(j)], [a, b], out),
            (&[i, j, k], &[a, b, c]) => sum([row(i), row(j), row(k)], [a, b, c], out),
            (&[i, j, k, l], &[a, b, c, d]) => sum([row(i), row(j), row(k), row(l)], [a, b, c, d], out),
            (&[i, j, k, l, m], &[a, b, c, d, e]) => {
                sum([row(i), row(j), row(k), row(l), row(m)], [a, b, c, d, e], out);
            }
            _ => {
                out.fill(0.0);
                for (&position, weight) in positions.iter().zip(weights) {
                    out.iter_mut().zip(row(position)).for_each(|(out, x)| *out += weight * x);
                }
            }
        }
    }
}

/// Σ weight · row, in the order of the rows.
#[inline(always)]
fn sum<const ROWS: usize>(rows: [&[f32]; ROWS], weights: [f32; ROWS], out: &mut [f32]) {
    let len = out.len();
    let rows = rows.map(|row| &row[..len]);
    for (i, out) in out.iter_mut().enumerate() {
        let mut sum = weights[0] * rows[0][i];
        for row in 1..ROWS {
            sum += weights[row] * rows[row][i];
        }
        *out = sum;
    }
}
