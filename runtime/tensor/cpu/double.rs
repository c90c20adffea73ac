//! Functions of one variable in float64, of which the result is rounded to float32 once: half a unit in the last place,
//! and a little. For those that float32 by itself is too far off at, or that are not asked for often. Each is straight
//! code without a branch or a table, so that a loop over it becomes vector instructions; `FUSED` is for processors that
//! multiply and add in one instruction. Arguments are any float32, subnormals, infinities and NaN among them, where
//! nothing else is said.
//!
//! Reductions are those of every library (Muller, Elementary Functions, 2016, chapters 10 and 11). Polynomials are
//! interpolated at Chebyshev's nodes; the tests measure what each is off.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, FRAC_PI_2, LN_2, LOG2_E, LOG10_E};

/// 1.5 · 2⁵². What is added to it is rounded to a whole number, which its last bits then are.
const SHIFT: f64 = 6_755_399_441_055_744.0;

/// Sine and cosine of more than this want π to more digits.
pub(super) const MOST_TURNED: f32 = 1e6;

/// a · b + c.
#[inline(always)]
fn fused<const FUSED: bool>(a: f64, b: f64, c: f64) -> f64 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// Σ coefficient · xⁿ.
#[inline(always)]
fn polynomial<const FUSED: bool, const N: usize>(coefficients: [f64; N], x: f64) -> f64 {
    let mut sum = coefficients[N - 1];
    for place in (0..N - 1).rev() {
        sum = fused::<FUSED>(sum, x, coefficients[place]);
    }
    sum
}

/// ln x.
#[inline(always)]
fn log<const FUSED: bool>(x: f64) -> f64 {
    /// Exponents are counted from here, so that none is below 0.
    const BIAS: u64 = 1024;
    /// 2⁵²: a small number is its last bits.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    let bits = x.to_bits();
    let k = bits.wrapping_sub(FRAC_1_SQRT_2.to_bits()).wrapping_add(BIAS << 52) >> 52;
    // x = 2ᵏ · (1 + f), √½ ≤ 1 + f < √2.
    let f = f64::from_bits(bits.wrapping_sub(k.wrapping_sub(BIAS) << 52)) - 1.0;
    let k = f64::from_bits(k | WHOLE.to_bits()) - (WHOLE + BIAS as f64);
    let rest = [
        0.333_333_332_811_992_46,
        -0.249_999_902_750_422_1,
        0.200_000_100_396_849_73,
        -0.166_680_015_230_719_26,
        0.142_865_245_477_866_41,
        -0.124_507_433_209_117_25,
        0.110_377_833_590_550_2,
        -0.106_461_916_381_996_34,
        0.105_308_647_389_383_45,
        -0.062_015_001_190_183_34,
    ];
    let near = fused::<FUSED>(f * f, fused::<FUSED>(polynomial::<FUSED, 10>(rest, f), f, -0.5), f);
    let found = fused::<FUSED>(k, LN_2, near);
    let found = if x == f64::INFINITY { x } else { found };
    let at_most_0 = if x == 0.0 { f64::NEG_INFINITY } else { f64::NAN };
    if x > 0.0 { found } else { at_most_0 }
}

/// ln(1 + x).
#[inline(always)]
pub(super) fn log1p<const FUSED: bool>(x: f64) -> f64 {
    let found = log::<FUSED>(1.0 + x);
    // 1 + x has lost digits of x.
    let near = x * polynomial::<FUSED, 3>([1.0, -0.5, 1.0 / 3.0], x);
    if x.abs() < 1e-4 { near } else { found }
}

/// log₂ x; exact where x is a power of 2, once it is rounded.
#[inline(always)]
pub(super) fn log2<const FUSED: bool>(x: f64) -> f64 {
    log::<FUSED>(x) * LOG2_E
}

/// log₁₀ x.
#[inline(always)]
pub(super) fn log10<const FUSED: bool>(x: f64) -> f64 {
    log::<FUSED>(x) * LOG10_E
}

/// What ends an exponent, far outside of float32.
const MOST_RAISED: f64 = 700.0;

/// 2ᵏ and eʳ − 1, with x = k · ln 2 + r and |r| ≤ ln 2 / 2. What is over [`MOST_RAISED`] counts as that.
#[inline(always)]
fn raised<const FUSED: bool>(x: f64) -> (f64, f64) {
    let x = if x > MOST_RAISED { MOST_RAISED } else { x };
    let x = if x < -MOST_RAISED { -MOST_RAISED } else { x };
    let shifted = fused::<FUSED>(x, LOG2_E, SHIFT);
    let r = fused::<FUSED>(shifted - SHIFT, -LN_2, x);
    // 1 / n!, n from 2.
    let rest =
        [1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40_320.0, 1.0 / 362_880.0];
    let rest = fused::<FUSED>(r * r, polynomial::<FUSED, 8>(rest, r), r);
    (f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52), rest)
}

/// eˣ.
#[inline(always)]
pub(super) fn exp<const FUSED: bool>(x: f64) -> f64 {
    let (scale, rest) = raised::<FUSED>(x);
    fused::<FUSED>(scale, rest, scale)
}

