//! Sums of many floats, accumulated in float64 in blocks: what comes out is the exact sum, rounded about once. The
//! bounds of the blocks and the order in which they are added depend on the sizes alone, so that the number of threads
//! changes no bit. Instructions wider than the build's own are found at run time.

use rayon::prelude::*;

use crate::device::instructions;

/// Partial sums that a processor adds side by side.
const LANES: usize = 16;

/// Values that are added without a break; fewer are not worth another thread.
const BLOCK: usize = 1 << 16;

/// Columns that are summed side by side: their accumulators stay in the first cache.
const TILE: usize = 1024;

/// Places of fewer values are not worth the setting up of lanes, nor a dispatch each.
const SHORT: usize = 256;

/// Rows of at least so many columns are shared out by columns instead of by rows.
const WIDE: usize = 1 << 14;

/// Values in row-major order, `[outer, along, inner]`, of which the middle is summed over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub outer: usize,
    pub along: usize,
    pub inner: usize,
}

impl Extent {
    /// `Σ term(value, shift)` over the middle: `[outer, inner]`, as is `shift`, which is 0 where none is given.
    pub fn fold(self, values: &[f32], shift: Option<&[f64]>, term: impl Fn(f64, f64) -> f64 + Copy + Sync) -> Vec<f64> {
        let Self { outer, along, inner } = self;
        debug_assert!(values.len() == outer * along * inner);
        debug_assert!(shift.is_none_or(|shift| shift.len() == outer * inner));
        if values.is_empty() {
            return vec![0.0; outer * inner];
        }
        if along * inner < SHORT {
            return self.fold_short(values, shift, term);
        }
        let zeros = if shift.is_none() { vec![0.0; outer * inner] } else { Vec::new() };
        let shift = shift.unwrap_or(&zeros);
        let rows = self.rows_of_a_block();
        let blocks = along.div_ceil(rows);
        let mut parts = vec![0.0; outer * blocks * inner];
        let arch = instructions::arch();
        let whole = |number: usize, part: &mut [f64]| {
            let (place, block) = (number / blocks, number % blocks);
            let rows = block * rows..((block + 1) * rows).min(along);
            let start = place * along * inner;
            let values = &values[start + rows.start * inner..start + rows.end * inner];
            let shift = &shift[place * inner..(place + 1) * inner];
            arch.dispatch(
                #[inline(always)]
                || match inner {
                    1 => part[0] = line(values, shift[0], term),
                    _ if inner < LANES * 4 => narrow(values, shift, part, term),
                    _ => {
                        for from in (0..inner).step_by(TILE) {
                            let to = (from + TILE).min(inner);
                            columns(values, inner, from, &shift[from..to], &mut part[from..to], term);
                        }
                    }
                },
            );
        };
        if values.len() < BLOCK {
            parts.chunks_mut(inner).enumerate().for_each(|(number, part)| whole(number, part));
        } else if inner >= WIDE {
            parts.par_chunks_mut(inner).enumerate().for_each(|(place, part)| {
                let values = &values[place * along * inner..(place + 1) * along * inner];
                let shift = &shift[place * inner..(place + 1) * inner];
                part.par_chunks_mut(TILE).zip(shift.par_chunks(TILE)).enumerate().for_each(|(tile, (part, shift))| {
                    arch.dispatch(
                        #[inline(always)]
                        || columns(values, inner, tile * TILE, shift, part, term),
                    );
                });
            });
        } else {
            let least = (BLOCK / (rows.min(along) * inner)).max(1);
            parts.par_chunks_mut(inner).with_min_len(least).enumerate().for_each(|(number, part)| whole(number, part));
        }
        if blocks == 1 { parts } else { combined(&parts, blocks, inner) }
    }

