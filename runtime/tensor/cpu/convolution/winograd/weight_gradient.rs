//! The gradient by the weight: sums over all tiles of transformed sources by transformed gradients, transformed back. How
//! the work is shared out depends on how many sums there are, since all of them are gone over for every group of tiles.

use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use super::{
    points::{POINTS, apart, block_start, of_blocks},
    tiles::{Tiles, transform_gradients, transform_sources, transform_weight_sums},
};
use crate::tensor::cpu::{
    buffer::Buffer,
    convolution::{
        blocks::{Block, blocks},
        outer::{Lines, Strided, outer},
        shared::Shared,
        vector::{Kernel, Vector, lanes, run},
    },
};

/// Channels · outputs up to which several tasks have sums of their own, for a share of the tiles each.
const FEW: usize = 128 * 128;

/// Channels · outputs up to which a task has the sums of one point, for all tiles in turn. Beyond, one has those of some
/// channels by a block of outputs, which become gradients before they leave the cache.
const MANY: usize = 256 * 256;

/// Tiles of a group that are transformed and summed over in one task.
const GROUP: usize = 64;

/// Bytes of sums that several tasks have, all together.
const SUMS: usize = 12 << 20;

/// Tasks with sums of their own, at most.
const PARTS: usize = 8;

/// Bytes of transformed tiles that tasks share: in the second cache of the cores, and where sums are made at once. Tests
/// have few tiles, and come to several goes all the same.
const SHARED: [usize; 2] = if cfg!(test) { [1 << 16; 2] } else { [2 << 20, 80 << 20] };

/// Channels of a task that has some of them by a block.
const CHANNELS: usize = 64;

/// Tiles that are transformed in one task.
const TRANSFORMED: usize = 16;

/// The weight's gradient `[O, C, 3, 3]`.
pub(super) fn weight_gradient(arch: Arch, tiles: &Tiles, values: &[f32], gradients: &[f32], result: &mut [f32]) {
    let lanes = lanes(arch);
    let blocks = blocks(tiles.targets, lanes);
    let product = Product { arch, lanes, tiles, blocks: &blocks, values, gradients };
    let weights = tiles.sources * tiles.targets;
    if weights <= FEW {
        product.by_groups(result);
    } else if weights <= MANY {
        product.by_points(result);
    } else {
        product.by_cells(result);
    }
}

struct Product<'a> {
    arch: Arch,
    lanes: usize,
    tiles: &'a Tiles,
    blocks: &'a [Block],
    values: &'a [f32],
    gradients: &'a [f32],
}

