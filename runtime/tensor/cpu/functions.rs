//! Functions of one variable in float32, at most two units in the last place off. Each is straight code without a branch
//! or a table, so that a loop over it becomes vector instructions; `FUSED` is for processors that multiply and add in one
//! instruction. Arguments are any float32, subnormals, infinities and NaN among them.
//!
//! Reductions are those of Moshier's Cephes (expf, logf, tanhf, 1992), with ln 2 in two parts (Cody and Waite, 1980).
//! Polynomials are fitted by least squares with Lawson's weights; the tests measure what each is off.

use std::f32::consts::{FRAC_1_SQRT_2, LOG2_E};

/// 1.5 · 2²³. What is added to it is rounded to a whole number, which its last bits then are.
const SHIFT: f32 = 12_582_912.0;

/// ln 2 in two parts. The first has few enough digits that its product with a whole number is exact.
const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// 2⁻⁶⁴. A result that may be subnormal is computed larger and multiplied by this in the end.
const SMALL: f32 = 1.0 / (1u128 << 64) as f32;

/// a · b + c.
#[inline(always)]
fn fused<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

/// a · b + c rounded once, for the error of what was rounded before.
#[inline(always)]
fn exact<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { (f64::from(a) * f64::from(b) + f64::from(c)) as f32 }
}

/// Σ coefficient · xⁿ.
#[inline(always)]
fn polynomial<const FUSED: bool, const N: usize>(coefficients: [f32; N], x: f32) -> f32 {
    let mut sum = coefficients[N - 1];
    for place in (0..N - 1).rev() {
        sum = fused::<FUSED>(sum, x, coefficients[place]);
    }
    sum
}

/// x, at most that, or NaN.
#[inline(always)]
fn at_most(x: f32, most: f32) -> f32 {
    if x > most { most } else { x }
}

/// 2ᵏ · 2^`more`, for what [`SHIFT`] has rounded to k.
#[inline(always)]
fn power_of_two(shifted: f32, more: u32) -> f32 {
    f32::from_bits((shifted.to_bits() << 23).wrapping_add((127 + more) << 23))
}

/// k (shifted), r and eʳ − 1 − r, with x + low = k · ln 2 + r and |r| ≤ ln 2 / 2.
#[inline(always)]
fn reduced<const FUSED: bool>(x: f32, low: f32) -> (f32, f32, f32) {
    let shifted = fused::<FUSED>(x, LOG2_E, SHIFT);
    let k = shifted - SHIFT;
    let r = fused::<FUSED>(k, -LN_2_HIGH, x) + fused::<FUSED>(k, -LN_2_LOW, low);
    let rest = [0.499_999_94, 0.166_665_2, 0.041_668_404, 0.008_368_899, 0.001_381_422_2];
    (shifted, r, r * r * polynomial::<FUSED, 5>(rest, r))
}

/// eˣ · 2^`more`, where that is no subnormal number.
#[inline(always)]
fn exp_near<const FUSED: bool>(x: f32, more: u32) -> f32 {
    let (shifted, r, rest) = reduced::<FUSED>(x, 0.0);
    let scale = power_of_two(shifted, more);
    fused::<FUSED>(scale, r + rest, scale)
}

/// eˣ.
#[inline(always)]
pub(super) fn exp<const FUSED: bool>(x: f32) -> f32 {
    let x = at_most(x, 89.0);
    let x = if x < -104.0 { -104.0 } else { x };
    // By the square of 2^(k / 2), since 2ᵏ itself may be no float32.
    let shifted = fused::<FUSED>(x, LOG2_E / 2.0, SHIFT);
    let half = shifted - SHIFT;
    let r = fused::<FUSED>(half, -2.0 * LN_2_LOW, fused::<FUSED>(half, -2.0 * LN_2_HIGH, x));
    let rest = [0.500_000_36, 0.166_666_14, 0.041_661_27, 0.008_336_103, 0.001_410_447_4, 0.000_196_115_94];
    let rest = fused::<FUSED>(r * r, polynomial::<FUSED, 6>(rest, r), r);
    let scale = power_of_two(shifted, 0);
    fused::<FUSED>(scale, rest, scale) * scale
}

