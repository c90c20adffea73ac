//! Values that lie as rows of channels: `[N, C]`, and images channels last. How they are gone through, vectorised over
//! the channels and shared out over the cores. The bounds of parts and the order of additions depend on the sizes alone,
//! so that the number of threads changes no bit. What is computed is not known here.

use std::{array::from_fn, ops::Range};

use burn_dispatch::backends::flex::FlexTensor;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::{
    buffer::Buffer,
    floats::{contiguous, plain, tensor, untaped},
    order::channels_last,
};
use crate::{
    device::instructions,
    tensor::{Kind, Tensor},
};

/// Columns that are added up side by side, in registers.
const TILE: usize = 64;

/// Values that are added in float32 before their sum goes on in float64.
const RUN: usize = 16;

/// Values of a part, about; of a small tensor's part, so that there are several; and of what is small.
const PART: usize = 1 << 15;
const SMALL_PART: usize = 1 << 13;
const SMALL: usize = 1 << 17;

/// So few values are not worth another thread.
const ALONE: usize = 1 << 14;

/// Rows of channels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows {
    pub channels: usize,
    /// Values of the rows that are taken as one: of few channels several, so that the lanes are full.
    width: usize,
    len: usize,
}

/// Whether values lie as rows of channels, on the CPU device.
pub(in crate::tensor) fn lie_as_rows(values: &Tensor) -> bool {
    let Some(raw) = plain(values.raw_in_any_order()) else { return false };
    match values.rank() {
        2 => true,
        4 => raw.permute(&[0, 2, 3, 1]).is_contiguous(),
        _ => false,
    }
}

/// Values `[N, C]` or `[N, C, H, W]` as rows of channels, contiguous: a copy where they lie otherwise. None where they
/// are not on the CPU device.
pub(super) fn as_rows(values: &Tensor) -> Option<FlexTensor> {
    match values.rank() {
        4 => channels_last(values),
        _ => contiguous([values]).map(|[values]| values),
    }
}

/// As [`as_rows`], without a handle besides: the memory may be written into where it is unique.
pub(super) fn into_rows(values: Tensor) -> Option<FlexTensor> {
    if !lie_as_rows(&values) {
        return as_rows(&values);
    }
    let is_image = values.rank() == 4;
    let raw = plain(values.into_raw_in_any_order())?;
    Some(if is_image { raw.permute(&[0, 2, 3, 1]) } else { raw }.to_contiguous())
}

/// Rows of channels under the dims `[N, C]` or `[N, C, H, W]`; on no tape, on the device of another tensor.
pub(super) fn beside_rows(other: &Tensor, rows: FlexTensor, shape: &[usize]) -> Tensor {
    let rows = if shape.len() == 4 { rows.permute(&[0, 3, 1, 2]) } else { rows };
    Tensor::wrap(untaped(rows), Kind::Float, shape.to_vec(), other.device())
}

/// What was written as rows of channels of a tensor `[N, C]` or `[N, C, H, W]`.
pub(super) fn written_rows(values: Buffer, shape: &[usize]) -> FlexTensor {
    match *shape {
        [n, c, h, w] => tensor(values, &[n, h, w, c]),
        _ => tensor(values, shape),
    }
}

impl Rows {
    /// Those of a tensor `[N, C]` or `[N, C, H, W]`.
    pub fn of(shape: &[usize]) -> Self {
        let channels = shape[1];
        Self { channels, width: width(channels), len: shape.iter().product() }
    }

    /// Rows of so many channels.
    pub fn count(self) -> usize {
        self.len / self.channels
    }

    /// A value per channel, as often as it is needed beside a row.
    pub fn repeated(self, values: &[f32]) -> Vec<f32> {
        values.iter().copied().cycle().take(self.width.min(self.len)).collect()
    }

    /// How many values a part has: whole rows.
    pub fn part(self) -> usize {
        let wanted = if self.len < SMALL { SMALL_PART } else { PART };
        (wanted / self.width).max(1) * self.width
    }

    /// Calls `body(values, part)` for the values of every part, on all cores if there are many.
    pub fn each_part(self, target: &mut [f32], body: impl Fn(Range<usize>, &mut [f32]) + Sync) {
        let part = self.part();
        let whole = |(number, target): (usize, &mut [f32])| {
            body(number * part..number * part + target.len(), target);
        };
        match self.len <= ALONE {
            true => target.chunks_mut(part).enumerate().for_each(whole),
            false => target.par_chunks_mut(part).enumerate().for_each(whole),
        }
    }

