//! The largest and the mean of each window of a line. The kernels are no closures, since one that is not inlined keeps to
//! the build's own instructions.

use pulp::{Simd, WithSimd};

use super::windows::{Line, TILE, Window};

/// Whether a value takes the place of the largest so far.
#[inline(always)]
fn is_more(value: f32, most: f32) -> bool {
    value > most || value.is_nan()
}

/// The largest of each window of a line.
pub(super) struct Largest<'a> {
    pub line: Line<'a>,
    pub target: &'a mut [f32],
}

impl WithSimd for Largest<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let larger = |most, value| if is_more(value, most) { value } else { most };
        self.line.fold(self.target, f32::NEG_INFINITY, larger, |most, _| most);
    }
}

/// The mean of each window of a line, from sums in float64.
pub(super) struct Means<'a> {
    pub line: Line<'a>,
    pub target: &'a mut [f32],
}

impl WithSimd for Means<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let mean = |sum, window: &Window| (sum / window.divisor as f64) as f32;
        self.line.fold(self.target, 0.0, |sum, value| sum + f64::from(value), mean);
    }
}

/// The largest of each window of a line, and their pixels: values and pixels in registers of their own, which pairs of them
/// would not be.
pub(super) struct LargestAt<'a> {
    pub line: Line<'a>,
    pub target: &'a mut [f32],
    pub positions: &'a mut [i32],
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