/// ln x.
#[inline(always)]
pub(super) fn log<const FUSED: bool>(x: f32) -> f32 {
    let is_subnormal = x < f32::MIN_POSITIVE;
    let bits = if is_subnormal { x * 8_388_608.0 } else { x }.to_bits();
    let k = bits.wrapping_sub(FRAC_1_SQRT_2.to_bits()) as i32 >> 23;
    // x = 2ᵏ · (1 + f), √½ ≤ 1 + f < √2.
    let f = f32::from_bits(bits.wrapping_sub((k << 23) as u32)) - 1.0;
    let k = k as f32 - if is_subnormal { 23.0 } else { 0.0 };
    let rest = [
        0.333_333_13,
        -0.250_000_1,
        0.200_021_19,
        -0.166_679_96,
        0.142_195_52,
        -0.124_055_89,
        0.118_881_62,
        -0.116_756_52,
        0.067_466_41,
    ];
    let near = fused::<FUSED>(f, polynomial::<FUSED, 9>(rest, f), -0.5) * (f * f);
    let found = fused::<FUSED>(k, LN_2_HIGH, fused::<FUSED>(k, LN_2_LOW, near) + f);
    let found = if x == f32::INFINITY { x } else { found };
    let at_most_0 = if x == 0.0 { f32::NEG_INFINITY } else { f32::NAN };
    if x > 0.0 { found } else { at_most_0 }
}

/// tanh x: 1 − 2 / (e²ˣ + 1), where that loses no digits.
#[inline(always)]
pub(super) fn tanh<const FUSED: bool>(x: f32) -> f32 {
    let (size, square) = (x.abs(), x * x);
    let far = 1.0 - 2.0 / (exp_near::<FUSED>(2.0 * at_most(size, 10.0), 0) + 1.0);
    let rest = [-0.333_332_8, 0.133_314_42, -0.053_739_715, 0.020_639_088, -0.005_704_987_3];
    let near = fused::<FUSED>(size * square, polynomial::<FUSED, 5>(rest, square), size);
    if size < 0.625 { near } else { far }.copysign(x)
}

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub(super) fn sigmoid<const FUSED: bool>(x: f32) -> f32 {
    let power = exp_near::<FUSED>(-at_most(x.abs(), 104.0), 64) * SMALL;
    let under = 1.0 + power;
    let found = if x < 0.0 { power } else { 1.0 } / under;
    // What `under` has lost counts by 1 / under, which is between ½ and 1.
    fused::<FUSED>(found, -0.75 * (power - (under - 1.0)), found)
}

/// The error function: 2 / √π · ∫ e^(−t²) dt from 0 to x. Far from 0 by ln(1 − erf x), a polynomial.
#[inline(always)]
pub(super) fn erf<const FUSED: bool>(x: f32) -> f32 {
    let size = at_most(x.abs(), 4.0);
    let of_log = [1.128_52, 0.635_699_4, 0.105_286_85, -0.022_906_03, 0.003_219_975, -0.000_214_594_94];
    let far = 1.0 - exp_near::<FUSED>(-size * polynomial::<FUSED, 6>(of_log, size), 0);
    let rest =
        [0.128_379_17, -0.376_126_32, 0.112_836_64, -0.026_857_706, 0.005_196_952_7, -0.000_809_770_7, 8.185_107e-5];
    let near = fused::<FUSED>(size, polynomial::<FUSED, 7>(rest, size * size), size);
    if size < 0.92 { near } else { far }.copysign(x)
}

/// From here on x · Φ(x) is 0, and φ(x).
const GELU_ENDS: f32 = 15.0;

/// k (shifted), r and eʳ − 1 − r for −x² / 2, of which what float32 does not hold is carried along.
#[inline(always)]
fn reduced_square<const FUSED: bool>(x: f32) -> (f32, f32, f32) {
    let square = -0.5 * x * x;
    reduced::<FUSED>(square, exact::<FUSED>(-0.5 * x, x, -square))
}