    /// What `body(values)` finds for every part, in their order.
    pub fn of_parts<T: Send>(self, body: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
        let part = self.part();
        let whole = |number: usize| body(number * part..((number + 1) * part).min(self.len));
        let parts = 0..self.len.div_ceil(part);
        match self.len <= ALONE {
            true => parts.map(whole).collect(),
            false => parts.into_par_iter().map(whole).collect(),
        }
    }

    /// As [`Rows::of_parts`], of values that `body` may write as well.
    pub fn of_written_parts<T: Send>(
        self,
        target: &mut [f32],
        body: impl Fn(Range<usize>, &mut [f32]) -> T + Sync,
    ) -> Vec<T> {
        let part = self.part();
        let whole = |(number, target): (usize, &mut [f32])| body(number * part..number * part + target.len(), target);
        match self.len <= ALONE {
            true => target.chunks_mut(part).enumerate().map(whole).collect(),
            false => target.par_chunks_mut(part).enumerate().map(whole).collect(),
        }
    }

    /// Σ of either term per channel: `[2, C]`. `per` has a value per channel, as [`Rows::repeated`] gives it.
    pub fn pairs<const N: usize>(
        self,
        inputs: [&[f32]; N],
        per: &[f32],
        term: impl Fn([f32; N], f32) -> [f32; 2] + Copy,
    ) -> Vec<f64> {
        let mut sums = vec![0.0; 2 * per.len()];
        instructions::arch().dispatch(Pairs { inputs, per, sums: &mut sums, term });
        if self.width == self.channels {
            return sums;
        }
        let mut folded = vec![0.0; 2 * self.channels];
        for (folded, sums) in folded.chunks_mut(self.channels).zip(sums.chunks(per.len())) {
            for row in sums.chunks(self.channels) {
                folded.iter_mut().zip(row).for_each(|(folded, sum)| *folded += sum);
            }
        }
        folded
    }
}

/// The sums of [`Rows::pairs`], per column. No closure, since one that is not inlined keeps to the build's own
/// instructions.
struct Pairs<'a, const N: usize, F> {
    inputs: [&'a [f32]; N],
    per: &'a [f32],
    sums: &'a mut [f64],
    term: F,
}

impl<const N: usize, F: Fn([f32; N], f32) -> [f32; 2] + Copy> WithSimd for Pairs<'_, N, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { inputs, per, sums, term } = self;
        let (first, second) = sums.split_at_mut(per.len());
        let (run, len) = (RUN * per.len(), inputs[0].len());
        for start in (0..len).step_by(run) {
            let block = inputs.map(|values| &values[start..(start + run).min(len)]);
            add_pairs(block, per, [&mut *first, &mut *second], term);
        }
    }
}

/// The least common multiple with a tile, of channels that fill none; of more, their number.
fn width(channels: usize) -> usize {
    if channels >= TILE { channels } else { channels * (TILE >> channels.trailing_zeros().min(TILE.trailing_zeros())) }
}

/// Adds the sums over a few rows.
#[inline(always)]
fn add_pairs<const N: usize>(
    inputs: [&[f32]; N],
    per: &[f32],
    [first, second]: [&mut [f64]; 2],
    term: impl Fn([f32; N], f32) -> [f32; 2] + Copy,
) {
    let width = per.len();
    let rows = inputs[0].len() / width;
    let whole = width - width % TILE;
    for from in (0..whole).step_by(TILE) {
        let per = per[from..].first_chunk::<TILE>().expect("a tile begins in front of `whole`");
        let mut sums = [[0f32; TILE]; 2];
        for row in 0..rows {
            let at = row * width + from;
            let values = inputs.map(|values| values[at..].first_chunk::<TILE>().expect("the row is a whole one"));
            for column in 0..TILE {
                let [a, b] = term(from_fn(|input| values[input][column]), per[column]);
                sums[0][column] += a;
                sums[1][column] += b;
            }
        }
        for column in 0..TILE {
            first[from + column] += f64::from(sums[0][column]);
            second[from + column] += f64::from(sums[1][column]);
        }
    }
    // Columns behind the last tile, and the row that is cut off.
    let columns = |row: usize| if row < rows { whole..width } else { 0..inputs[0].len() - rows * width };
    for row in 0..=rows {
        let columns = columns(row);
        let at = row * width + columns.start..row * width + columns.end;
        let (values, per) = (inputs.map(|values| &values[at.clone()]), &per[columns.clone()]);
        let sums = first[columns.clone()].iter_mut().zip(&mut second[columns]);
        for (column, (first, second)) in sums.enumerate() {
            let [a, b] = term(from_fn(|input| values[input][column]), per[column]);
            *first += f64::from(a);
            *second += f64::from(b);
        }
    }
}

