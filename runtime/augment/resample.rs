//! Resizing three planes: first along the rows, then across them, with the weights of [`Axis`].

use super::{Interpolation, Size, interpolation::Axis};

/// Prepared weights and the buffer between the two passes, kept for the next image.
#[derive(Debug, Default)]
pub(super) struct Resampler {
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

    /// Resizes planes `[3, height, width]` and clamps to `0..1`.
    pub fn resize(&mut self, source: &[f32], target: &mut Vec<f32>) {
        let ((height, width), (target_height, target_width)) = (self.from, self.to);
        self.between.resize(3 * height * target_width, 0.0);
        target.resize(3 * target_height * target_width, 0.0);
        for (row, out) in source.chunks_exact(width).zip(self.between.chunks_exact_mut(target_width)) {
            along(row, &self.columns, out);
        }
        let planes = self.between.chunks_exact(height * target_width);
        for (plane, out) in planes.zip(target.chunks_exact_mut(target_height * target_width)) {
            across(plane, &self.rows, target_width, out);
        }
    }
}

/// One row: every pixel is a weighted sum of pixels of the same row.
fn along(row: &[f32], axis: &Axis, out: &mut [f32]) {
    match axis.taps {
        2 => along_taps::<2>(row, axis, out),
        4 => along_taps::<4>(row, axis, out),
        taps => {
            let taps = axis.positions.chunks_exact(taps).zip(axis.weights.chunks_exact(taps));
            for (out, (positions, weights)) in out.iter_mut().zip(taps) {
                *out = positions.iter().zip(weights).map(|(&position, weight)| weight * row[position]).sum();
            }
        }
    }
}

fn along_taps<const TAPS: usize>(row: &[f32], axis: &Axis, out: &mut [f32]) {
    let taps = axis.positions.as_chunks::<TAPS>().0.iter().zip(axis.weights.as_chunks::<TAPS>().0);
    for (out, (positions, weights)) in out.iter_mut().zip(taps) {
        *out = (0..TAPS).map(|tap| weights[tap] * row[positions[tap]]).sum();
    }
}

/// One plane: every row is a weighted sum of rows.
fn across(plane: &[f32], axis: &Axis, width: usize, out: &mut [f32]) {
    let row = |position: usize| &plane[position * width..][..width];
    let taps = axis.positions.chunks_exact(axis.taps).zip(axis.weights.chunks_exact(axis.taps));
    for (out, (positions, weights)) in out.chunks_exact_mut(width).zip(taps) {
        if let (&[i, j, k, l], &[w0, w1, w2, w3]) = (positions, weights) {
            for ((((out, a), b), c), d) in out.iter_mut().zip(row(i)).zip(row(j)).zip(row(k)).zip(row(l)) {
                *out = (w0 * a + w1 * b + w2 * c + w3 * d).clamp(0.0, 1.0);
            }
            continue;
        }
        out.fill(0.0);
        for (&position, weight) in positions.iter().zip(weights) {
            out.iter_mut().zip(row(position)).for_each(|(out, x)| *out += weight * x);
        }
        out.iter_mut().for_each(|x| *x = x.clamp(0.0, 1.0));
    }
}