    /// [`Extent::fold`] where a place has few values: a run of places is one task and one dispatch.
    fn fold_short(
        self,
        values: &[f32],
        shift: Option<&[f64]>,
        term: impl Fn(f64, f64) -> f64 + Copy + Sync,
    ) -> Vec<f64> {
        let Self { outer, along, inner } = self;
        let run = (BLOCK / (along * inner)).min(outer);
        let mut sums = vec![0.0; outer * inner];
        // Of one run, so that they stay in a cache.
        let zeros = if shift.is_none() { vec![0.0; run * inner] } else { Vec::new() };
        let arch = instructions::arch();
        let whole = |number: usize, sums: &mut [f64]| {
            let start = number * run * inner;
            let values = &values[start * along..start * along + sums.len() * along];
            let shift = shift.map_or(&zeros[..], |shift| &shift[start..]);
            arch.dispatch(
                #[inline(always)]
                || short(values, along, shift, inner, sums, term),
            );
        };
        if run == outer {
            whole(0, &mut sums);
        } else {
            sums.par_chunks_mut(run * inner).enumerate().for_each(|(number, sums)| whole(number, sums));
        }
        sums
    }

    /// How many rows are summed before a block ends.
    fn rows_of_a_block(self) -> usize {
        match self.inner {
            inner if inner >= WIDE => self.along,
            inner if inner < LANES * 4 => (BLOCK / inner).next_multiple_of(groups(inner)),
            inner => 4 * BLOCK / inner,
        }
    }
}

/// The blocks of each place, one after another.
fn combined(parts: &[f64], blocks: usize, inner: usize) -> Vec<f64> {
    let mut sums = Vec::with_capacity(parts.len() / blocks);
    for blocks in parts.chunks(blocks * inner) {
        let start = sums.len();
        sums.extend_from_slice(&blocks[..inner]);
        for block in blocks[inner..].chunks(inner) {
            sums[start..].iter_mut().zip(block).for_each(|(sum, part)| *sum += part);
        }
    }
    sums
}

/// Places of few values, one after another.
#[inline(always)]
fn short(
    values: &[f32],
    along: usize,
    shift: &[f64],
    inner: usize,
    sums: &mut [f64],
    term: impl Fn(f64, f64) -> f64 + Copy,
) {
    if inner == 1 {
        for ((sum, shift), values) in sums.iter_mut().zip(shift).zip(values.chunks_exact(along)) {
            *sum = if along < LANES * 4 { plain(values, *shift, term) } else { line(values, *shift, term) };
        }
        return;
    }
    let places = sums.chunks_exact_mut(inner).zip(shift.chunks_exact(inner));
    for ((sums, shift), values) in places.zip(values.chunks_exact(along * inner)) {
        for row in values.chunks_exact(inner) {
            for (sum, (value, shift)) in sums.iter_mut().zip(row.iter().zip(shift)) {
                *sum += term(f64::from(*value), *shift);
            }
        }
    }
}

#[inline(always)]
fn plain(values: &[f32], shift: f64, term: impl Fn(f64, f64) -> f64) -> f64 {
    let mut sum = 0.0;
    for value in values {
        sum += term(f64::from(*value), shift);
    }
    sum
}

/// Values that lie side by side.
#[inline(always)]
fn line(values: &[f32], shift: f64, term: impl Fn(f64, f64) -> f64) -> f64 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for lane in 0..LANES {
            lanes[lane] += term(f64::from(chunk[lane]), shift);
        }
    }
    let rest: f64 = rest.iter().map(|value| term(f64::from(*value), shift)).sum();
    lanes.iter().sum::<f64>() + rest
}

/// How many rows of few columns are taken as one.
fn groups(inner: usize) -> usize {
    (LANES * 4).div_ceil(inner)
}

