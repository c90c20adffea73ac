//! Pooling of images that lie channels last, vectorised over the channels; what it makes lies so too. Row-major images
//! are left to others.

use std::ops::Range;

use burn_backend::DType;
use burn_dispatch::backends::flex::FlexTensor;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{
    buffer::Buffer,
    floats::{floats, tensor},
    integers,
    order::{beside_channels_last, channels_last, is_channels_last},
};
use crate::{
    device::instructions,
    tensor::{Kind, Tensor},
};

/// Channels that are gone through side by side, in registers.
const TILE: usize = 16;

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

/// The gradient by the images: values that are added up where the largest were. None unless the positions lie channels
/// last on the CPU device.
pub(in crate::tensor) fn unpool(by: &Tensor, positions: &Tensor, windows: &Windows) -> Option<Tensor> {
    let positions = integers::plain(positions.raw_in_any_order())?.permute(&[0, 2, 3, 1]);
    if !positions.is_contiguous() {
        return None;
    }
    windows.spread(by, Some(positions.to_contiguous().storage()))
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

/// The gradient of [`means`] by the images.
pub(in crate::tensor) fn spread(by: &Tensor, windows: &Windows) -> Option<Tensor> {
    windows.spread(by, None)
}

impl Windows {
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

    /// The shape of what becomes of images.
    fn pooled(&self, images: &Tensor) -> [usize; 4] {
        [images.shape()[0], images.shape()[1], self.sides[0].len(), self.sides[1].len()]
    }

    fn lines<'a>(&'a self, images: &Tensor, values: &'a FlexTensor) -> Lines<'a> {
        let channels = images.shape()[1];
        Lines { windows: self, image: self.size[0] * self.size[1] * channels, channels, values: floats(values) }
    }

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

/// Images, and the lines of windows over them.
struct Lines<'a> {
    windows: &'a Windows,
    /// Floats of an image.
    image: usize,
    channels: usize,
    values: &'a [f32],
}

impl<'a> Lines<'a> {
    /// One line, by its number in all images.
    fn of(&self, number: usize) -> Line<'a> {
        let rows = self.windows.sides[0].len();
        let image = &self.values[number / rows * self.image..][..self.image];
        Line { windows: self.windows, row: number % rows, channels: self.channels, image }
    }
}

/// A line of windows over an image.
struct Line<'a> {
    windows: &'a Windows,
    row: usize,
    channels: usize,
    image: &'a [f32],
}

impl Line<'_> {
    /// Calls `body` with each window's number in the line.
    #[inline(always)]
    fn each(&self, mut body: impl FnMut(usize, Window)) {
        for column in 0..self.windows.sides[1].len() {
            body(column, Window::of(self.windows, self.row, column));
        }
    }
}

/// A window over an image.
#[derive(Clone)]
struct Window {
    rows: Range<usize>,
    columns: Range<usize>,
    /// Pixels from one row to the next.
    width: usize,
    divisor: usize,
}

impl Window {
    #[inline(always)]
    fn of(windows: &Windows, row: usize, column: usize) -> Self {
        let [(rows, above), (columns, beside)] = [&windows.sides[0][row], &windows.sides[1][column]];
        Self { rows: rows.clone(), columns: columns.clone(), width: windows.size[1], divisor: above * beside }
    }

    /// Its first pixel.
    fn first(&self) -> usize {
        self.rows.start * self.width + self.columns.start
    }

    /// Calls `body` with the number of each pixel.
    #[inline(always)]
    fn each_pixel(&self, mut body: impl FnMut(usize)) {
        for row in self.rows.clone() {
            for column in self.columns.clone() {
                body(row * self.width + column);
            }
        }
    }
}

/// Whether a value takes the place of the largest so far.
#[inline(always)]
fn is_more(value: f32, most: f32) -> bool {
    value > most || value.is_nan()
}

// Kernels are no closures, since one that is not inlined keeps to the build's own instructions.

/// The largest of each window of a line.
struct Largest<'a> {
    line: Line<'a>,
    target: &'a mut [f32],
}