/// Φ(−x) · e^(x² / 2) in two parts, for x from 0 to [`GELU_ENDS`]: v · P(v) with v = 1 / (x + 2.5), P a polynomial.
#[inline(always)]
fn tail<const FUSED: bool>(x: f32) -> (f32, f32) {
    /// P is a polynomial of v − this, its first coefficient the second.
    const FROM: f32 = 0.226_562_5;
    const AT: f32 = 0.766_557_9;
    let under = x + 2.5;
    let v = 1.0 / under;
    // By how much v is off, in parts of itself.
    let off = fused::<FUSED>(-v, x - (under - 2.5), exact::<FUSED>(-v, under, 1.0));
    let rest = [
        2.340_559_2,
        3.165_521_9,
        -2.193_566_8,
        -9.194_195,
        10.388_584,
        27.163_95,
        -71.630_844,
        -31.762_08,
        310.533_4,
        -226.664_66,
    ];
    let away = v - FROM;
    let rest = polynomial::<FUSED, 10>(rest, away);
    let p = fused::<FUSED>(away, rest, AT);
    let high = v * p;
    let low = fused::<FUSED>(v, exact::<FUSED>(away, rest, AT - p), exact::<FUSED>(v, p, -high));
    // v · P(v) grows by about 1 + 2.5 v parts of itself for each part that v does.
    (high, fused::<FUSED>(high * off, fused::<FUSED>(2.5, v, 1.0), low))
}

/// x · Φ(x).
#[inline(always)]
pub(super) fn gelu<const FUSED: bool>(x: f32) -> f32 {
    let size = at_most(x.abs(), GELU_ENDS);
    let (shifted, r, rest) = reduced_square::<FUSED>(size);
    let (high, low) = tail::<FUSED>(size);
    let product = -size * high;
    let lost = fused::<FUSED>(-size, low, exact::<FUSED>(-size, high, -product));
    let more = exact::<FUSED>(product, r, fused::<FUSED>(product, rest, lost));
    // At 0 `more` may be of the other sign.
    let left = -((product + more) * power_of_two(shifted, 64) * SMALL).abs();
    // x · 0 has the sign of a zero, and is NaN at −∞, as PyTorch's.
    if x > 0.0 { x + left } else { fused::<FUSED>(x, 0.0, left) }
}

/// The derivative of [`gelu`], Φ(x) + x · φ(x). Where it is 0, of a size that φ has there.
#[inline(always)]
pub(super) fn gelu_slope<const FUSED: bool>(x: f32) -> f32 {
    /// 1 / √2π in two parts.
    const HIGH: f32 = 0.398_942_3;
    const LOW: f32 = (0.398_942_280_401_432_7 - HIGH as f64) as f32;
    let size = at_most(x.abs(), GELU_ENDS);
    let (shifted, r, rest) = reduced_square::<FUSED>(size);
    let (high, low) = tail::<FUSED>(size);
    let sum = exact::<FUSED>(size, -HIGH, high);
    let lost = fused::<FUSED>(size, -LOW, low);
    let more = exact::<FUSED>(sum, r, fused::<FUSED>(sum, rest, lost));
    let left = (sum + more) * power_of_two(shifted, 64) * SMALL;
    if x > 0.0 { 1.0 - left } else { left }
}

#[cfg(test)]
pub(super) mod tests {
    use std::f64::consts::SQRT_2;

    use burn_dispatch::backends::flex::ops::unary::erf_f64;

    use super::*;

    /// The distance of float32s about here.
    fn unit(value: f64) -> f64 {
        let exponent = (value.abs().to_bits() >> 52) as i32 - 1023;
        2f64.powi(exponent.max(-126) - 23)
    }

    /// By how many units a function is off at most, over float32s of every size.
    pub fn worst(name: &str, within: [f32; 2], got: impl Fn(f32) -> f32, want: impl Fn(f64) -> f64) -> f64 {
        let mut most = 0.0f64;
        // A prime, so that all of a float's digits vary.
        for bits in (0..=u32::MAX).step_by(50_021) {
            let x = f32::from_bits(bits);
            let (got, want) = (got(x), want(x.into()));
            if x.is_nan() {
                assert!(got.is_nan(), "{name} of NaN is {got}");
                continue;
            }
            if !(within[0]..=within[1]).contains(&x) {
                continue;
            }
            if want.is_nan() || (want as f32).is_infinite() || want == 0.0 {
                let is_same = got.to_bits() == (want as f32).to_bits() || want.is_nan() && got.is_nan();
                assert!(is_same, "{name} of {x:e} is {got:e}, not {want:e}");
                continue;
            }
            let off = (f64::from(got) - want).abs() / unit(want);
            assert!(off < 2.0, "{name} of {x:e} is {got:e}, not {want:e}: {off} units off");
            most = most.max(off);
        }
        most
    }

