//! A convolution by a 1×1 kernel without padding as a matrix product of pixels and weights.

use std::ops::Range;

use rayon::prelude::*;

use super::geometry::Geometry;
use crate::{
    linalg::{Matrix, MatrixMut, product},
    tensor::cpu::buffer::Buffer,
};

/// Pixels of a task, about.
const PIXELS: usize = 1024;

/// Bytes of all sums of a weight's gradient that are made side by side, at most.
const SUMS: usize = 8 << 20;

/// Sums that are made side by side, at most.
const PARTS: usize = 8;

/// Whether a convolution is such a product.
pub(super) fn fits(geometry: &Geometry) -> bool {
    geometry.kernel == [1, 1] && geometry.padding == [0, 0] && geometry.groups == 1
}

/// `[N, h′, w′, O]` from `[N, h, w, C]`.
pub(super) fn outputs(geometry: &Geometry, values: &[f32], weight: &[f32], bias: Option<&[f32]>, result: &mut [f32]) {
    let Geometry { channels, outputs, .. } = *geometry;
    let weight = Matrix::rows(weight, outputs, channels).transposed();
    result.par_chunks_mut(PIXELS * outputs).enumerate().for_each_init(
        || Buffer::stale(0),
        |room, (number, result)| {
            let pixels = result.len() / outputs;
            let positions = number * PIXELS..number * PIXELS + pixels;
            let sources = Matrix::rows(seen(geometry, values, &positions, room), pixels, channels);
            if let Some(bias) = bias {
                result.chunks_mut(outputs).for_each(|result| result.copy_from_slice(bias));
            }
            product(MatrixMut::rows(result, pixels, outputs), sources, weight, 1.0, bias.is_some());
        },
    );
}

/// `[N, h, w, C]` from `[N, h′, w′, O]`.
pub(super) fn image_gradient(geometry: &Geometry, gradients: &[f32], weight: &[f32], result: &mut [f32]) {
    let Geometry { channels, outputs, out, stride, size, .. } = *geometry;
    let weight = Matrix::rows(weight, outputs, channels);
    let whole = |result: &mut [f32], gradients: &[f32]| {
        let pixels = result.len() / channels;
        let gradients = Matrix::rows(gradients, pixels, outputs);
        product(MatrixMut::rows(result, pixels, channels), gradients, weight, 1.0, false);
    };
    if stride == [1, 1] {
        let chunks = result.par_chunks_mut(PIXELS * channels).zip(gradients.par_chunks(PIXELS * outputs));
        return chunks.for_each(|(result, gradients)| whole(result, gradients));
    }
    // Pixels that no output sees have no gradient.
    let images = result.par_chunks_mut(geometry.pixels() * channels);
    images.zip(gradients.par_chunks(geometry.positions() * outputs)).for_each_init(
        || Buffer::stale(0),
        |room, (result, gradients)| {
            let len = geometry.positions() * channels;
            if room.len() < len {
                *room = Buffer::stale(len);
            }
            whole(&mut room[..len], gradients);
            result.fill(0.0);
            for (position, from) in room[..len].chunks(channels).enumerate() {
                let pixel = position / out[1] * stride[0] * size[1] + position % out[1] * stride[1];
                result[pixel * channels..][..channels].copy_from_slice(from);
            }
        },
    );
}

/// The weight's gradient `[O, C]`.
pub(super) fn weight_gradient(geometry: &Geometry, values: &[f32], gradients: &[f32], result: &mut [f32]) {
    let Geometry { channels, outputs, images, .. } = *geometry;
    let (positions, size) = (images * geometry.positions(), channels * outputs);
    // As many sums side by side as there is room for; those are cut by outputs, so that there are enough tasks.
    let parts = (SUMS / (size * 4)).clamp(1, PARTS).min(positions.div_ceil(PIXELS));
    let rows = outputs.div_ceil(PARTS.div_ceil(parts));
    let cuts = outputs.div_ceil(rows);
    let of_part = positions.div_ceil(parts).next_multiple_of(PIXELS);
    let parts = positions.div_ceil(of_part);
    let mut sums = Buffer::stale(parts * size);
    let tasks: Vec<_> = sums.chunks_mut(size).flat_map(|part| part.chunks_mut(rows * channels)).collect();
    tasks.into_par_iter().enumerate().for_each_init(
        || Buffer::stale(0),
        |room, (number, sums)| {
            let (part, cut) = (number / cuts, number % cuts);
            let (first, count) = (cut * rows, sums.len() / channels);
            let end = ((part + 1) * of_part).min(positions);
            for start in (part * of_part..end).step_by(PIXELS) {
                let some = start..(start + PIXELS).min(end);
                let left = Matrix::rows(&gradients[some.start * outputs..some.end * outputs], some.len(), outputs);
                let left = left.part(0..some.len(), first..first + count).transposed();
                let right = Matrix::rows(seen(geometry, values, &some, room), some.len(), channels);
                product(MatrixMut::rows(sums, count, channels), left, right, 1.0, start > part * of_part);
            }
        },
    );
    result.copy_from_slice(&sums[..size]);
    for part in sums[size..].chunks(size) {
        result.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
    }
}

/// The pixels that some positions of the result see, one after another: as they lie, or put together in `room`.
fn seen<'a>(geometry: &Geometry, values: &'a [f32], positions: &Range<usize>, room: &'a mut Buffer) -> &'a [f32] {
    let Geometry { channels, size, stride, out, .. } = *geometry;
    if stride == [1, 1] {
        return &values[positions.start * channels..positions.end * channels];
    }
    let len = positions.len() * channels;
    if room.len() < len {
        *room = Buffer::stale(len);
    }
    for (position, to) in positions.clone().zip(room.chunks_mut(channels)) {
        let (image, position) = (position / geometry.positions(), position % geometry.positions());
        let row = image * size[0] + position / out[1] * stride[0];
        let pixel = row * size[1] + position % out[1] * stride[1];
        to.copy_from_slice(&values[pixel * channels..][..channels]);
    }
    &room[..len]
}