/// Sets each value to what `map` makes of the one that was there, or of that in `from`, of those beside it, and of what
/// there is per channel, as [`Rows::repeated`] gives it.
pub(super) fn each<const N: usize, const P: usize>(
    target: &mut [f32],
    from: Option<&[f32]>,
    inputs: [&[f32]; N],
    per: [&[f32]; P],
    map: impl Fn(f32, [f32; N], [f32; P]) -> f32,
) {
    instructions::arch().dispatch(Each { target, from, inputs, per, map });
}

/// What [`each`] does. No closure, since one that is not inlined keeps to the build's own instructions.
struct Each<'a, const N: usize, const P: usize, F> {
    target: &'a mut [f32],
    from: Option<&'a [f32]>,
    inputs: [&'a [f32]; N],
    per: [&'a [f32]; P],
    map: F,
}

impl<const N: usize, const P: usize, F: Fn(f32, [f32; N], [f32; P]) -> f32> WithSimd for Each<'_, N, P, F> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { target, from, inputs, per, map } = self;
        let width = per[0].len();
        for (number, target) in target.chunks_mut(width).enumerate() {
            let (start, len) = (number * width, target.len());
            let (inputs, per) = (inputs.map(|values| &values[start..start + len]), per.map(|values| &values[..len]));
            match from.map(|values| &values[start..start + len]) {
                Some(from) => {
                    for place in 0..len {
                        target[place] = map(from[place], from_fn(|n| inputs[n][place]), from_fn(|n| per[n][place]));
                    }
                }
                None => {
                    for place in 0..len {
                        target[place] = map(target[place], from_fn(|n| inputs[n][place]), from_fn(|n| per[n][place]));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    fn drawn(len: usize) -> Vec<f32> {
        let mut draws = Stream::new(3, "rows").at(0, 0, 0, 0);
        (0..len).map(|_| draws.normal() + 1.0).collect()
    }

    #[test]
    fn sums_are_those_of_every_channel_for_few_many_and_odd_channels() {
        for (count, channels) in [(1, 1), (7, 3), (3000, 1), (400, 3), (5000, 5), (999, 20), (70, 63), (33, 64)]
            .into_iter()
            .chain([(257, 65), (130, 100), (700, 128), (65, 512), (9, 2048)])
        {
            let rows = Rows::of(&[count, channels]);
            let (values, others) = (drawn(count * channels), drawn(count * channels));
            let per = rows.repeated(&drawn(channels));
            let found = rows.of_parts(|part| {
                rows.pairs([&values[part.clone()], &others[part]], &per, |[a, b], shift| [a - shift, a * b])
            });
            for channel in 0..channels {
                let (mut want, mut got) = ([0.0; 2], [0.0; 2]);
                for place in (channel..values.len()).step_by(channels) {
                    want[0] += f64::from(values[place] - per[channel]);
                    want[1] += f64::from(values[place]) * f64::from(others[place]);
                }
                for part in &found {
                    got[0] += part[channel];
                    got[1] += part[channels + channel];
                }
                let off = (0..2).map(|sum| (got[sum] - want[sum]).abs()).fold(0.0, f64::max);
                assert!(off < 1e-6 * count as f64 + 1e-6, "{count}×{channels} at {channel}: {got:?} for {want:?}");
            }
        }
    }

    #[test]
    fn every_value_is_mapped_with_what_its_channel_has() {
        for (count, channels) in [(7, 3), (20_000, 5), (31, 65), (500, 64)] {
            let rows = Rows::of(&[count, channels]);
            let values = drawn(count * channels);
            let own: Vec<f32> = (0..channels).map(|channel| channel as f32).collect();
            let (per, mut target) = (rows.repeated(&own), vec![1.0; values.len()]);
            rows.each_part(&mut target, |part, target| {
                each(target, None, [&values[part]], [&per], |old, [value], [own]| old + value * own);
            });
            for (place, got) in target.iter().enumerate() {
                assert_eq!(*got, 1.0 + values[place] * own[place % channels], "{count}×{channels} at {place}");
            }
        }
    }
}
