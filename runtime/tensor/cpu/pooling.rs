//! Pooling of images that lie channels last, vectorised over the channels; what it makes lies so too. Row-major images
//! are left to others.

use std::ops::Range;

use burn_backend::DType;
use burn_dispatch::backends::flex::FlexTensor;
use pulp::Arch;
use rayon::prelude::*;

use super::{
    buffer::Buffer,
    floats::{floats, tensor},
    integers,
    order::{beside_channels_last, channels_last, is_channels_last},
};
use crate::tensor::{Kind, Tensor};

/// Channels that are gone through side by side, in registers.
const TILE: usize = 64;

/// So few values are not worth another thread.
const ALONE: usize = 1 << 14;

/// Windows over images, by their rows and by their columns.
#[derive(Clone, Debug)]
pub(in crate::tensor) struct Windows {
    /// Of the images.
    pub size: [usize; 2],
    /// What each window holds of them, and what a sum over it is divided by.
    pub sides: [Vec<(Range<usize>, usize)>; 2],
}

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
    let (source, channels) = (channels_last(images)?, images.shape()[1]);
    let shape = [images.shape()[0], channels, windows.sides[0].len(), windows.sides[1].len()];
    let (image, line) = (windows.image(channels), shape[3] * channels);
    let (values, len) = (floats(&source), shape.iter().product());
    let mut target = Buffer::stale(len);
    let mut positions = Buffer::stale(if wants_positions { len } else { 0 });
    let values_of = |number: usize| &values[number / shape[2] * image..][..image];
    let (arch, least) = (Arch::new(), (ALONE / line).max(1));
    let lines = target.par_chunks_mut(line).with_min_len(least);
    if wants_positions {
        let positions: &mut [i32] = bytemuck::cast_slice_mut(&mut positions);
        let lines = lines.zip(positions.par_chunks_mut(line)).enumerate();
        lines.for_each(|(number, (target, positions))| {
            arch.dispatch(|| {
                let windows = windows.along(number % shape[2], channels);
                for (window, (target, positions)) in
                    windows.zip(target.chunks_mut(channels).zip(positions.chunks_mut(channels)))
                {
                    largest_at(values_of(number), &window, target, positions);
                }
            });
        });
    } else {
        lines.enumerate().for_each(|(number, target)| {
            arch.dispatch(|| {
                let windows = windows.along(number % shape[2], channels);
                for (window, target) in windows.zip(target.chunks_mut(channels)) {
                    largest(values_of(number), &window, target);
                }
            });
        });
    }
    let positions = wants_positions.then(|| {
        let found = tensor(positions, &[shape[0], shape[2], shape[3], channels]);
        let found = FlexTensor::from_arc(found.data_arc(), found.layout().clone(), DType::I32);
        let raw = integers::untaped(found.permute(&[0, 3, 1, 2]));
        Tensor::wrap(raw, Kind::Int, shape.to_vec(), images.device())
    });
    Some((beside_channels_last(images, target, shape), positions))
}

/// The gradient by the images: values that are added up where the largest were. None unless the positions lie channels
/// last on the CPU device.
pub(in crate::tensor) fn unpool(by: &Tensor, positions: &Tensor, windows: &Windows) -> Option<Tensor> {
    let positions = integers::plain(positions.raw_in_any_order())?.permute(&[0, 2, 3, 1]);
    if !positions.is_contiguous() {
        return None;
    }
    let positions = positions.to_contiguous();
    let positions: &[i32] = positions.storage();
    let source = channels_last(by)?;
    let (values, [count, channels]) = (floats(&source), [by.shape()[0], by.shape()[1]]);
    let (found, overlap) = (by.len() / count, windows.overlap());
    Some(windows.spread(by, count, channels, |number, window, target| {
        let at = number / (found / channels) * found + number % (found / channels) * channels;
        let (by, positions) = (&values[at..at + channels], &positions[at..at + channels]);
        window.each_pixel(channels, |pixel| {
            let number = (pixel / channels) as i32;
            let target = target[pixel..pixel + channels].iter_mut().zip(by.iter().zip(positions));
            match overlap {
                true => target.for_each(|(sum, (by, at))| *sum += if *at == number { *by } else { 0.0 }),
                false => target.for_each(|(value, (by, at))| *value = if *at == number { *by } else { 0.0 }),
            }
        });
    }))
}

