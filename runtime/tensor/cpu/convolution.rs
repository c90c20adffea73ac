//! Convolution as matrix products of blocks of patches: forward Y = W·P, backward dW = dY·Pᵀ and dP = Wᵀ·dY. Blocks
//! are a few hundred columns wide, so that they stay in the cache, and are shared out over the cores.

use std::ops::Range;

use burn_dispatch::backends::flex::FlexTensor;
use rayon::prelude::*;

use super::{
    floats::{beside, contiguous, floats},
    im2col::Geometry,
};
use crate::{
    Result,
    linalg::{Matrix, MatrixMut, product},
    tensor::{
        Tensor,
        operation::{Operation, record},
    },
};

/// Columns of a block, about.
const COLUMNS: usize = 512;

/// Parts whose weight gradients are summed one after another, so that the sum does not depend on the cores.
const PARTS: usize = 8;

/// `[N, C, H, W]` with `[O, C, h, w]` gives `[N, O, H′, W′]`. None for tensors that are not on the CPU device.
///
/// # Errors
/// As [`record`].
pub(in crate::tensor) fn conv2d(images: &Tensor, weight: &Tensor, geometry: Geometry) -> Result<Option<Tensor>> {
    let Some(saved) = contiguous([images, weight]) else { return Ok(None) };
    let output = forward(&geometry, floats(&saved[0]), floats(&saved[1]));
    let shape = [geometry.images, geometry.outputs, geometry.out[0], geometry.out[1]];
    record("conv2d", [images, weight], beside(images, output, &shape), Convolve { geometry, saved }).map(Some)
}

#[derive(Clone, Debug)]
struct Convolve {
    geometry: Geometry,
    /// Images and weight.
    saved: [FlexTensor; 2],
}

impl Operation<2> for Convolve {
    fn backward(&self, by_output: &Tensor, wanted: [bool; 2]) -> Result<[Option<Tensor>; 2]> {
        let [images, weight] = self.saved.each_ref().map(floats);
        let [output] = contiguous([by_output]).expect("a gradient is on its output's device");
        let (by_image, by_weight) = backward(&self.geometry, images, weight, floats(&output), wanted);
        let Geometry { images, channels, size: [height, width], outputs, kernel: [rows, columns], .. } = self.geometry;
        Ok([
            wanted[0].then(|| beside(by_output, by_image, &[images, channels, height, width])),
            wanted[1].then(|| beside(by_output, by_weight, &[outputs, channels, rows, columns])),
        ])
    }
}

impl Geometry {
    /// Images per block, where one image has few positions.
    fn group(&self) -> usize {
        (COLUMNS / self.positions()).clamp(1, self.images)
    }

    /// The output rows of each block of a group.
    fn blocks(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let rows = if self.group() > 1 { self.out[0] } else { (COLUMNS / self.out[1]).clamp(1, self.out[0]) };
        let height = self.out[0];
        (0..height).step_by(rows).map(move |start| start..(start + rows).min(height))
    }
}

fn forward(geometry: &Geometry, images: &[f32], weight: &[f32]) -> Vec<f32> {
    let (depth, positions) = (geometry.depth(), geometry.positions());
    let mut output = vec![0.0; geometry.images * geometry.outputs * positions];
    let groups = output.par_chunks_mut(geometry.group() * geometry.outputs * positions);
    groups.zip(images.par_chunks(geometry.group() * geometry.image())).for_each_init(
        Default::default,
        |(patches, block): &mut (Vec<f32>, Vec<f32>), (output, images)| {
            for rows in geometry.blocks() {
                geometry.gather(images, &rows, patches);
                let columns = geometry.columns(images.len() / geometry.image(), &rows);
                block.resize(geometry.outputs * columns, 0.0);
                product(
                    MatrixMut::rows(block, geometry.outputs, columns),
                    Matrix::rows(weight, geometry.outputs, depth),
                    Matrix::rows(patches, depth, columns),
                    1.0,
                    false,
                );
                for (target, source) in lines(geometry, output.len(), &rows) {
                    output[target].copy_from_slice(&block[source]);
                }
            }
        },
    );
    output
}

