//! Outputs from pixels, or pixels from outputs, by the products of transformed tiles and weights.

use std::ops::Range;

use pulp::Arch;
use rayon::prelude::*;

use super::{
    points::{POINTS, apart, block_start, of_blocks},
    tiles::{Tiles, transform_sources, transform_sums, transform_weights},
};
use crate::tensor::cpu::{
    buffer::Buffer,
    convolution::{
        blocks::{Block, Weight, blocks, padded},
        dot::{Run, dot},
        shared::Shared,
        vector::{Kernel, Vector, for_rows, lanes, run},
    },
};

/// Channels · outputs up to which all transformed weights stay in the cache while groups of tiles go by. Beyond, the
/// tiles stay and the weights go by, block after block.
const SMALL: usize = 128 * 128;

/// Tiles of a group: what they are transformed to stays in the second cache with their sums.
const GROUP: usize = 48;

/// Tiles that a block of weights is multiplied with at a time. Tests have few, and come to several goes all the same.
const AT_ONCE: usize = if cfg!(test) { 8 } else { 64 };

/// Bytes of transformed tiles that are kept for all blocks. Where there are more tiles, weights are transformed again.
const KEPT: usize = if cfg!(test) { 1 << 18 } else { 16 << 20 };

/// Tiles that are transformed in one task.
const TRANSFORMED: usize = 16;

/// Writes every target.
pub(super) fn convolve(
    arch: Arch,
    tiles: &Tiles,
    values: &[f32],
    weight: Weight<'_>,
    bias: Option<&[f32]>,
    result: &mut [f32],
) {
    let lanes = lanes(arch);
    let blocks = blocks(tiles.targets, lanes);
    let bias = bias.map(|bias| padded(bias, lanes));
    let (bias, result) = (bias.as_deref(), Shared::new(result));
    if tiles.sources * tiles.targets <= SMALL {
        let mut weights = Buffer::stale(of_blocks(tiles.sources, &blocks, lanes));
        let of_block = block_start(1, tiles.sources, lanes);
        weights.par_chunks_mut(of_block).zip(&blocks).for_each(|(to, block)| {
            run(arch, Weights { weight, block: *block, to });
        });
        let weights = &weights[..];
        (0..tiles.count().div_ceil(GROUP)).into_par_iter().for_each_init(
            || Buffer::stale(POINTS * (apart(GROUP * tiles.sources) + apart(GROUP * 2 * lanes))),
            |room, group| {
                let range = group * GROUP..((group + 1) * GROUP).min(tiles.count());
                run(arch, Group { tiles, range, blocks: &blocks, values, weights, bias, result, room });
            },
        );
        return;
    }
    let most = (KEPT / (POINTS * tiles.sources * size_of::<f32>())).max(TRANSFORMED);
    for start in (0..tiles.count()).step_by(most) {
        let range = start..(start + most).min(tiles.count());
        let mut transformed = Buffer::stale(POINTS * apart(range.len() * tiles.sources));
        transform(arch, tiles, &range, values, &mut transformed);
        let transformed = &transformed[..];
        blocks.par_iter().for_each_init(
            || {
                let of_weights = POINTS * apart(tiles.sources * 2 * lanes);
                [Buffer::stale(of_weights), Buffer::stale(POINTS * apart(AT_ONCE * 2 * lanes))]
            },
            |[weights, sums], block| {
                let range = range.clone();
                run(arch, OfBlock { tiles, range, block: *block, transformed, weight, bias, result, weights, sums });
            },
        );
    }
}

/// All tiles of a range: `[point, tile, source]`.
fn transform(arch: Arch, tiles: &Tiles, range: &Range<usize>, values: &[f32], to: &mut [f32]) {
    let (far, to) = (apart(range.len() * tiles.sources), Shared::new(to));
    (0..range.len().div_ceil(TRANSFORMED)).into_par_iter().for_each(|part| {
        let first = part * TRANSFORMED;
        let some = range.start + first..(range.start + first + TRANSFORMED).min(range.end);
        run(arch, Sources { tiles, range: some, values, to, first, far });
    });
}

struct Weights<'a> {
    weight: Weight<'a>,
    block: Block,
    to: &'a mut [f32],
}

impl Kernel for Weights<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let far = apart(self.weight.sources() * self.block.vectors * V::LANES);
        debug_assert!(self.to.len() >= POINTS * far);
        // SAFETY: there is room for all points.
        unsafe { transform_weights(v, self.weight, self.block, self.to.as_mut_ptr(), far) };
    }
}

pub(super) struct Sources<'a> {
    pub tiles: &'a Tiles,
    pub range: Range<usize>,
    pub values: &'a [f32],
    pub to: Shared,
    /// The place of the first tile.
    pub first: usize,
    pub far: usize,
}