    /// 1 − erf x to as many digits where it is small, by its continued fraction.
    fn erfc(x: f64) -> f64 {
        if x < 2.0 {
            return 1.0 - erf_f64(x);
        }
        let fraction = (1..=200).rev().fold(0.0, |rest, n| f64::from(n) / 2.0 / (x + rest));
        (-x * x).exp() / (std::f64::consts::PI.sqrt() * (x + fraction))
    }

    fn check<const FUSED: bool>() {
        let all = [f32::NEG_INFINITY, f32::INFINITY];
        let finite = [f32::MIN, f32::MAX];
        let found = [
            ("exp", worst("exp", all, exp::<FUSED>, f64::exp), 1.5),
            ("log", worst("log", all, log::<FUSED>, f64::ln), 0.9),
            ("tanh", worst("tanh", all, tanh::<FUSED>, f64::tanh), 1.4),
            ("sigmoid", worst("sigmoid", all, sigmoid::<FUSED>, |x| 1.0 / (1.0 + (-x).exp())), 1.9),
            ("erf", worst("erf", all, erf::<FUSED>, erf_f64), 1.4),
            ("gelu", worst("gelu", finite, gelu::<FUSED>, |x| x * 0.5 * erfc(-x / SQRT_2)), 2.0),
        ];
        for (name, worst, bound) in found {
            println!("{name}: {worst:.3} units");
            assert!(worst < bound, "{name}: {worst} units in the last place");
        }
    }

    #[test]
    fn all_are_within_two_units_in_the_last_place_by_fused_instructions() {
        check::<true>();
    }

    #[test]
    fn all_are_within_two_units_in_the_last_place_by_plain_instructions() {
        check::<false>();
    }

    #[test]
    fn signs_and_ends_are_pytorchs() {
        let ends = [f32::NEG_INFINITY, -1.0, -0.0, 0.0, f32::INFINITY];
        let of = |f: fn(f32) -> f32| ends.map(f);
        let bits = |values: [f32; 5]| values.map(|value| if value.is_nan() { u32::MAX } else { value.to_bits() });
        let (inf, nan) = (f32::INFINITY, f32::NAN);
        let e = std::f32::consts::E;
        assert_eq!(bits(of(exp::<true>)), bits([0.0, 1.0 / e, 1.0, 1.0, inf]));
        assert_eq!(bits(of(log::<true>)), bits([nan, nan, -inf, -inf, inf]));
        assert_eq!(bits(of(tanh::<true>)), bits([-1.0, -0.761_594_2, -0.0, 0.0, 1.0]));
        assert_eq!(bits(of(erf::<true>)), bits([-1.0, -0.842_700_84, -0.0, 0.0, 1.0]));
        assert_eq!(bits(of(sigmoid::<true>)), bits([0.0, 0.268_941_43, 0.5, 0.5, 1.0]));
        assert_eq!(of(gelu::<true>)[2].to_bits(), (-0.0f32).to_bits());
        assert_eq!(gelu::<true>(-3e38), 0.0);
    }

    fn check_slope<const FUSED: bool>() {
        for step in -160_000..=60_000 {
            let x = step as f32 / 1e4;
            let of = f64::from(x);
            let density = (-0.5 * of * of).exp() / std::f64::consts::TAU.sqrt();
            let want = 0.5 * erfc(-of / SQRT_2) + of * density;
            let got = gelu_slope::<FUSED>(x);
            // Both terms are close to each other where the slope is 0.
            let off = (f64::from(got) - want).abs() / unit(want.abs().max(density));
            assert!(off < 2.0, "{x}: {got}, not {want}: {off} units off");
        }
        assert!(gelu_slope::<FUSED>(f32::NAN).is_nan());
        assert_eq!([-20.0, 0.0, 20.0, f32::INFINITY].map(gelu_slope::<FUSED>), [0.0, 0.5, 1.0, 1.0]);
    }

    #[test]
    fn the_slope_of_gelu_is_its_derivative() {
        check_slope::<true>();
        check_slope::<false>();
    }
}
