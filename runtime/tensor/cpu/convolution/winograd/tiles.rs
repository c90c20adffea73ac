//! Images cut into tiles of 4×4 targets, each of which sees 6×6 sources; and from values to transformed values and back.

#![expect(clippy::needless_range_loop, reason = "closures would be compiled without the vectors' instructions")]

use std::ops::Range;

use super::transform::{both, gradients, inputs, outputs, weight_gradients, weights};
use crate::tensor::cpu::convolution::{
    blocks::{Block, Weight},
    geometry::Geometry,
    shared::Shared,
    vector::Vector,
};

/// The tiles of one direction of a convolution.
#[derive(Clone, Copy)]
pub(super) struct Tiles {
    images: usize,
    source: [usize; 2],
    pub sources: usize,
    target: [usize; 2],
    pub targets: usize,
    padding: [usize; 2],
}

impl Tiles {
    /// Outputs from pixels.
    pub fn forward(geometry: &Geometry) -> Self {
        let Geometry { images, channels, size, outputs, padding, out, .. } = *geometry;
        Self { images, source: size, sources: channels, target: out, targets: outputs, padding }
    }

    /// Pixels from outputs.
    pub fn back(geometry: &Geometry) -> Self {
        let Geometry { images, channels, size, outputs, padding, out, .. } = *geometry;
        let padding = padding.map(|padding| 2 - padding);
        Self { images, source: out, sources: outputs, target: size, targets: channels, padding }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.images * self.of_image()
    }

    fn of_image(&self) -> usize {
        self.target[0].div_ceil(4) * self.target[1].div_ceil(4)
    }

    /// The image of a tile, and its first target.
    fn place(&self, tile: usize) -> (usize, [usize; 2]) {
        let (image, tile) = (tile / self.of_image(), tile % self.of_image());
        let across = self.target[1].div_ceil(4);
        (image, [tile / across * 4, tile % across * 4])
    }

    /// Where the sources of a tile begin; none outside of the image, where they are 0.
    fn sources_of(&self, tile: usize) -> [[Option<usize>; 6]; 6] {
        let (image, [row, column]) = self.place(tile);
        let inside = |dim: usize, target: usize, step: usize| {
            (target + step).checked_sub(self.padding[dim]).filter(|source| *source < self.source[dim])
        };
        let mut places = [[None; 6]; 6];
        for (down, places) in places.iter_mut().enumerate() {
            let Some(y) = inside(0, row, down) else { continue };
            for (across, place) in places.iter_mut().enumerate() {
                let pixel = |x| ((image * self.source[0] + y) * self.source[1] + x) * self.sources;
                *place = inside(1, column, across).map(pixel);
            }
        }
        places
    }

    /// Where the targets of a tile begin; none outside of the image.
    fn targets_of(&self, tile: usize) -> [[Option<usize>; 4]; 4] {
        let (image, [row, column]) = self.place(tile);
        let mut places = [[None; 4]; 4];
        for (y, places) in (row..self.target[0]).zip(&mut places) {
            for (x, place) in (column..self.target[1]).zip(places) {
                *place = Some(((image * self.target[0] + y) * self.target[1] + x) * self.targets);
            }
        }
        places
    }
}

/// Transformed sources of tiles: `[point, tile, source]`, points `far` apart.
///
/// # Safety
/// `values` has the sources of the tiles, and `to` points to room for what is written.
#[inline(always)]
pub(super) unsafe fn transform_sources<V: Vector>(
    v: V,
    tiles: &Tiles,
    range: Range<usize>,
    values: *const f32,
    to: *mut f32,
    far: usize,
) {
    for (position, tile) in range.enumerate() {
        let places = tiles.sources_of(tile);
        let mut source = 0;
        while source < tiles.sources {
            let count = tiles.sources - source;
            let mut x = [[v.splat(0.0); 6]; 6];
            for i in 0..6 {
                for j in 0..6 {
                    if let Some(place) = places[i][j] {
                        // SAFETY: as the caller promises.
                        x[i][j] = unsafe { load(v, values.add(place + source), count) };
                    }
                }
            }
            let x = both!(v, x, 6, 6, inputs);
            for i in 0..6 {
                for j in 0..6 {
                    // SAFETY: as above.
                    unsafe { store(v, to.add((i * 6 + j) * far + position * tiles.sources + source), x[i][j], count) };
                }
            }
            source += V::LANES;
        }
    }
}

/// Transformed gradients of a block of targets: `[point, tile, width]`, points `far` apart. Safety as
/// [`transform_sources`].
#[inline(always)]
pub(super) unsafe fn transform_gradients<V: Vector>(
    v: V,
    tiles: &Tiles,
    range: Range<usize>,
    block: Block,
    values: *const f32,
    to: *mut f32,
    far: usize,
) {
    for (position, tile) in range.enumerate() {
        let places = tiles.targets_of(tile);
        for r in 0..block.vectors {
            let first = r * V::LANES;
            let mut y = [[v.splat(0.0); 4]; 4];
            for i in 0..4 {
                for j in 0..4 {
                    if let Some(place) = places[i][j] {
                        // SAFETY: as the caller promises.
                        y[i][j] = unsafe { load(v, values.add(place + block.start + first), block.count - first) };
                    }
                }
            }
            let y = both!(v, y, 4, 6, gradients);
            for i in 0..6 {
                for j in 0..6 {
                    let place = (i * 6 + j) * far + position * block.vectors * V::LANES + first;
                    // SAFETY: as above.
                    unsafe { v.store(to.add(place), y[i][j]) };
                }
            }
        }
    }
}

