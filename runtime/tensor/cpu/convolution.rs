//! Convolution as matrix products of blocks of patches: forward Y = W·P, backward dW = dY·Pᵀ and dP = Wᵀ·dY. Blocks
//! are a few hundred columns wide, so that they stay in the cache, and are shared out over the cores.

use std::ops::Range;

use rayon::prelude::*;

use super::{
    floats::{beside, contiguous, floats},
    im2col::Geometry,
};
use crate::{
    linalg::{Matrix, MatrixMut, product},
    tensor::Tensor,
};

/// Columns of a block, about.
const COLUMNS: usize = 512;

/// Parts whose weight gradients are summed one after another, so that the sum does not depend on the cores.
const PARTS: usize = 8;

/// `[N, C, H, W]` with `[O, C, h, w]` gives `[N, O, H′, W′]`, on no tape. None for tensors that are not on the CPU device.
pub(in crate::tensor) fn conv2d(images: &Tensor, weight: &Tensor, geometry: Geometry) -> Option<Tensor> {
    let [values, kernel] = contiguous([images, weight])?;
    let output = forward(&geometry, floats(&values), floats(&kernel));
    Some(beside(images, output, &[geometry.images, geometry.outputs, geometry.out[0], geometry.out[1]]))
}

/// The gradient by images, for which the weight is given, and that by the weight, for which images are; on no tape. None
/// for tensors that are not on the CPU device.
pub(in crate::tensor) fn gradients(
    images: Option<&Tensor>,
    weight: Option<&Tensor>,
    by_output: &Tensor,
    geometry: Geometry,
) -> Option<[Option<Tensor>; 2]> {
    let given = |tensor: Option<&Tensor>| match tensor {
        Some(tensor) => contiguous([tensor]).map(|[tensor]| Some(tensor)),
        None => Some(None),
    };
    let (images, weight, [output]) = (given(images)?, given(weight)?, contiguous([by_output])?);
    let (values, kernel) = (images.as_ref().map(floats), weight.as_ref().map(floats));
    let (by_image, by_weight) = backward(&geometry, values, kernel, floats(&output));
    let Geometry { images, channels, size: [height, width], outputs, kernel: [rows, columns], .. } = geometry;
    Some([
        kernel.map(|_| beside(by_output, by_image, &[images, channels, height, width])),
        values.map(|_| beside(by_output, by_weight, &[outputs, channels, rows, columns])),
    ])
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

/// The gradients by image, for which the weight is given, and by weight, for which the images are; empty where not.
fn backward(
    geometry: &Geometry,
    images: Option<&[f32]>,
    weight: Option<&[f32]>,
    output: &[f32],
) -> (Vec<f32>, Vec<f32>) {
    let (depth, group) = (geometry.depth(), geometry.group());
    let groups = geometry.images.div_ceil(group);
    let part = groups.div_ceil(PARTS) * group;
    let mut image_gradient = vec![0.0; weight.map_or(0, |_| geometry.images * geometry.image())];
    let mut targets: Vec<&mut [f32]> = match weight {
        Some(_) => image_gradient.chunks_mut(part * geometry.image()).collect(),
        None => Vec::new(),
    };
    targets.resize_with(geometry.images.div_ceil(part), Default::default);
    let work = |(position, target): (usize, &mut [f32])| {
        let mut weight_gradient = vec![0.0; images.map_or(0, |_| geometry.outputs * depth)];
        let (mut patches, mut block) = (Vec::new(), Vec::new());
        let range = position * part..((position + 1) * part).min(geometry.images);
        for start in range.clone().step_by(group) {
            let count = group.min(range.end - start);
            let images = images.map(|images| &images[start * geometry.image()..(start + count) * geometry.image()]);
            let size = geometry.outputs * geometry.positions();
            let output = &output[start * size..(start + count) * size];
            for rows in geometry.blocks() {
                let columns = geometry.columns(count, &rows);
                block.resize(geometry.outputs * columns, 0.0);
                for (source, target) in lines(geometry, output.len(), &rows) {
                    block[target].copy_from_slice(&output[source]);
                }
                let outer = Matrix::rows(&block, geometry.outputs, columns);
                if let Some(images) = images {
                    geometry.gather(images, &rows, &mut patches);
                    let patches = Matrix::rows(&patches, depth, columns).transposed();
                    product(MatrixMut::rows(&mut weight_gradient, geometry.outputs, depth), outer, patches, 1.0, true);
                }
                if let Some(weight) = weight {
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
        rng::{DrawKey, Stream},
        tensor::{Convolution, Kind, Tensor, gradients},
    };

    /// Outputs and gradients of a convolution on random values: ours, then Burn's.
    fn both(
        images: [usize; 4],
        weight: [usize; 4],
        stride: [usize; 2],
        padding: [usize; 2],
        dilation: [usize; 2],
    ) -> [Vec<Vec<f32>>; 2] {
        let device = Device::cpu();
        let random = |shape: &[usize], name: &str| {
            Tensor::randn(shape, Stream::new(5, name), DrawKey::default(), &device).unwrap()
        };
        let (x, w) = (random(&images, "x").requires_grad().unwrap(), random(&weight, "w").requires_grad().unwrap());
        let y = x.conv2d(&w, None, Convolution { stride, padding, dilation, groups: 1 }).unwrap();
        let by = random(y.shape(), "loss");
        let loss = y.mul(&by).unwrap().sum(None, false).unwrap();
        let mut ours = vec![y.floats().unwrap()];
        ours.extend(gradients(&loss, &[x.clone(), w.clone()]).unwrap().iter().map(|found| found.floats().unwrap()));
        let options = || ConvOptions::new(stride, padding, dilation, 1);
        let burns = [
            (Dispatch::conv2d(x.raw(), w.raw(), None, options()), y.shape()),
            (Dispatch::conv2d_x_backward(x.raw(), w.raw(), by.raw(), options()), &images[..]),
            (Dispatch::conv2d_weight_backward(x.raw(), w.raw(), by.raw(), options()), &weight[..]),
        ];
        let floats =
            |(raw, shape): (_, &[usize])| Tensor::wrap(raw, Kind::Float, shape.to_vec(), &device).floats().unwrap();
        [ours, burns.into_iter().map(floats).collect()]
    }

    #[test]
    fn values_and_gradients_are_burns_for_one_block_many_blocks_and_many_images() {
        for (images, weight, stride, padding, dilation) in [
            ([1, 1, 1, 1], [1, 1, 1, 1], [1, 1], [0, 0], [1, 1]),
            ([3, 2, 41, 37], [5, 2, 3, 3], [1, 1], [1, 1], [1, 1]),
            ([2, 3, 64, 50], [4, 3, 7, 7], [2, 2], [3, 3], [1, 1]),
            ([70, 6, 4, 4], [9, 6, 3, 3], [1, 1], [1, 1], [1, 1]),
            ([37, 4, 9, 5], [3, 4, 2, 4], [3, 1], [0, 2], [1, 1]),
            ([5, 3, 2, 2], [2, 3, 5, 5], [1, 2], [2, 3], [1, 1]),
            ([2, 1, 3, 700], [2, 1, 1, 3], [1, 1], [0, 0], [1, 1]),
            ([9, 8, 16, 16], [7, 8, 1, 1], [2, 2], [0, 0], [1, 1]),
            ([3, 4, 17, 14], [5, 4, 3, 3], [1, 1], [2, 2], [2, 2]),
            ([2, 3, 23, 19], [4, 3, 3, 2], [2, 1], [1, 4], [3, 5]),
            ([70, 2, 5, 5], [3, 2, 2, 3], [1, 2], [0, 2], [4, 2]),
        ] {
            let [ours, burns] = both(images, weight, stride, padding, dilation);
            for (ours, burns) in ours.iter().zip(&burns) {
                let scale = burns.iter().fold(1f32, |most, value| most.max(value.abs()));
                let worst = ours.iter().zip(burns).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / scale;
                assert!(ours.len() == burns.len() && worst < 1e-5, "{images:?} {weight:?}: off by {worst}");
            }
        }
    }

    #[test]
    fn a_convolution_is_the_same_to_the_last_bit_when_repeated() {
        let run = || both([33, 5, 8, 8], [6, 5, 3, 3], [1, 1], [1, 1], [1, 1])[0].concat();
        assert_eq!(run(), run());
    }
}