/// The sum over each window, in float64, divided by the product of its divisors. A copy is made of images that lie
/// otherwise; None where they are not on the CPU device. On no tape.
pub(in crate::tensor) fn means(images: &Tensor, windows: &Windows) -> Option<Tensor> {
    let (source, channels) = (channels_last(images)?, images.shape()[1]);
    let shape = [images.shape()[0], channels, windows.sides[0].len(), windows.sides[1].len()];
    let (image, line, values) = (windows.image(channels), shape[3] * channels, floats(&source));
    let mut target = Buffer::stale(shape.iter().product());
    let (arch, least) = (Arch::new(), (ALONE * target.len() / values.len() / line).max(1));
    target.par_chunks_mut(line).with_min_len(least).enumerate().for_each(|(number, target)| {
        arch.dispatch(|| {
            let values = &values[number / shape[2] * image..][..image];
            let windows = windows.along(number % shape[2], channels);
            for (window, target) in windows.zip(target.chunks_mut(channels)) {
                mean(values, &window, target);
            }
        });
    });
    Some(beside_channels_last(images, target, shape))
}

/// The gradient of [`means`] by the images.
pub(in crate::tensor) fn spread(by: &Tensor, windows: &Windows) -> Option<Tensor> {
    let source = channels_last(by)?;
    let (values, [count, channels]) = (floats(&source), [by.shape()[0], by.shape()[1]]);
    let overlap = windows.overlap();
    Some(windows.spread(by, count, channels, |number, window, target| {
        let (by, divisor) = (&values[number * channels..(number + 1) * channels], window.divisor as f32);
        window.each_pixel(channels, |pixel| {
            let target = target[pixel..pixel + channels].iter_mut().zip(by);
            match overlap {
                true => target.for_each(|(sum, by)| *sum += by / divisor),
                false => target.for_each(|(value, by)| *value = by / divisor),
            }
        });
    }))
}

/// A window over an image.
struct Window {
    rows: Range<usize>,
    columns: Range<usize>,
    /// Floats from one row to the next.
    line: usize,
    divisor: usize,
}

impl Window {
    /// Calls `body` with where each pixel begins.
    #[inline(always)]
    fn each_pixel(&self, channels: usize, mut body: impl FnMut(usize)) {
        for row in self.rows.clone() {
            for column in self.columns.clone() {
                body(row * self.line + column * channels);
            }
        }
    }
}

impl Windows {
    /// Floats of an image.
    fn image(&self, channels: usize) -> usize {
        self.size[0] * self.size[1] * channels
    }

    /// The windows of a row of them.
    #[inline(always)]
    fn along(&self, row: usize, channels: usize) -> impl Iterator<Item = Window> {
        let (rows, above) = &self.sides[0][row];
        let line = self.size[1] * channels;
        self.sides[1].iter().map(move |(columns, beside)| Window {
            rows: rows.clone(),
            columns: columns.clone(),
            line,
            divisor: above * beside,
        })
    }

    /// Whether some have pixels in common.
    pub fn overlap(&self) -> bool {
        self.sides.iter().any(|side| side.windows(2).any(|pair| pair[0].0.end > pair[1].0.start))
    }

    /// Whether each pixel is in one window and no more.
    fn are_tiles(&self) -> bool {
        let ends = |side: &[(Range<usize>, usize)], size| {
            let (first, last) = (side.first().map(|one| one.0.start), side.last().map(|one| one.0.end));
            first == Some(0) && last == Some(size)
        };
        let meet = |side: &[(Range<usize>, usize)]| side.windows(2).all(|pair| pair[0].0.end == pair[1].0.start);
        self.sides.iter().zip(self.size).all(|(side, size)| meet(side) && ends(side, size))
    }

    /// Images that `body` adds to, or sets where windows do not overlap, from each window: its number among all, and the
    /// image. What is in no window is 0. Shared out by images, so that one pixel's additions are in the windows' order.
    fn spread(
        &self,
        by: &Tensor,
        count: usize,
        channels: usize,
        body: impl Fn(usize, &Window, &mut [f32]) + Sync,
    ) -> Tensor {
        let ([rows, columns], line) = (self.sides.each_ref().map(Vec::len), self.size[1] * channels);
        let mut target = Buffer::stale(count * self.image(channels));
        let (arch, is_covered) = (Arch::new(), self.are_tiles());
        let whole = |(image, target): (usize, &mut [f32])| {
            arch.dispatch(|| {
                // As late as can be: it is written again soon.
                let mut zeroed = if is_covered { self.size[0] } else { 0 };
                for row in 0..rows {
                    let end = self.sides[0][row].0.end.max(zeroed);
                    target[zeroed * line..end * line].fill(0.0);
                    zeroed = end;
                    for (column, window) in self.along(row, channels).enumerate() {
                        body((image * rows + row) * columns + column, &window, target);
                    }
                }
                target[zeroed * line..].fill(0.0);
            });
        };
        let least = (ALONE / self.image(channels)).max(1);
        target.par_chunks_mut(self.image(channels)).with_min_len(least).enumerate().for_each(whole);
        beside_channels_last(by, target, [count, channels, self.size[0], self.size[1]])
    }
}