/// Targets of a block, from sums `[point, tile, width]` of points `far` apart. Safety as [`transform_sources`].
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "pointers and sizes of one transform")]
pub(super) unsafe fn transform_sums<V: Vector>(
    v: V,
    tiles: &Tiles,
    range: Range<usize>,
    block: Block,
    sums: *const f32,
    far: usize,
    bias: Option<&[f32]>,
    result: Shared,
) {
    for (position, tile) in range.enumerate() {
        let places = tiles.targets_of(tile);
        for r in 0..block.vectors {
            let first = r * V::LANES;
            let mut m = [[v.splat(0.0); 6]; 6];
            for i in 0..6 {
                for j in 0..6 {
                    let place = (i * 6 + j) * far + position * block.vectors * V::LANES + first;
                    // SAFETY: as the caller promises.
                    m[i][j] = unsafe { v.load(sums.add(place)) };
                }
            }
            let y = both!(v, m, 6, 4, outputs);
            let mut shift = v.splat(0.0);
            if let Some(bias) = bias {
                // SAFETY: it is filled up to whole vectors.
                shift = unsafe { v.load(bias.as_ptr().add(block.start + first)) };
            }
            for i in 0..4 {
                for j in 0..4 {
                    if let Some(place) = places[i][j] {
                        let to = result.at(place + block.start + first);
                        // SAFETY: as the caller promises.
                        unsafe { store(v, to, v.add(y[i][j], shift), block.count - first) };
                    }
                }
            }
        }
    }
}

/// Transformed weights of a block: `[point, source, width]`, points `far` apart. Safety as [`transform_sources`].
#[inline(always)]
pub(super) unsafe fn transform_weights<V: Vector>(v: V, weight: Weight<'_>, block: Block, to: *mut f32, far: usize) {
    let [source_step, target_step] = weight.steps();
    let mut taps = [[0.0; LANES]; 9];
    for source in 0..weight.sources() {
        for r in 0..block.vectors {
            let first = r * V::LANES;
            let count = (block.count - first).min(V::LANES);
            for lane in 0..V::LANES {
                let from = source * source_step + (block.start + first + lane) * target_step;
                for tap in 0..9 {
                    // Back, a pixel sees outputs through the taps in reverse.
                    let place = if weight.is_back { 8 - tap } else { tap };
                    taps[place][lane] = if lane < count { weight.values[from + tap] } else { 0.0 };
                }
            }
            let mut w = [[v.splat(0.0); 3]; 3];
            for i in 0..3 {
                for j in 0..3 {
                    // SAFETY: a row has as many floats as the widest vector.
                    w[i][j] = unsafe { v.load(taps[i * 3 + j].as_ptr()) };
                }
            }
            let u = both!(v, w, 3, 6, weights);
            for i in 0..6 {
                for j in 0..6 {
                    let place = (i * 6 + j) * far + source * block.vectors * V::LANES + first;
                    // SAFETY: as the caller promises.
                    unsafe { v.store(to.add(place), u[i][j]) };
                }
            }
        }
    }
}

/// Gradients by the weights `[O, C, 3, 3]` of some channels and a block of outputs, from sums `[point, channel, width]` of
/// points `far` apart. Safety as [`transform_sources`].
#[inline(always)]
pub(super) unsafe fn transform_weight_sums<V: Vector>(
    v: V,
    block: Block,
    channels: Range<usize>,
    all_channels: usize,
    sums: *const f32,
    far: usize,
    result: Shared,
) {
    let mut taps = [[0.0; LANES]; 9];
    for (position, channel) in channels.enumerate() {
        for r in 0..block.vectors {
            let first = r * V::LANES;
            let mut u = [[v.splat(0.0); 6]; 6];
            for i in 0..6 {
                for j in 0..6 {
                    let place = (i * 6 + j) * far + position * block.vectors * V::LANES + first;
                    // SAFETY: as the caller promises.
                    u[i][j] = unsafe { v.load(sums.add(place)) };
                }
            }
            let w = both!(v, u, 6, 3, weight_gradients);
            for i in 0..3 {
                for j in 0..3 {
                    // SAFETY: a row has as many floats as the widest vector.
                    unsafe { v.store(taps[i * 3 + j].as_mut_ptr(), w[i][j]) };
                }
            }
            for lane in 0..(block.count - first).min(V::LANES) {
                let to = result.at(((block.start + first + lane) * all_channels + channel) * 9);
                for (tap, values) in taps.iter().enumerate() {
                    // SAFETY: as the caller promises.
                    unsafe { *to.add(tap) = values[lane] };
                }
            }
        }
    }
}

/// Floats of the widest vector.
const LANES: usize = 16;

#[inline(always)]
unsafe fn load<V: Vector>(v: V, from: *const f32, count: usize) -> V::Floats {
    // SAFETY: the caller has `count` floats there, or more than a vector.
    unsafe { if count >= V::LANES { v.load(from) } else { v.load_some(from, count) } }
}

#[inline(always)]
unsafe fn store<V: Vector>(v: V, to: *mut f32, value: V::Floats, count: usize) {
    // SAFETY: the caller has room for `count` floats there, or more than a vector.
    unsafe { if count >= V::LANES { v.store(to, value) } else { v.store_some(to, value, count) } }
}