impl Product<'_> {
    /// Floats of the transformed sources `[point, tile, source]` and gradients `[block, point, tile, width]` of so many
    /// tiles.
    fn room(&self, count: usize) -> [usize; 2] {
        [POINTS * apart(count * self.tiles.sources), of_blocks(count, self.blocks, self.lanes)]
    }

    /// Tiles that fit a number of bytes, transformed.
    fn fitting(&self, bytes: usize) -> usize {
        let [sources, gradients] = self.room(TRANSFORMED);
        (bytes / size_of::<f32>() * TRANSFORMED / (sources + gradients)).max(2 * TRANSFORMED)
    }

    fn by_groups(&self, result: &mut [f32]) {
        let size = of_blocks(self.tiles.sources, self.blocks, self.lanes);
        let parts = (SUMS / (size * size_of::<f32>())).clamp(1, PARTS);
        let of_part = self.tiles.count().div_ceil(parts).next_multiple_of(GROUP);
        let parts = self.tiles.count().div_ceil(of_part);
        let mut sums = Buffer::stale(parts * size);
        sums.par_chunks_mut(size).enumerate().for_each_init(
            || self.room(GROUP).map(Buffer::stale),
            |[sources, gradients], (part, sums)| {
                sums.fill(0.0);
                let end = ((part + 1) * of_part).min(self.tiles.count());
                let sums = Shared::new(sums);
                for start in (part * of_part..end).step_by(GROUP) {
                    let range = start..(start + GROUP).min(end);
                    let count = range.len();
                    let to = [Shared::new(sources), Shared::new(gradients)];
                    run(self.arch, Transform { of: self, range, to, first: 0, count });
                    run(self.arch, Sums { of: self, points: 0..POINTS, count, sources, gradients, sums });
                }
            },
        );
        let (whole, rest) = sums.split_at_mut(size);
        whole.par_chunks_mut(1 << 14).enumerate().for_each(|(number, sums)| {
            for part in rest.chunks(size) {
                sums.iter_mut().zip(&part[number << 14..]).for_each(|(sum, value)| *sum += value);
            }
        });
        self.back(whole, result);
    }

    fn by_points(&self, result: &mut [f32]) {
        let size = of_blocks(self.tiles.sources, self.blocks, self.lanes);
        let mut sums = Buffer::zeros(size);
        let most = self.fitting(SHARED[0]).min(self.tiles.count());
        let [mut sources, mut gradients] = self.room(most).map(Buffer::stale);
        for start in (0..self.tiles.count()).step_by(most) {
            let range = start..(start + most).min(self.tiles.count());
            let count = range.len();
            self.transform(range, [&mut sources, &mut gradients]);
            let (sources, gradients, sums) = (&sources[..], &gradients[..], Shared::new(&mut sums));
            (0..POINTS).into_par_iter().for_each(|point| {
                run(self.arch, Sums { of: self, points: point..point + 1, count, sources, gradients, sums });
            });
        }
        self.back(&sums, result);
    }

    fn by_cells(&self, result: &mut [f32]) {
        let most = self.fitting(SHARED[1]).min(self.tiles.count());
        let chunks = self.tiles.sources.div_ceil(CHANNELS);
        let (cells, size) = (self.blocks.len() * chunks, POINTS * CHANNELS * 2 * self.lanes);
        // Sums stay only where the tiles come in several goes.
        let mut kept = Buffer::zeros(if most < self.tiles.count() { cells * size } else { 0 });
        let are_kept = !kept.is_empty();
        let (kept, result) = (Shared::new(&mut kept), Shared::new(result));
        let [mut sources, mut gradients] = self.room(most).map(Buffer::stale);
        for start in (0..self.tiles.count()).step_by(most) {
            let range = start..(start + most).min(self.tiles.count());
            let (count, is_last) = (range.len(), range.end == self.tiles.count());
            self.transform(range, [&mut sources, &mut gradients]);
            let (sources, gradients) = (&sources[..], &gradients[..]);
            (0..cells).into_par_iter().for_each_init(
                || Buffer::stale(if are_kept { 0 } else { size }),
                |room, cell| {
                    let (number, first) = (cell / chunks, cell % chunks * CHANNELS);
                    let channels = first..(first + CHANNELS).min(self.tiles.sources);
                    let sums = if are_kept {
                        // SAFETY: every cell has sums of its own.
                        unsafe { kept.slice(cell * size, size) }
                    } else {
                        room.fill(0.0);
                        &mut room[..]
                    };
                    let result = is_last.then_some(result);
                    run(self.arch, Cell { of: self, number, channels, count, sources, gradients, sums, result });
                },
            );
        }
    }

    fn transform(&self, range: Range<usize>, to: [&mut Buffer; 2]) {
        let (count, to) = (range.len(), to.map(|to| Shared::new(to)));
        (0..count.div_ceil(TRANSFORMED)).into_par_iter().for_each(|part| {
            let first = part * TRANSFORMED;
            let some = range.start + first..(range.start + first + TRANSFORMED).min(range.end);
            run(self.arch, Transform { of: self, range: some, to, first, count });
        });
    }

    fn back(&self, sums: &[f32], result: &mut [f32]) {
        let result = Shared::new(result);
        (0..self.tiles.sources.div_ceil(8)).into_par_iter().for_each(|part| {
            let channels = part * 8..((part + 1) * 8).min(self.tiles.sources);
            run(self.arch, Back { of: self, channels, sums, result });
        });
    }
}

/// Some tiles of `count`, of which they are the `first` and those after it.
struct Transform<'a> {
    of: &'a Product<'a>,
    range: Range<usize>,
    to: [Shared; 2],
    first: usize,
    count: usize,
}