/// eˣ − 1.
#[inline(always)]
pub(super) fn expm1<const FUSED: bool>(x: f64) -> f64 {
    let (scale, rest) = raised::<FUSED>(x);
    let found = fused::<FUSED>(scale, rest, scale - 1.0);
    if x == 0.0 { x } else { found }
}

/// ln(1 + eˣ).
#[inline(always)]
pub(super) fn softplus<const FUSED: bool>(x: f64) -> f64 {
    let over_0 = if x < 0.0 { 0.0 } else { x };
    over_0 + log1p::<FUSED>(exp::<FUSED>(-x.abs()))
}

/// x / (1 + e⁻ˣ).
#[inline(always)]
pub(super) fn silu<const FUSED: bool>(x: f64) -> f64 {
    let found = x / (1.0 + exp::<FUSED>(-x));
    // −∞ · 0.
    if x == f64::NEG_INFINITY { f64::NAN } else { found }
}

/// x · tanh(ln(1 + eˣ)): with n = eˣ · (eˣ + 2), x · n / (n + 2).
#[inline(always)]
pub(super) fn mish<const FUSED: bool>(x: f64) -> f64 {
    /// From here on that is x.
    const FAR: f64 = 40.0;
    let power = exp::<FUSED>(if x > FAR { FAR } else { x });
    let n = power * (power + 2.0);
    let found = x * (n / (n + 2.0));
    // −∞ · 0.
    if x == f64::NEG_INFINITY { f64::NAN } else { found }
}

/// sinh x.
#[inline(always)]
pub(super) fn sinh<const FUSED: bool>(x: f64) -> f64 {
    let more = expm1::<FUSED>(x.abs());
    (0.5 * (more + more / (more + 1.0))).copysign(x)
}

/// cosh x.
#[inline(always)]
pub(super) fn cosh<const FUSED: bool>(x: f64) -> f64 {
    let power = exp::<FUSED>(x.abs());
    0.5 * (power + 1.0 / power)
}

/// The inverse of sinh.
#[inline(always)]
pub(super) fn asinh<const FUSED: bool>(x: f64) -> f64 {
    let (size, square) = (x.abs(), x * x);
    let found = log1p::<FUSED>(size + square / (1.0 + (1.0 + square).sqrt()));
    if size == f64::INFINITY { x } else { found.copysign(x) }
}

/// The inverse of cosh, from 0; NaN below 1.
#[inline(always)]
pub(super) fn acosh<const FUSED: bool>(x: f64) -> f64 {
    let over = x - 1.0;
    let found = log1p::<FUSED>(over + (over * (x + 1.0)).sqrt());
    // Far below 1 the two are of one size.
    if x < 1.0 { f64::NAN } else { found }
}

/// The inverse of tanh.
#[inline(always)]
pub(super) fn atanh<const FUSED: bool>(x: f64) -> f64 {
    let size = x.abs();
    (0.5 * log1p::<FUSED>(2.0 * size / (1.0 - size))).copysign(x)
}

/// Sine and cosine of the rest of x by π/2, and how often that goes into x, by 4; for |x| up to [`MOST_TURNED`].
#[inline(always)]
fn quarter<const FUSED: bool>(x: f64) -> (f64, f64, u64) {
    // π/2 in two parts. The first has few enough digits that its product with a quarter's number is exact.
    const HIGH: f64 = f64::from_bits(FRAC_PI_2.to_bits() & !0xffff_ffff);
    const LOW: f64 = (FRAC_PI_2 - HIGH) + 6.123_233_995_736_766e-17;
    let shifted = fused::<FUSED>(x, FRAC_2_PI, SHIFT);
    let k = shifted - SHIFT;
    let r = fused::<FUSED>(k, -LOW, fused::<FUSED>(k, -HIGH, x));
    let square = r * r;
    let of_sine = [
        -0.166_666_666_638_530_44,
        0.008_333_331_873_837_089,
        -0.000_198_400_862_637_554_43,
        2.724_986_465_513_958_5e-6,
    ];
    let of_cosine = [0.041_666_664_658_300_42, -0.001_388_830_280_230_916_1, 2.454_789_161_981_386e-5];
    let sine = fused::<FUSED>(r * square, polynomial::<FUSED, 4>(of_sine, square), r);
    let near = fused::<FUSED>(square, polynomial::<FUSED, 3>(of_cosine, square), -0.5);
    (sine, fused::<FUSED>(square, near, 1.0), shifted.to_bits())
}

/// sin x, for |x| up to [`MOST_TURNED`].
#[inline(always)]
pub(super) fn sin<const FUSED: bool>(x: f64) -> f64 {
    let (sine, cosine, quarters) = quarter::<FUSED>(x);
    let found = if quarters & 1 == 0 { sine } else { cosine };
    let found = f64::from_bits(found.to_bits() ^ (quarters & 2) << 62);
    // −0 is its own sine.
    if x == 0.0 { x } else { found }
}

/// cos x, for |x| up to [`MOST_TURNED`].
#[inline(always)]
pub(super) fn cos<const FUSED: bool>(x: f64) -> f64 {
    let (sine, cosine, quarters) = quarter::<FUSED>(x);
    let found = if quarters & 1 == 0 { cosine } else { sine };
    f64::from_bits(found.to_bits() ^ (quarters.wrapping_add(1) & 2) << 62)
}

