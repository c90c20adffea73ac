//! The gradient of a convolution by its weight as matrix products of gradients and patches, a few hundred pixels at a time,
//! so that patches stay in the cache.

use std::ops::Range;

use rayon::prelude::*;

use super::geometry::{Class, Geometry};
use crate::{
    linalg::{Matrix, MatrixMut, product},
    tensor::cpu::buffer::Buffer,
};

/// Pixels of a product, about.
const PIXELS: usize = 512;

/// Bytes of all sums that are made side by side, at most.
const SUMS: usize = 8 << 20;

/// Sums of a row of the kernel that are made side by side, at most.
const PARTS: usize = 8;

/// The weight's gradient `[O, C, h, w]`, from `[N, H, W, C]` and `[N, h′, w′, O]`.
pub(super) fn weight_gradient(geometry: &Geometry, values: &[f32], gradients: &[f32], result: &mut [f32]) {
    let Geometry { images, channels, outputs, kernel, out, .. } = *geometry;
    let patches = Patches::new(geometry);
    let at_once = (PIXELS / geometry.positions()).clamp(1, images);
    let band = if geometry.positions() > PIXELS { (PIXELS / out[1]).max(1) } else { out[0] };
    let bands = out[0].div_ceil(band);
    let steps = images.div_ceil(at_once) * bands;
    // A task has one row of the kernel and some of the pixels.
    let depth = kernel[1] * channels;
    let size = outputs * depth;
    let parts = (SUMS / (size * 4 * kernel[0])).clamp(1, PARTS).min(steps);
    let of_part = steps.div_ceil(parts);
    let parts = steps.div_ceil(of_part);
    let mut sums = Buffer::stale(kernel[0] * parts * size);
    sums.par_chunks_mut(size).enumerate().for_each_init(
        || Buffer::stale(at_once * band * out[1] * depth),
        |room, (task, sums)| {
            let (tap, part) = (task / parts, task % parts);
            for step in part * of_part..((part + 1) * of_part).min(steps) {
                let (first, top) = (step / bands * at_once, step % bands * band);
                let of_step = first..(first + at_once).min(images);
                let rows = top..(top + band).min(out[0]);
                let pixels = of_step.len() * rows.len() * out[1];
                let start = (of_step.start * out[0] + rows.start) * out[1] * outputs;
                let room = &mut room[..pixels * depth];
                patches.gather(values, tap, of_step, &rows, room);
                let left = Matrix::rows(&gradients[start..start + pixels * outputs], pixels, outputs).transposed();
                let right = Matrix::rows(room, pixels, depth);
                product(MatrixMut::rows(sums, outputs, depth), left, right, 1.0, step > part * of_part);
            }
        },
    );
    result.par_chunks_mut(channels * geometry.taps()).enumerate().for_each(|(output, result)| {
        for (tap, parts) in sums.chunks(parts * size).enumerate() {
            for column in 0..kernel[1] {
                for channel in 0..channels {
                    let place = output * depth + column * channels + channel;
                    let sum = parts.chunks(size).map(|part| part[place]).sum();
                    result[(channel * kernel[0] + tap) * kernel[1] + column] = sum;
                }
            }
        }
    });
}

/// How patches are put together: `[pixel, w, C]` for a row of the kernel.
struct Patches<'a> {
    geometry: &'a Geometry,
    columns: Vec<Class>,
    /// The class of each column of outputs.
    of_column: Vec<usize>,
}

impl<'a> Patches<'a> {
    fn new(geometry: &'a Geometry) -> Self {
        let columns = geometry.outputs_by_taps(1);
        let mut of_column = vec![0; geometry.out[1]];
        for (number, class) in columns.iter().enumerate() {
            class.targets.iter().for_each(|target| of_column[target.0] = number);
        }
        Self { geometry, columns, of_column }
    }

    fn gather(&self, values: &[f32], tap: usize, images: Range<usize>, rows: &Range<usize>, to: &mut [f32]) {
        let Geometry { channels, size, kernel, stride, padding, dilation, out, .. } = *self.geometry;
        let depth = kernel[1] * channels;
        let lines = images.flat_map(|image| rows.clone().map(move |row| (image, row)));
        for ((image, row), to) in lines.zip(to.chunks_mut(out[1] * depth)) {
            let y = (row * stride[0] + tap * dilation[0]).checked_sub(padding[0]).filter(|y| *y < size[0]);
            let Some(y) = y else {
                to.fill(0.0);
                continue;
            };
            let line = &values[(image * size[0] + y) * size[1] * channels..][..size[1] * channels];
            for (column, to) in to.chunks_mut(depth).enumerate() {
                let class = &self.columns[self.of_column[column]];
                let pixel = |across: isize| (column * stride[1]).wrapping_add_signed(across) * channels;
                if class.taps.len() < kernel[1] {
                    to.fill(0.0);
                }
                match class.taps.first() {
                    // Neighbouring taps see neighbouring pixels.
                    Some((first, across)) if dilation[1] == 1 => {
                        let len = class.taps.len() * channels;
                        to[first * channels..][..len].copy_from_slice(&line[pixel(*across)..][..len]);
                    }
                    _ => {
                        for (tap, across) in &class.taps {
                            to[tap * channels..][..channels].copy_from_slice(&line[pixel(*across)..][..channels]);
                        }
                    }
                }
            }
        }
    }
}
