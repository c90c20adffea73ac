//! The other product at the bottom: some neighbouring sources by a block of gradients, summed over pixels in registers.

#![expect(clippy::needless_range_loop, reason = "closures would be compiled without the vectors' instructions")]

use super::vector::Vector;

/// Values that a pixel after another has, so far apart.
#[derive(Clone, Copy)]
pub(super) struct Strided {
    pub values: *const f32,
    pub step: usize,
}

/// Pixels that are summed over: where the sources and the gradients of each line begin, and how long lines are.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a> {
    pub starts: &'a [(usize, usize)],
    pub len: usize,
}

/// Adds to `rows` rows of `R` vectors the products of as many neighbouring sources with `R` vectors of gradients.
///
/// # Safety
/// The sources and gradients of all lines lie in their memory; `sums` points to the rows.
#[inline(always)]
pub(super) unsafe fn outer<V: Vector, const R: usize>(
    vector: V,
    rows: usize,
    lines: Lines<'_>,
    sources: Strided,
    gradients: Strided,
    sums: *mut f32,
) {
    let mut row = 0;
    macro_rules! by {
        ($m:literal) => {
            while rows - row >= $m {
                let sources = Strided { values: sources.values.wrapping_add(row), ..sources };
                let sums = sums.wrapping_add(row * R * V::LANES);
                // SAFETY: as the caller promises.
                unsafe { some_rows::<V, $m, R>(vector, lines, sources, gradients, sums) };
                row += $m;
            }
        };
    }
    if V::REGISTERS >= 32 {
        by!(8);
    }
    by!(4);
    by!(2);
    by!(1);
}

#[inline(always)]
unsafe fn some_rows<V: Vector, const M: usize, const R: usize>(
    vector: V,
    lines: Lines<'_>,
    sources: Strided,
    gradients: Strided,
    sums: *mut f32,
) {
    // SAFETY: as the caller of `outer` promises.
    unsafe {
        // From 0, and not from the sums so far: those of many pixels are sums of sums, which lose less.
        let mut all = [[vector.splat(0.0); R]; M];
        for (source, gradient) in lines.starts {
            let mut source = sources.values.wrapping_add(*source);
            let mut gradient = gradients.values.wrapping_add(*gradient);
            for _ in 0..lines.len {
                let mut g = [vector.splat(0.0); R];
                for r in 0..R {
                    g[r] = vector.load(gradient.add(r * V::LANES));
                }
                for m in 0..M {
                    let value = vector.splat(*source.add(m));
                    for r in 0..R {
                        all[m][r] = vector.mul_add(value, g[r], all[m][r]);
                    }
                }
                source = source.wrapping_add(sources.step);
                gradient = gradient.wrapping_add(gradients.step);
            }
        }
        for m in 0..M {
            for r in 0..R {
                let to = sums.add((m * R + r) * V::LANES);
                vector.store(to, vector.add(vector.load(to), all[m][r]));
            }
        }
    }
}