#[inline(always)]
fn largest(image: &[f32], window: &Window, target: &mut [f32]) {
    target.fill(f32::NEG_INFINITY);
    let channels = target.len();
    window.each_pixel(channels, |pixel| {
        for (most, value) in target.iter_mut().zip(&image[pixel..pixel + channels]) {
            *most = if *value > *most || value.is_nan() { *value } else { *most };
        }
    });
}

#[inline(always)]
fn largest_at(image: &[f32], window: &Window, target: &mut [f32], positions: &mut [i32]) {
    let channels = target.len();
    let first = window.rows.start * window.line / channels + window.columns.start;
    target.fill(f32::NEG_INFINITY);
    positions.fill(first as i32);
    window.each_pixel(channels, |pixel| {
        let number = (pixel / channels) as i32;
        let found = target.iter_mut().zip(&mut *positions);
        for ((most, at), value) in found.zip(&image[pixel..pixel + channels]) {
            let is_more = *value > *most || value.is_nan();
            *most = if is_more { *value } else { *most };
            *at = if is_more { number } else { *at };
        }
    });
}

#[inline(always)]
fn mean(image: &[f32], window: &Window, target: &mut [f32]) {
    let channels = target.len();
    let mut means = target.chunks_mut(TILE);
    for from in (0..channels).step_by(TILE) {
        let Some(target) = means.next() else { return };
        let mut sums = [0f64; TILE];
        match target.len() {
            TILE => window.each_pixel(channels, |pixel| add(&mut sums, &image[pixel + from..], TILE)),
            count => window.each_pixel(channels, |pixel| add(&mut sums, &image[pixel + from..], count)),
        }
        target.iter_mut().zip(sums).for_each(|(mean, sum)| *mean = (sum / window.divisor as f64) as f32);
    }
}