#[cfg(test)]
mod tests {
    use super::{super::functions::tests::worst, *};

    fn exact_softplus(x: f64) -> f64 {
        x.max(0.0) + (-x.abs()).exp().ln_1p() + if x.is_nan() { x } else { 0.0 }
    }

    fn exact_mish(x: f64) -> f64 {
        x * exact_softplus(x).tanh()
    }

    // Those of the standard library lose digits near 0 and 1, or overflow.
    fn exact_asinh(x: f64) -> f64 {
        let size = x.abs();
        if size > 1e150 { x } else { (size + size * size / (1.0 + size.hypot(1.0))).ln_1p().copysign(x) }
    }

    fn exact_acosh(x: f64) -> f64 {
        if x < 1.0 { f64::NAN } else { ((x - 1.0) + ((x - 1.0) * (x + 1.0)).sqrt()).ln_1p() }
    }

    fn exact_atanh(x: f64) -> f64 {
        0.5 * (x.ln_1p() - (-x).ln_1p())
    }

    fn check<const FUSED: bool>() {
        let all = [f32::NEG_INFINITY, f32::INFINITY];
        let turned = [-MOST_TURNED, MOST_TURNED];
        let found = [
            ("log1p", worst("log1p", all, |x| log1p::<FUSED>(x.into()) as f32, f64::ln_1p), 0.51),
            ("sin", worst("sin", turned, |x| sin::<FUSED>(x.into()) as f32, f64::sin), 0.52),
            ("cos", worst("cos", turned, |x| cos::<FUSED>(x.into()) as f32, f64::cos), 0.52),
            ("log2", worst("log2", all, |x| log2::<FUSED>(x.into()) as f32, f64::log2), 0.51),
            ("log10", worst("log10", all, |x| log10::<FUSED>(x.into()) as f32, f64::log10), 0.51),
            ("exp", worst("exp", all, |x| exp::<FUSED>(x.into()) as f32, f64::exp), 0.51),
            ("expm1", worst("expm1", all, |x| expm1::<FUSED>(x.into()) as f32, f64::exp_m1), 0.51),
            ("softplus", worst("softplus", all, |x| softplus::<FUSED>(x.into()) as f32, exact_softplus), 0.51),
            ("silu", worst("silu", all, |x| silu::<FUSED>(x.into()) as f32, |x| x / (1.0 + (-x).exp())), 0.51),
            ("mish", worst("mish", all, |x| mish::<FUSED>(x.into()) as f32, exact_mish), 0.51),
            ("sinh", worst("sinh", all, |x| sinh::<FUSED>(x.into()) as f32, f64::sinh), 0.51),
            ("cosh", worst("cosh", all, |x| cosh::<FUSED>(x.into()) as f32, f64::cosh), 0.51),
            ("asinh", worst("asinh", all, |x| asinh::<FUSED>(x.into()) as f32, exact_asinh), 0.52),
            ("acosh", worst("acosh", all, |x| acosh::<FUSED>(x.into()) as f32, exact_acosh), 0.52),
            ("atanh", worst("atanh", all, |x| atanh::<FUSED>(x.into()) as f32, exact_atanh), 0.52),
        ];
        for (name, worst, bound) in found {
            println!("{name}: {worst:.3} units");
            assert!(worst < bound, "{name}: {worst} units in the last place");
        }
    }

    #[test]
    fn all_are_within_about_half_a_unit_in_the_last_place_by_fused_instructions() {
        check::<true>();
    }

    #[test]
    fn all_are_within_about_half_a_unit_in_the_last_place_by_plain_instructions() {
        check::<false>();
    }

    #[test]
    fn signs_and_ends_are_pytorchs() {
        let of = |x: f64| log1p::<true>(x) as f32;
        assert!(of(f64::NEG_INFINITY).is_nan());
        assert_eq!([of(-1.0), of(f64::INFINITY)], [f32::NEG_INFINITY, f32::INFINITY]);
        assert_eq!(
            [of(-0.0), of(0.0), sin::<true>(-0.0) as f32].map(f32::to_bits),
            [-0.0f32, 0.0, -0.0].map(f32::to_bits)
        );
        for odd in [expm1::<true>, sinh::<true>, asinh::<true>, atanh::<true>] {
            assert_eq!([-0.0, 0.0].map(|x| (odd(x) as f32).to_bits()), [-0.0f32, 0.0].map(f32::to_bits));
        }
        assert_eq!([-20.0, 0.0, 7.0, 127.0].map(|k| log2::<true>(2f64.powf(k)) as f32), [-20.0, 0.0, 7.0, 127.0]);
        assert_eq!([-1.0, 1.0].map(|x| atanh::<true>(x) as f32), [f32::NEG_INFINITY, f32::INFINITY]);
        assert!([silu::<true>, mish::<true>, acosh::<true>].iter().all(|f| f(f64::NEG_INFINITY).is_nan()));
        assert!(acosh::<true>(-1e16).is_nan());
    }
}