impl Kernel for Transform<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { of: Product { tiles, blocks, values, gradients, .. }, range, to, first, count } = self;
        let far = apart(count * tiles.sources);
        // SAFETY: the tiles lie in the values, and what they become in places of their own.
        unsafe { transform_sources(v, tiles, range.clone(), values.as_ptr(), to[0].at(first * tiles.sources), far) };
        for (number, block) in blocks.iter().enumerate() {
            let width = block.vectors * V::LANES;
            let to = to[1].at(block_start(number, count, V::LANES) + first * width);
            // SAFETY: as above.
            unsafe {
                transform_gradients(v, tiles, range.clone(), *block, gradients.as_ptr(), to, apart(count * width));
            }
        }
    }
}

/// Adds the products of `count` tiles to the sums `[block, point, source, width]` of some points.
struct Sums<'a> {
    of: &'a Product<'a>,
    points: Range<usize>,
    count: usize,
    sources: &'a [f32],
    gradients: &'a [f32],
    sums: Shared,
}

impl Kernel for Sums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let channels = self.of.tiles.sources;
        for point in self.points.clone() {
            for (number, block) in self.of.blocks.iter().enumerate() {
                let width = block.vectors * V::LANES;
                let sums = self.sums.at(block_start(number, channels, V::LANES) + point * apart(channels * width));
                let tiles = [self.sources, self.gradients];
                add(v, self.of, point, number, 0..channels, self.count, tiles, sums);
            }
        }
    }
}

/// Adds the products of `count` tiles at a point to the sums of some channels by a block.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "where the parts of one product lie")]
fn add<V: Vector>(
    v: V,
    of: &Product<'_>,
    point: usize,
    number: usize,
    channels: Range<usize>,
    count: usize,
    [sources, gradients]: [&[f32]; 2],
    sums: *mut f32,
) {
    let (block, step) = (of.blocks[number], of.tiles.sources);
    let width = block.vectors * V::LANES;
    let sources = &sources[point * apart(count * step) + channels.start..];
    let gradients = &gradients[block_start(number, count, V::LANES) + point * apart(count * width)..];
    assert!(sources.len() >= (count - 1) * step + channels.len() && gradients.len() >= count * width);
    let (sources, gradients) = (sources.as_ptr(), gradients.as_ptr());
    let (sources, gradients) = (Strided { values: sources, step }, Strided { values: gradients, step: width });
    let lines = Lines { starts: &[(0, 0)], len: count };
    // SAFETY: sources and gradients lie inside, as asserted; the sums are the task's own.
    unsafe {
        match block.vectors {
            1 => outer::<V, 1>(v, channels.len(), lines, sources, gradients, sums),
            _ => outer::<V, 2>(v, channels.len(), lines, sources, gradients, sums),
        }
    }
}

/// Adds the products of `count` tiles to the sums `[point, channel, width]` of some channels by a block; and with the last
/// tiles, makes gradients of them.
struct Cell<'a> {
    of: &'a Product<'a>,
    number: usize,
    channels: Range<usize>,
    count: usize,
    sources: &'a [f32],
    gradients: &'a [f32],
    sums: &'a mut [f32],
    result: Option<Shared>,
}

impl Kernel for Cell<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { of, number, channels, count, sources, gradients, sums, result } = self;
        let block = of.blocks[number];
        let far = channels.len() * block.vectors * V::LANES;
        for point in 0..POINTS {
            let sums = sums[point * far..(point + 1) * far].as_mut_ptr();
            add(v, of, point, number, channels.clone(), count, [sources, gradients], sums);
        }
        if let Some(result) = result {
            // SAFETY: the sums are all there, and the gradients are the cell's own.
            unsafe { transform_weight_sums(v, block, channels, of.tiles.sources, sums.as_ptr(), far, result) };
        }
    }
}

/// Makes gradients of the sums of some channels.
struct Back<'a> {
    of: &'a Product<'a>,
    channels: Range<usize>,
    sums: &'a [f32],
    result: Shared,
}

impl Kernel for Back<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { of: Product { tiles, blocks, .. }, channels, sums, result } = self;
        for (number, block) in blocks.iter().enumerate() {
            let width = block.vectors * V::LANES;
            let sums = &sums[block_start(number, tiles.sources, V::LANES) + channels.start * width..];
            let far = apart(tiles.sources * width);
            // SAFETY: the sums of all channels are there, and the gradients are the task's own.
            unsafe {
                transform_weight_sums(v, *block, channels.clone(), tiles.sources, sums.as_ptr(), far, result);
            }
        }
    }
}
