//! The transforms of Winograd's F(4×4, 3×3) (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR
//! 2016, section 4.1), for vectors of channels: with the points 0, ±1, ±2 and ∞,
//! Y = Aᵀ[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]A.

use crate::tensor::cpu::convolution::vector::Vector;

/// Bᵀ of six inputs.
#[inline(always)]
pub(super) fn inputs<V: Vector>(v: V, d: [V::Floats; 6]) -> [V::Floats; 6] {
    let (minus, two, four, five) = (v.splat(-4.0), v.splat(2.0), v.splat(4.0), v.splat(-5.0));
    let even = v.mul_add(minus, d[2], d[4]);
    let odd = v.mul_add(minus, d[1], d[3]);
    let plain = v.sub(d[4], d[2]);
    let twice = v.mul(two, v.sub(d[3], d[1]));
    [
        v.mul_add(four, d[0], v.mul_add(five, d[2], d[4])),
        v.add(even, odd),
        v.sub(even, odd),
        v.add(plain, twice),
        v.sub(plain, twice),
        v.mul_add(four, d[1], v.mul_add(five, d[3], d[5])),
    ]
}

/// Aᵀ of six products: four outputs.
#[inline(always)]
pub(super) fn outputs<V: Vector>(v: V, m: [V::Floats; 6]) -> [V::Floats; 4] {
    let (one, one_less) = (v.add(m[1], m[2]), v.sub(m[1], m[2]));
    let (two, two_less) = (v.add(m[3], m[4]), v.sub(m[3], m[4]));
    [
        v.add(m[0], v.add(one, two)),
        v.mul_add(v.splat(2.0), two_less, one_less),
        v.mul_add(v.splat(4.0), two, one),
        v.add(m[5], v.mul_add(v.splat(8.0), two_less, one_less)),
    ]
}

/// A of four gradients by outputs.
#[inline(always)]
pub(super) fn gradients<V: Vector>(v: V, y: [V::Floats; 4]) -> [V::Floats; 6] {
    let (even, odd) = (v.add(y[0], y[2]), v.add(y[1], y[3]));
    let even_two = v.mul_add(v.splat(4.0), y[2], y[0]);
    let odd_two = v.mul_add(v.splat(8.0), y[3], v.add(y[1], y[1]));
    [y[0], v.add(even, odd), v.sub(even, odd), v.add(even_two, odd_two), v.sub(even_two, odd_two), y[3]]
}

/// G of three weights.
#[inline(always)]
pub(super) fn weights<V: Vector>(v: V, w: [V::Floats; 3]) -> [V::Floats; 6] {
    let sixth = v.splat(-1.0 / 6.0);
    let ends = v.add(w[0], w[2]);
    let even = v.mul_add(v.splat(1.0 / 24.0), w[0], v.mul(v.splat(1.0 / 6.0), w[2]));
    let odd = v.mul(v.splat(1.0 / 12.0), w[1]);
    [
        v.mul(v.splat(0.25), w[0]),
        v.mul(sixth, v.add(ends, w[1])),
        v.mul(sixth, v.sub(ends, w[1])),
        v.add(even, odd),
        v.sub(even, odd),
        w[2],
    ]
}

/// Gᵀ of six sums: three gradients by weights.
#[inline(always)]
pub(super) fn weight_gradients<V: Vector>(v: V, u: [V::Floats; 6]) -> [V::Floats; 3] {
    let (one, one_less) = (v.add(u[1], u[2]), v.sub(u[2], u[1]));
    let (two, two_less) = (v.add(u[3], u[4]), v.sub(u[3], u[4]));
    let ends = v.mul(v.splat(-1.0 / 6.0), one);
    [
        v.mul_add(v.splat(0.25), u[0], v.mul_add(v.splat(1.0 / 24.0), two, ends)),
        v.mul_add(v.splat(1.0 / 6.0), one_less, v.mul(v.splat(1.0 / 12.0), two_less)),
        v.add(u[5], v.mul_add(v.splat(1.0 / 6.0), two, ends)),
    ]
}

/// A transform of both dims of `N × N` vectors, which gives `M × M`.
macro_rules! both {
    ($v:ident, $from:expr, $n:literal, $m:literal, $along:ident) => {{
        let from = $from;
        let zero = $v.splat(0.0);
        let mut half = [[zero; $n]; $m];
        for column in 0..$n {
            let mut line = [zero; $n];
            for row in 0..$n {
                line[row] = from[row][column];
            }
            let done = $along($v, line);
            for row in 0..$m {
                half[row][column] = done[row];
            }
        }
        let mut whole = [[zero; $m]; $m];
        for row in 0..$m {
            whole[row] = $along($v, half[row]);
        }
        whole
    }};
}
pub(super) use both;
