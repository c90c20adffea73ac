//! Pooling of images that lie channels last, vectorised over the channels; what it makes lies so too. Row-major images
//! are left to others.

mod kernels;
mod spread;
#[cfg(test)]
mod tests;
mod windows;

use burn_backend::DType;
use burn_dispatch::backends::flex::FlexTensor;
use rayon::prelude::*;

use self::kernels::{Largest, LargestAt, Means};
pub(in crate::tensor) use self::{
    spread::{spread, unpool},
    windows::Windows,
};
use super::{
    buffer::Buffer,
    floats::tensor,
    integers,
    order::{beside_channels_last, channels_last, is_channels_last},
};
use crate::{
    device::instructions,
    tensor::{Kind, Tensor},
};

/// So few values are not worth another thread.
const ALONE: usize = 1 << 14;

/// The largest of each window, and where it was found if that is asked for: row · width + column, as int. The first of
/// equals, and NaN before any number, as PyTorch has it. None unless the images lie channels last on the CPU device.
/// Both are on no tape.
pub(in crate::tensor) fn max_pool(
    images: &Tensor,
    windows: &Windows,
    wants_positions: bool,
) -> Option<(Tensor, Option<Tensor>)> {
    if !is_channels_last(images) {
        return None;
    }
    let (source, shape) = (channels_last(images)?, windows.pooled(images));
    let (places, line) = (windows.lines(images, &source), shape[3] * shape[1]);
    let least = (ALONE / line).max(1);
    let mut target = Buffer::stale(shape.iter().product());
    let mut positions = Buffer::stale(if wants_positions { target.len() } else { 0 });
    let lines = target.par_chunks_mut(line).with_min_len(least);
    if wants_positions {
        let positions: &mut [i32] = bytemuck::cast_slice_mut(&mut positions);
        let lines = lines.zip(positions.par_chunks_mut(line)).enumerate();
        lines.for_each(|(number, (target, positions))| {
            instructions::arch().dispatch(LargestAt { line: places.of(number), target, positions });
        });
    } else {
        let lines = lines.enumerate();
        lines.for_each(|(number, target)| instructions::arch().dispatch(Largest { line: places.of(number), target }));
    }
    let positions = wants_positions.then(|| {
        let found = tensor(positions, &[shape[0], shape[2], shape[3], shape[1]]);
        let found = FlexTensor::from_arc(found.data_arc(), found.layout().clone(), DType::I32);
        let raw = integers::untaped(found.permute(&[0, 3, 1, 2]));
        Tensor::wrap(raw, Kind::Int, shape.to_vec(), images.device())
    });
    Some((beside_channels_last(images, target, shape), positions))
}

/// The sum over each window, in float64, divided by the product of its divisors. A copy is made of images that lie
/// otherwise; None where they are not on the CPU device. On no tape.
pub(in crate::tensor) fn means(images: &Tensor, windows: &Windows) -> Option<Tensor> {
    let (source, shape) = (channels_last(images)?, windows.pooled(images));
    let (places, line) = (windows.lines(images, &source), shape[3] * shape[1]);
    let mut target = Buffer::stale(shape.iter().product());
    let least = (ALONE * shape[0] * shape[2] / images.len()).max(1);
    let lines = target.par_chunks_mut(line).with_min_len(least).enumerate();
    lines.for_each(|(number, target)| instructions::arch().dispatch(Means { line: places.of(number), target }));
    Some(beside_channels_last(images, target, shape))
}
