//! The gradients of pooling: images to which each window's value is added.

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{
    ALONE,
    windows::{Window, Windows},
};
use crate::{
    device::instructions,
    tensor::{
        Tensor,
        cpu::{
            buffer::Buffer,
            floats::floats,
            integers,
            order::{beside_channels_last, channels_last},
        },
    },
};

/// The gradient by the images: values that are added up where the largest were. None unless the positions lie channels
/// last on the CPU device.
pub(in crate::tensor) fn unpool(by: &Tensor, positions: &Tensor, windows: &Windows) -> Option<Tensor> {
    let positions = integers::plain(positions.raw_in_any_order())?.permute(&[0, 2, 3, 1]);
    if !positions.is_contiguous() {
        return None;
    }
    windows.spread(by, Some(positions.to_contiguous().storage()))
}

/// The gradient of [`means`](super::means) by the images.
pub(in crate::tensor) fn spread(by: &Tensor, windows: &Windows) -> Option<Tensor> {
    windows.spread(by, None)
}

impl Windows {
    /// Images to which each window's value is added: at its position, or shared out. What is in no window is 0. Images
    /// are shared out over the cores, so that one pixel's additions are in the windows' order.
    fn spread(&self, by: &Tensor, positions: Option<&[i32]>) -> Option<Tensor> {
        let source = channels_last(by)?;
        let (values, [count, channels]) = (floats(&source), [by.shape()[0], by.shape()[1]]);
        let [rows, columns] = self.size;
        let (image, own) = (rows * columns * channels, by.len() / count);
        let [overlap, is_covered] = [self.overlap(), self.are_tiles()];
        let mut target = Buffer::stale(count * image);
        let images = target.par_chunks_mut(image).with_min_len((ALONE / image).max(1)).enumerate();
        images.for_each(|(number, target)| {
            let range = number * own..(number + 1) * own;
            let (values, positions) = (&values[range.clone()], positions.map(|positions| &positions[range]));
            let spread = Spread { windows: self, channels, values, positions, overlap, is_covered, target };
            instructions::arch().dispatch(spread);
        });
        Some(beside_channels_last(by, target, [count, channels, rows, columns]))
    }
}

/// An image that gets what its windows have.
struct Spread<'a> {
    windows: &'a Windows,
    channels: usize,
    values: &'a [f32],
    positions: Option<&'a [i32]>,
    overlap: bool,
    is_covered: bool,
    target: &'a mut [f32],
}

impl WithSimd for Spread<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { windows, channels, values, positions, overlap, is_covered, target } = self;
        let ([rows, columns], line) = (windows.sides.each_ref().map(Vec::len), windows.size[1] * channels);
        // As late as can be: it is written again soon.
        let mut zeroed = if is_covered { windows.size[0] } else { 0 };
        for row in 0..rows {
            let end = windows.sides[0][row].0.end.max(zeroed);
            target[zeroed * line..end * line].fill(0.0);
            zeroed = end;
            for column in 0..columns {
                let window = Window::of(windows, row, column);
                let own = (row * columns + column) * channels..(row * columns + column + 1) * channels;
                let (by, at) = (&values[own.clone()], positions.map(|positions| &positions[own]));
                let divisor = window.divisor as f32;
                window.each_pixel(|pixel| {
                    let target = target[pixel * channels..(pixel + 1) * channels].iter_mut().zip(by);
                    match (at, overlap) {
                        (Some(at), true) => target
                            .zip(at)
                            .for_each(|((sum, by), at)| *sum += if *at == pixel as i32 { *by } else { 0.0 }),
                        (Some(at), false) => target
                            .zip(at)
                            .for_each(|((value, by), at)| *value = if *at == pixel as i32 { *by } else { 0.0 }),
                        (None, true) => target.for_each(|(sum, by)| *sum += by / divisor),
                        (None, false) => target.for_each(|(value, by)| *value = by / divisor),
                    }
                });
            }
        }
        target[zeroed * line..].fill(0.0);
    }
}