/// The gradients by image and by weight; empty where not wanted.
fn backward(
    geometry: &Geometry,
    images: &[f32],
    weight: &[f32],
    output: &[f32],
    wanted: [bool; 2],
) -> (Vec<f32>, Vec<f32>) {
    let (depth, group) = (geometry.depth(), geometry.group());
    let groups = geometry.images.div_ceil(group);
    let part = groups.div_ceil(PARTS) * group;
    let [by_images, by_weight] = wanted;
    let mut image_gradient = vec![0.0; if by_images { images.len() } else { 0 }];
    let mut targets: Vec<&mut [f32]> =
        if by_images { image_gradient.chunks_mut(part * geometry.image()).collect() } else { Vec::new() };
    targets.resize_with(geometry.images.div_ceil(part), Default::default);
    let work = |(position, target): (usize, &mut [f32])| {
        let mut weight_gradient = vec![0.0; if by_weight { weight.len() } else { 0 }];
        let (mut patches, mut block) = (Vec::new(), Vec::new());
        let range = position * part..((position + 1) * part).min(geometry.images);
        for start in range.clone().step_by(group) {
            let count = group.min(range.end - start);
            let images = &images[start * geometry.image()..(start + count) * geometry.image()];
            let size = geometry.outputs * geometry.positions();
            let output = &output[start * size..(start + count) * size];
            for rows in geometry.blocks() {
                let columns = geometry.columns(count, &rows);
                block.resize(geometry.outputs * columns, 0.0);
                for (source, target) in lines(geometry, output.len(), &rows) {
                    block[target].copy_from_slice(&output[source]);
                }
                let outer = Matrix::rows(&block, geometry.outputs, columns);
                if by_weight {
                    geometry.gather(images, &rows, &mut patches);
                    let patches = Matrix::rows(&patches, depth, columns).transposed();
                    product(MatrixMut::rows(&mut weight_gradient, geometry.outputs, depth), outer, patches, 1.0, true);
                }
                if by_images {
                    patches.resize(depth * columns, 0.0);
                    let weight = Matrix::rows(weight, geometry.outputs, depth).transposed();
                    product(MatrixMut::rows(&mut patches, depth, columns), weight, outer, 1.0, false);
                    let first = (start - range.start) * geometry.image();
                    geometry.scatter(&patches, &rows, &mut target[first..first + count * geometry.image()]);
                }
            }
        }
        weight_gradient
    };
    let parts: Vec<Vec<f32>> = targets.into_par_iter().enumerate().map(work).collect();
    let mut parts = parts.into_iter();
    let mut weight_gradient = parts.next().unwrap_or_default();
    for part in parts {
        weight_gradient.par_iter_mut().zip(part).with_min_len(1 << 14).for_each(|(sum, value)| *sum += value);
    }
    (image_gradient, weight_gradient)
}

/// Where each line of a block lies in `[images, O, positions]` of `len` floats, and in `[O, columns]`.
fn lines(
    geometry: &Geometry,
    len: usize,
    rows: &Range<usize>,
) -> impl Iterator<Item = (Range<usize>, Range<usize>)> + use<> {
    let (positions, outputs, width) = (geometry.positions(), geometry.outputs, rows.len() * geometry.out[1]);
    let images = len / (outputs * positions);
    let offset = rows.start * geometry.out[1];
    (0..images).flat_map(move |image| {
        (0..outputs).map(move |channel| {
            let (whole, block) = ((image * outputs + channel) * positions + offset, (channel * images + image) * width);
            (whole..whole + width, block..block + width)
        })
    })
}

#[cfg(test)]
mod tests {
    use burn_backend::ops::{ConvOptions, ModuleOps};
    use burn_dispatch::Dispatch;

    use crate::{
        Device,
        rng::Stream,
        tensor::{Convolution, Kind, Tensor, gradients},
    };

    /// Outputs and gradients of a convolution on random values: ours, then Burn's.
    fn both(images: [usize; 4], weight: [usize; 4], stride: [usize; 2], padding: [usize; 2]) -> [Vec<Vec<f32>>; 2] {
        let device = Device::cpu();
        let random = |shape: &[usize], name: &str| Tensor::randn(shape, Stream::new(5, name), (0, 0), &device).unwrap();
        [true, false].map(|ours| {
            let (x, w) = (random(&images, "x").requires_grad().unwrap(), random(&weight, "w").requires_grad().unwrap());
            let y = x.conv2d(&w, None, Convolution { stride, padding, groups: 1 }).unwrap();
            let y = if ours {
                y
            } else {
                let raw = Dispatch::conv2d(x.raw(), w.raw(), None, ConvOptions::new(stride, padding, [1, 1], 1));
                Tensor::wrap(raw, Kind::Float, y.shape().to_vec(), &device)
            };
            let loss = y.mul(&random(y.shape(), "loss")).unwrap().sum(None, false).unwrap();
            let mut found = vec![y.floats().unwrap()];
            found.extend(gradients(&loss, &[x, w]).unwrap().iter().map(|gradient| gradient.floats().unwrap()));
            found
        })
    }

    #[test]
    fn values_and_gradients_are_burns_for_one_block_many_blocks_and_many_images() {
        for (images, weight, stride, padding) in [
            ([1, 1, 1, 1], [1, 1, 1, 1], [1, 1], [0, 0]),
            ([3, 2, 41, 37], [5, 2, 3, 3], [1, 1], [1, 1]),
            ([2, 3, 64, 50], [4, 3, 7, 7], [2, 2], [3, 3]),
            ([70, 6, 4, 4], [9, 6, 3, 3], [1, 1], [1, 1]),
            ([37, 4, 9, 5], [3, 4, 2, 4], [3, 1], [0, 2]),
            ([5, 3, 2, 2], [2, 3, 5, 5], [1, 2], [2, 3]),
            ([2, 1, 3, 700], [2, 1, 1, 3], [1, 1], [0, 0]),
            ([9, 8, 16, 16], [7, 8, 1, 1], [2, 2], [0, 0]),
        ] {
            let [ours, burns] = both(images, weight, stride, padding);
            for (ours, burns) in ours.iter().zip(&burns) {
                let scale = burns.iter().fold(1f32, |most, value| most.max(value.abs()));
                let worst = ours.iter().zip(burns).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / scale;
                assert!(ours.len() == burns.len() && worst < 1e-5, "{images:?} {weight:?}: off by {worst}");
            }
        }
    }

    #[test]
    fn a_convolution_is_the_same_to_the_last_bit_when_repeated() {
        let run = || both([33, 5, 8, 8], [6, 5, 3, 3], [1, 1], [1, 1])[0].concat();
        assert_eq!(run(), run());
    }
}
