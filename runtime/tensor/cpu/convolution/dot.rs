//! The product at the bottom of a convolution: some rows of sources by a block of outputs, summed over taps and channels
//! in registers.

#![expect(clippy::needless_range_loop, reason = "closures would be compiled without the vectors' instructions")]

use super::vector::Vector;

/// Sources that lie one after another, and where their weights begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// From the base of a target.
    pub source: isize,
    /// In rows of the packed block.
    pub weight: usize,
    pub len: usize,
}

/// Writes the sums of `M` rows of sources by `R` vectors of outputs, `start` added.
///
/// # Safety
/// Every run of every row lies in its source, and in the packed weights, whose rows are `R` vectors wide. `start` points
/// to `R` vectors. Each of `to` points to room for `count` floats, more than `R − 1` vectors have and no more than `R`.
#[inline(always)]
pub(super) unsafe fn dot<V: Vector, const M: usize, const R: usize>(
    vector: V,
    rows: [*const f32; M],
    runs: &[Run],
    weights: *const f32,
    start: Option<*const f32>,
    to: [*mut f32; M],
    count: usize,
) {
    // SAFETY: as the caller promises.
    unsafe {
        let mut first = [vector.splat(0.0); R];
        if let Some(start) = start {
            for r in 0..R {
                first[r] = vector.load(start.add(r * V::LANES));
            }
        }
        let mut sums = [first; M];
        for run in runs {
            let mut sources = rows;
            for source in &mut sources {
                *source = source.wrapping_offset(run.source);
            }
            let mut weights = weights.add(run.weight * R * V::LANES);
            for i in 0..run.len {
                let mut w = [vector.splat(0.0); R];
                for r in 0..R {
                    w[r] = vector.load(weights.add(r * V::LANES));
                }
                weights = weights.add(R * V::LANES);
                for m in 0..M {
                    let value = vector.splat(*sources[m].add(i));
                    for r in 0..R {
                        sums[m][r] = vector.mul_add(value, w[r], sums[m][r]);
                    }
                }
            }
        }
        for m in 0..M {
            for r in 0..R {
                let to = to[m].add(r * V::LANES);
                if (r + 1) * V::LANES <= count {
                    vector.store(to, sums[m][r]);
                } else {
                    vector.store_some(to, sums[m][r], count - r * V::LANES);
                }
            }
        }
    }
}
