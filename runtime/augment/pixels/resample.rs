//! Resizing with the weights of [`Axis`]: across the rows first, which takes whole rows, then along them.

use super::{
    super::Size,
    Interpolation,
    interpolation::Axis,
    wide::{kept, wide},
};

/// Prepared weights and the buffer between the two passes, kept for the next image.
#[derive(Debug, Default)]
pub struct Resampler {
    from: Size,
    to: Size,
    rows: Axis,
    columns: Axis,
    between: Vec<f32>,
}

impl Resampler {
    /// Prepares to resize planes of size `from` to size `to`.
    pub fn prepare(&mut self, from: Size, to: Size, interpolation: Interpolation, antialias: bool) {
        self.rows.prepare(interpolation, antialias, from.0, to.0);
        self.columns.prepare(interpolation, antialias, from.1, to.1);
        (self.from, self.to) = (from, to);
    }

    /// Resizes planes that lie one after another, and clamps to the bounds.
    pub fn resize(&mut self, source: &[f32], bounds: [f32; 2], target: &mut Vec<f32>) {
        let ((height, width), to) = (self.from, self.to);
        let planes = source.len() / (height * width);
        target.resize(planes * to.0 * to.1, 0.0);
        self.between.resize(planes * to.0 * width, 0.0);
        planar(source, self.from, [&self.rows, &self.columns], to, bounds, &mut self.between, target);
    }

    /// Resizes an image of three channels whose pixels lie one after another, to three planes, likewise.
    pub fn resize_pixels(&mut self, source: &[f32], bounds: [f32; 2], target: &mut Vec<f32>) {
        let ((_, width), to) = (self.from, self.to);
        target.resize(3 * to.0 * to.1, 0.0);
        // A pixel is read as four numbers, of which the last is not used.
        self.between.resize(to.0 * 3 * width + 1, 0.0);
        let axes = [&self.rows, &self.columns];
        pixelwise(source, width, axes, to, bounds, &mut self.between, target);
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
        planes.for_each(|(plane, out)| across(plane, rows, from.1, out));
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
        between: &mut [f32],
        target: &mut [f32],
    ) {
        let [rows, columns] = axes;
        let len = between.len() - 1;
        across(source, rows, 3 * width, &mut between[..len]);
        let (red, rest) = target.split_at_mut(to.0 * to.1);
        let (green, blue) = rest.split_at_mut(to.0 * to.1);
        let planes = red.chunks_exact_mut(to.1).zip(green.chunks_exact_mut(to.1)).zip(blue.chunks_exact_mut(to.1));
        for (row, ((red, green), blue)) in planes.enumerate() {
            let row = &between[row * 3 * width..][..3 * width + 1];
            match columns.taps {
                1 => along_pixels::<1>(row, columns, bounds, [red, green, blue]),
                2 => along_pixels::<2>(row, columns, bounds, [red, green, blue]),
                3 => along_pixels::<3>(row, columns, bounds, [red, green, blue]),
                4 => along_pixels::<4>(row, columns, bounds, [red, green, blue]),
                5 => along_pixels::<5>(row, columns, bounds, [red, green, blue]),
                7 => along_pixels::<7>(row, columns, bounds, [red, green, blue]),
                9 => along_pixels::<9>(row, columns, bounds, [red, green, blue]),
                _ => along_many_pixels(row, columns, bounds, [red, green, blue]),
            }
        }
    }
}

/// One row of pixels of three numbers: every one is a weighted sum of pixels of the same row.
#[inline(always)]
fn along_pixels<const TAPS: usize>(row: &[f32], axis: &Axis, bounds: [f32; 2], planes: [&mut [f32]; 3]) {
    let taps = axis.positions.as_chunks::<TAPS>().0.iter().zip(axis.weights.as_chunks::<TAPS>().0);
    let [red, green, blue] = planes;
    for ((((positions, weights), red), green), blue) in taps.zip(red).zip(green).zip(blue) {
        let mut sum = [0.0; 4];
        for tap in 0..TAPS {
            add(&mut sum, row, positions[tap], weights[tap]);
        }
        [*red, *green, *blue] = [sum[0], sum[1], sum[2]].map(|x| kept(x, bounds));
    }
}

#[inline(always)]
fn along_many_pixels(row: &[f32], axis: &Axis, bounds: [f32; 2], planes: [&mut [f32]; 3]) {
    let taps = axis.positions.chunks_exact(axis.taps).zip(axis.weights.chunks_exact(axis.taps));
    let [red, green, blue] = planes;
    for ((((positions, weights), red), green), blue) in taps.zip(red).zip(green).zip(blue) {
        let mut sum = [0.0; 4];
        for (position, weight) in positions.iter().zip(weights) {
            add(&mut sum, row, *position, *weight);
        }
        [*red, *green, *blue] = [sum[0], sum[1], sum[2]].map(|x| kept(x, bounds));
    }
}

/// Adds a pixel, as four numbers at once.
#[inline(always)]
fn add(sum: &mut [f32; 4], row: &[f32], position: usize, weight: f32) {
    let pixel = &row[3 * position..3 * position + 4];
    for lane in 0..4 {
        sum[lane] += weight * pixel[lane];
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

/// Every row is a weighted sum of rows of so many values.
#[inline(always)]
fn across(source: &[f32], axis: &Axis, width: usize, out: &mut [f32]) {
    let row = |position: usize| &source[position * width..][..width];
    let taps = axis.positions.chunks_exact(axis.taps).zip(axis.weights.chunks_exact(axis.taps));
    for (out, (positions, weights)) in out.chunks_exact_mut(width).zip(taps) {
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