#[inline(always)]
fn add(sums: &mut [f64; TILE], values: &[f32], count: usize) {
    for (sum, value) in sums[..count].iter_mut().zip(&values[..count]) {
        *sum += f64::from(*value);
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        Device,
        rng::{DrawKey, Stream},
        tensor::{Tensor, Window, cpu, gradients},
    };

    /// The same images in row-major order, and channels last.
    fn both(shape: [usize; 4]) -> [Tensor; 2] {
        let [n, c, h, w] = shape;
        let drawn = Tensor::randn(&shape, Stream::new(5, "pool"), DrawKey::default(), &Device::cpu()).unwrap();
        // Equal values, so that the first of them is chosen.
        let drawn = drawn.mul_scalar(4.0).unwrap().round().unwrap();
        let last = drawn.permute(&[0, 2, 3, 1]).unwrap().floats().unwrap();
        let last = Tensor::from_floats(last, &[n, h, w, c], &Device::cpu()).unwrap().permute(&[0, 3, 1, 2]).unwrap();
        assert!(cpu::is_channels_last(&last) && !cpu::is_channels_last(&drawn));
        [drawn, last]
    }

    /// Values, the gradient of a weighted sum, and the gradient of a sum of squares of that.
    fn results(images: &Tensor, pool: impl Fn(&Tensor) -> Tensor) -> [Vec<f32>; 3] {
        let images = images.requires_grad().unwrap();
        let output = pool(&images);
        let weight = Tensor::randn(output.shape(), Stream::new(6, "by"), DrawKey::default(), &Device::cpu()).unwrap();
        let weight = weight.requires_grad().unwrap();
        let loss = output.mul(&weight).unwrap().sum(None, false).unwrap();
        let pass = crate::tensor::Pass { create_graph: true, retain_graph: true };
        let slope = crate::tensor::grad(&[loss], &[None], &[images], pass).unwrap().remove(0);
        let squares = slope.mul(&slope).unwrap().sum(None, false).unwrap();
        let second = gradients(&squares, &[weight]).unwrap().remove(0);
        [output, slope, second].map(|tensor| tensor.floats().unwrap())
    }

    type Pool = Box<dyn Fn(&Tensor) -> Tensor>;

    #[test]
    fn values_and_gradients_of_both_orders_of_elements_are_equal() {
        let window = |kernel, stride, padding| Window { kernel, stride, padding };
        for shape in [[2, 3, 7, 5], [3, 64, 9, 9], [1, 70, 8, 6], [5, 130, 4, 4], [2, 2, 12, 13]] {
            let images = both(shape);
            let mut pools: Vec<(&str, Pool)> = vec![
                ("global", Box::new(|x| x.global_avg_pool().unwrap())),
                ("adaptive", Box::new(|x| x.adaptive_avg_pool2d([3, 2]).unwrap())),
                ("adaptive, overlapping", Box::new(|x| x.adaptive_avg_pool2d([4, 3]).unwrap())),
            ];
            for window in [
                window([2, 2], [2, 2], [0, 0]),
                window([3, 3], [2, 2], [1, 1]),
                window([3, 2], [1, 1], [0, 1]),
                window([1, 1], [2, 3], [0, 0]),
                window([2, 3], [3, 3], [1, 0]),
            ] {
                pools.push(("max", Box::new(move |x| x.max_pool2d(window).unwrap())));
                pools.push(("mean", Box::new(move |x| x.avg_pool2d(window).unwrap())));
            }
            for (place, (name, pool)) in pools.iter().enumerate() {
                let [rows, last] = images.each_ref().map(|images| results(images, pool));
                for order in 0..3 {
                    let worst = rows[order].iter().zip(&last[order]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                    let is_close = rows[order].len() == last[order].len() && worst < 1e-5;
                    assert!(is_close, "{name} ({place}) of {shape:?}, order {order}: off by {worst}");
                }
            }
        }
    }

    #[test]
    fn what_is_pooled_channels_last_lies_so_and_so_does_its_gradient() {
        let window = Window { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };
        let images = both([2, 5, 9, 9])[1].requires_grad().unwrap();
        for pool in [Tensor::max_pool2d, Tensor::avg_pool2d] {
            let output = pool(&images, window).unwrap();
            assert!(cpu::is_channels_last(&output));
            let by = gradients(&output.sum(None, false).unwrap(), &[images.clone()]).unwrap();
            assert!(cpu::is_channels_last(&by[0]));
        }
        let by = gradients(&images.global_avg_pool().unwrap().sum(None, false).unwrap(), &[images]).unwrap();
        assert!(cpu::is_channels_last(&by[0]));
    }

    #[test]
    fn nan_is_the_largest_and_infinities_stay_in_their_windows() {
        let images = both([1, 3, 4, 4])[1].clone();
        let mut values = images.floats().unwrap();
        (values[5], values[16]) = (f32::NAN, f32::INFINITY);
        values[32..48].fill(f32::NEG_INFINITY);
        let images = Tensor::from_floats(values, &[1, 3, 4, 4], &Device::cpu()).unwrap();
        let last = images.permute(&[0, 2, 3, 1]).unwrap().floats().unwrap();
        let last = Tensor::from_floats(last, &[1, 4, 4, 3], &Device::cpu()).unwrap().permute(&[0, 3, 1, 2]).unwrap();
        let window = Window { kernel: [2, 2], stride: [2, 2], padding: [0, 0] };
        for pool in [Tensor::max_pool2d, Tensor::avg_pool2d] {
            let [want, got] = [&images, &last].map(|images| {
                pool(images, window).unwrap().floats().unwrap().iter().map(|value| value.to_bits()).collect::<Vec<_>>()
            });
            let same = |(a, b): (&u32, &u32)| a == b || f32::from_bits(*a).is_nan() && f32::from_bits(*b).is_nan();
            assert!(want.iter().zip(&got).all(same), "{want:?} {got:?}");
        }
    }

    #[test]
    fn one_two_and_three_threads_give_the_same_bits() {
        let window = Window { kernel: [3, 3], stride: [2, 2], padding: [1, 1] };
        let found = [1, 2, 3].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let [_, images] = both([7, 33, 18, 15]);
                let mut all = results(&images, |x| x.max_pool2d(window).unwrap()).concat();
                all.extend(results(&images, |x| x.avg_pool2d(window).unwrap()).concat());
                all
            })
        });
        assert!(found[0] == found[1] && found[1] == found[2]);
    }
}