impl Kernel for Sources<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        let Self { tiles, range, values, to, first, far } = self;
        // SAFETY: the tiles lie in the values, and what they become in places of their own.
        unsafe { transform_sources(v, tiles, range, values.as_ptr(), to.at(first * tiles.sources), far) };
    }
}

/// A group of tiles by all blocks.
struct Group<'a> {
    tiles: &'a Tiles,
    range: Range<usize>,
    blocks: &'a [Block],
    values: &'a [f32],
    weights: &'a [f32],
    bias: Option<&'a [f32]>,
    result: Shared,
    room: &'a mut Buffer,
}

impl Kernel for Group<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        for_rows!(v: V, self.compute);
    }
}

impl Group<'_> {
    #[inline(always)]
    fn compute<V: Vector, const M: usize>(self, v: V) {
        let Self { tiles, range, blocks, values, weights, bias, result, room } = self;
        let (count, sources) = (range.len(), tiles.sources);
        let far = [apart(count * sources), apart(count * 2 * V::LANES)];
        let (transformed, sums) = room.split_at_mut(POINTS * far[0]);
        // SAFETY: the tiles lie in the values, and the room has all points of a group, of sources and of sums.
        unsafe { transform_sources(v, tiles, range.clone(), values.as_ptr(), transformed.as_mut_ptr(), far[0]) };
        for (number, block) in blocks.iter().enumerate() {
            let weights = &weights[block_start(number, sources, V::LANES)..];
            let of_point = apart(sources * block.vectors * V::LANES);
            for point in 0..POINTS {
                let (transformed, sums) = (&transformed[point * far[0]..], &mut sums[point * far[1]..]);
                product::<V, M>(v, [count, sources], *block, transformed, &weights[point * of_point..], sums);
            }
            // SAFETY: the sums are those of the block, the targets those of the group.
            unsafe { transform_sums(v, tiles, range.clone(), *block, sums.as_ptr(), far[1], bias, result) };
        }
    }
}

/// A block by all tiles.
struct OfBlock<'a> {
    tiles: &'a Tiles,
    range: Range<usize>,
    block: Block,
    transformed: &'a [f32],
    weight: Weight<'a>,
    bias: Option<&'a [f32]>,
    result: Shared,
    weights: &'a mut Buffer,
    sums: &'a mut Buffer,
}

impl Kernel for OfBlock<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vector>(self, v: V) {
        for_rows!(v: V, self.compute);
    }
}

impl OfBlock<'_> {
    #[inline(always)]
    fn compute<V: Vector, const M: usize>(self, v: V) {
        let Self { tiles, range, block, transformed, weight, bias, result, weights, sums } = self;
        let (count, sources, width) = (range.len(), tiles.sources, block.vectors * V::LANES);
        let far = [apart(count * sources), apart(AT_ONCE * width)];
        let of_point = apart(sources * width);
        // SAFETY: there is room for all points of the block.
        unsafe { transform_weights(v, weight, block, weights.as_mut_ptr(), of_point) };
        for start in (0..count).step_by(AT_ONCE) {
            let some = AT_ONCE.min(count - start);
            for point in 0..POINTS {
                let transformed = &transformed[point * far[0] + start * sources..];
                let (weights, sums) = (&weights[point * of_point..], &mut sums[point * far[1]..]);
                product::<V, M>(v, [some, sources], block, transformed, weights, sums);
            }
            let range = range.start + start..range.start + start + some;
            // SAFETY: the sums are those of the block, the targets those of the tiles.
            unsafe { transform_sums(v, tiles, range, block, sums.as_ptr(), far[1], bias, result) };
        }
    }
}

/// `[tiles, width] = [tiles, sources] · [sources, width]`.
#[inline(always)]
fn product<V: Vector, const M: usize>(
    v: V,
    [tiles, sources]: [usize; 2],
    block: Block,
    transformed: &[f32],
    weights: &[f32],
    sums: &mut [f32],
) {
    let width = block.vectors * V::LANES;
    assert!(transformed.len() >= tiles * sources && weights.len() >= sources * width && sums.len() >= tiles * width);
    let runs = [Run { source: 0, weight: 0, len: sources }];
    let (from, to) = (transformed.as_ptr(), sums.as_mut_ptr());
    let mut tile = 0;
    while tile < tiles {
        let (mut rows, mut results) = ([from; M], [to; M]);
        for m in 0..M {
            let at = (tile + m).min(tiles - 1);
            rows[m] = from.wrapping_add(at * sources);
            results[m] = to.wrapping_add(at * width);
        }
        // SAFETY: all rows lie inside, as asserted; the last one may be computed several times, to the same.
        unsafe {
            match block.vectors {
                1 => dot::<V, M, 1>(v, rows, &runs, weights.as_ptr(), None, results, width),
                _ => dot::<V, M, 2>(v, rows, &runs, weights.as_ptr(), None, results, width),
            }
        }
        tile += M;
    }
}