/// Rows of few columns: several rows are one long row, so that the lanes are full.
#[inline(always)]
fn narrow(values: &[f32], shift: &[f64], part: &mut [f64], term: impl Fn(f64, f64) -> f64) {
    let inner = shift.len();
    let width = groups(inner) * inner;
    let mut sums = [0.0; LANES * 8];
    let mut shifts = [0.0; LANES * 8];
    shifts[..width].chunks_mut(inner).for_each(|group| group.copy_from_slice(shift));
    for row in values.chunks(width) {
        for (sum, (value, shift)) in sums.iter_mut().zip(row.iter().zip(&shifts)) {
            *sum += term(f64::from(*value), *shift);
        }
    }
    for group in sums[..width].chunks(inner) {
        part.iter_mut().zip(group).for_each(|(part, sum)| *part += sum);
    }
}

/// Some columns of rows that are `inner` long.
#[inline(always)]
fn columns(values: &[f32], inner: usize, from: usize, shift: &[f64], part: &mut [f64], term: impl Fn(f64, f64) -> f64) {
    for row in values.chunks(inner) {
        let row = &row[from..from + part.len()];
        for (sum, (value, shift)) in part.iter_mut().zip(row.iter().zip(shift)) {
            *sum += term(f64::from(*value), *shift);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Stream;

    /// Sums in another order, with the error of each addition carried along (Neumaier, 1974).
    fn compensated(terms: impl Iterator<Item = f64>) -> f64 {
        let (mut sum, mut error) = (0.0f64, 0.0);
        for term in terms {
            let next = sum + term;
            error += if sum.abs() >= term.abs() { (sum - next) + term } else { (term - next) + sum };
            sum = next;
        }
        sum + error
    }

    #[test]
    fn every_place_has_the_sum_of_its_own_values_for_sizes_on_either_side_of_each_bound() {
        for [outer, along, inner] in [
            [1, 1, 1],
            [3, 17, 1],
            [1, 2 * BLOCK + 3, 1],
            [300, 401, 1],
            [3, 63, 1],
            [3, 255, 1],
            [3, 256, 1],
            [70_001, 3, 1],
            [30_001, 2, 2],
            [900, 3, 40],
            [70, 1, 300],
            [2, 5, 3],
            [1, 70_001, 2],
            [2, 30_000, 7],
            [1, 3001, 63],
            [1, 3001, 64],
            [3, 700, 129],
            [2, 9, TILE + 5],
            [1, 40, WIDE - 1],
            [2, 3, WIDE + 7],
        ] {
            let mut draws = Stream::new(3, "fold").at(0, 0, 0, 0);
            let values: Vec<f32> = (0..outer * along * inner).map(|_| draws.normal() + 3.0).collect();
            let shift: Vec<f64> = (0..outer * inner).map(|_| f64::from(draws.normal())).collect();
            let extent = Extent { outer, along, inner };
            let got = extent.fold(&values, Some(&shift), |value, shift| (value - shift) * (value - shift));
            for place in 0..outer * inner {
                let start = place / inner * along * inner + place % inner;
                let terms = (0..along).map(|row| (f64::from(values[start + row * inner]) - shift[place]).powi(2));
                let want = compensated(terms);
                let off = (got[place] - want).abs() / want.max(1.0);
                assert!(off < 1e-12, "{extent:?} at {place}: {} for {want}", got[place]);
            }
        }
    }

    #[test]
    fn one_two_and_five_threads_give_the_same_bits() {
        let mut draws = Stream::new(4, "threads").at(0, 0, 0, 0);
        let values: Vec<f32> = (0..6 * 96_000).map(|_| draws.normal()).collect();
        for [outer, along, inner] in [
            [1, 576_000, 1],
            [1, 96_000, 6],
            [1, 1000, 576],
            [6, 96_000, 1],
            [6, 6, 16_000],
            [288_000, 2, 1],
            [5760, 10, 10],
        ] {
            let extent = Extent { outer, along, inner };
            let sums = [1, 2, 5].map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| extent.fold(&values, None, |value, _| value))
            });
            let bits = sums.map(|sums| sums.iter().map(|sum| sum.to_bits()).collect::<Vec<_>>());
            assert!(bits[0] == bits[1] && bits[1] == bits[2], "{extent:?}");
        }
    }
}