impl WithSimd for Largest<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { line, target } = self;
        let (channels, image) = (line.channels, line.image);
        line.each(|number, window| {
            let (tiles, rest) = target[number * channels..(number + 1) * channels].as_chunks_mut::<TILE>();
            let behind = tiles.len() * TILE;
            for (tile, target) in tiles.iter_mut().enumerate() {
                let mut most = [f32::NEG_INFINITY; TILE];
                window.each_pixel(|pixel| {
                    let values = &image[pixel * channels + tile * TILE..][..TILE];
                    for channel in 0..TILE {
                        let value = values[channel];
                        most[channel] = if is_more(value, most[channel]) { value } else { most[channel] };
                    }
                });
                *target = most;
            }
            rest.fill(f32::NEG_INFINITY);
            window.each_pixel(|pixel| {
                for (most, value) in rest.iter_mut().zip(&image[pixel * channels + behind..]) {
                    *most = if is_more(*value, *most) { *value } else { *most };
                }
            });
        });
    }
}

/// The largest of each window of a line, and their pixels.
struct LargestAt<'a> {
    line: Line<'a>,
    target: &'a mut [f32],
    positions: &'a mut [i32],
}

impl WithSimd for LargestAt<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { line, target, positions } = self;
        let (channels, image) = (line.channels, line.image);
        line.each(|number, window| {
            let own = number * channels..(number + 1) * channels;
            let (tiles, rest) = target[own.clone()].as_chunks_mut::<TILE>();
            let (tiles_at, rest_at) = positions[own].as_chunks_mut::<TILE>();
            let behind = tiles.len() * TILE;
            for (tile, (target, positions)) in tiles.iter_mut().zip(tiles_at).enumerate() {
                let (mut most, mut at) = ([f32::NEG_INFINITY; TILE], [window.first() as i32; TILE]);
                window.each_pixel(|pixel| {
                    let values = &image[pixel * channels + tile * TILE..][..TILE];
                    for channel in 0..TILE {
                        let value = values[channel];
                        let is_more = is_more(value, most[channel]);
                        most[channel] = if is_more { value } else { most[channel] };
                        at[channel] = if is_more { pixel as i32 } else { at[channel] };
                    }
                });
                (*target, *positions) = (most, at);
            }
            rest.fill(f32::NEG_INFINITY);
            rest_at.fill(window.first() as i32);
            window.each_pixel(|pixel| {
                let found = rest.iter_mut().zip(rest_at.iter_mut());
                for ((most, at), value) in found.zip(&image[pixel * channels + behind..]) {
                    let is_more = is_more(*value, *most);
                    *most = if is_more { *value } else { *most };
                    *at = if is_more { pixel as i32 } else { *at };
                }
            });
        });
    }
}

/// The mean of each window of a line.
struct Means<'a> {
    line: Line<'a>,
    target: &'a mut [f32],
}

impl WithSimd for Means<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { line, target } = self;
        let (channels, image) = (line.channels, line.image);
        line.each(|number, window| {
            let (tiles, rest) = target[number * channels..(number + 1) * channels].as_chunks_mut::<TILE>();
            let (behind, divisor) = (tiles.len() * TILE, window.divisor as f64);
            for (tile, target) in tiles.iter_mut().enumerate() {
                let mut sums = [0f64; TILE];
                window.each_pixel(|pixel| {
                    let values = &image[pixel * channels + tile * TILE..][..TILE];
                    for channel in 0..TILE {
                        sums[channel] += f64::from(values[channel]);
                    }
                });
                for channel in 0..TILE {
                    target[channel] = (sums[channel] / divisor) as f32;
                }
            }
            let mut sums = [0f64; TILE];
            window.each_pixel(|pixel| {
                for (sum, value) in sums[..rest.len()].iter_mut().zip(&image[pixel * channels + behind..]) {
                    *sum += f64::from(*value);
                }
            });
            rest.iter_mut().zip(sums).for_each(|(mean, sum)| *mean = (sum / divisor) as f32);
        });
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
            let by = gradients(&output.sum(None, false).unwrap(), std::slice::from_ref(&images)).unwrap();
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
