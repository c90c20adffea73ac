//! Functions of one variable in float64, of which the result is rounded to float32 once: half a unit in the last place,
//! and a little. Each is straight code without a branch or a table, so that a loop over it becomes vector instructions;
//! `FUSED` is for processors that multiply and add in one instruction. Where nothing else is said, arguments are any
//! float32, subnormals, infinities and NaN among them.
//!
//! Reductions are those of every library (Muller, Elementary Functions, 2016, chapters 10 and 11). Polynomials are
//! interpolated at Chebyshev's nodes, that of [`erf`] fitted by least squares with Lawson's weights; the tests measure
//! what each is off.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_PI, FRAC_2_SQRT_PI, FRAC_PI_2, LN_2, LOG2_E, SQRT_2};

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

/// x between the two, or NaN.
#[inline(always)]
fn between(x: f64, least: f64, most: f64) -> f64 {
    let x = if x > most { most } else { x };
    if x < least { least } else { x }
}

/// 2ᵏ and eʳ − 1, with x = k · ln 2 + r and |r| ≤ ln 2 / 2, for |x| up to 700.
#[inline(always)]
fn power<const FUSED: bool>(x: f64) -> (f64, f64) {
    let shifted = fused::<FUSED>(x, LOG2_E, SHIFT);
    let r = fused::<FUSED>(shifted - SHIFT, -LN_2, x);
    let scale = f64::from_bits((shifted.to_bits() << 52).wrapping_add(1.0f64.to_bits()));
    let rest = [
        0.500_000_001_349_817_8,
        0.166_666_666_816_591_8,
        0.041_666_464_602_026_54,
        0.008_333_310_889_582_076,
        0.001_393_368_586_261_717_4,
        0.000_198_910_306_543_703_27,
    ];
    (scale, fused::<FUSED>(r * r, polynomial::<FUSED, 6>(rest, r), r))
}

/// eˣ.
#[inline(always)]
pub(super) fn exp<const FUSED: bool>(x: f64) -> f64 {
    let (scale, rest) = power::<FUSED>(between(x, -160.0, 160.0));
    fused::<FUSED>(scale, rest, scale)
}

/// eˣ − 1, for |x| up to 700.
#[inline(always)]
fn exp_m1<const FUSED: bool>(x: f64) -> f64 {
    let (scale, rest) = power::<FUSED>(x);
    fused::<FUSED>(scale, rest, scale - 1.0)
}

/// ln x.
#[inline(always)]
pub(super) fn log<const FUSED: bool>(x: f64) -> f64 {
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

/// tanh x.
#[inline(always)]
pub(super) fn tanh<const FUSED: bool>(x: f64) -> f64 {
    let power = exp_m1::<FUSED>(2.0 * between(x, -20.0, 20.0));
    (power / (power + 2.0)).copysign(x)
}

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub(super) fn sigmoid<const FUSED: bool>(x: f64) -> f64 {
    1.0 / (1.0 + exp::<FUSED>(-x))
}

/// −ln(1 − erf x) for x from 0 to 10.2, where float32 ends.
#[inline(always)]
fn log_erfc<const FUSED: bool>(x: f64) -> f64 {
    let rest = [
        FRAC_2_SQRT_PI,
        0.636_621_334_828_109_2,
        0.102_751_662_617_223_16,
        -0.019_028_677_174_028_27,
        -0.000_455_034_673_701_340_53,
        0.002_065_676_863_244_233,
        -0.000_960_131_062_070_637_6,
        0.000_284_174_754_444_644_45,
        -6.169_475_999_349_333e-5,
        1.019_268_611_704_868_3e-5,
        -1.291_274_991_326_501_8e-6,
        1.246_225_226_836_091_4e-7,
        -8.997_349_165_154_507e-9,
        4.701_566_582_819_73e-10,
        -1.678_000_545_187_389e-11,
        3.656_536_440_169_377_5e-13,
        -3.666_990_395_521_593e-15,
    ];
    x * polynomial::<FUSED, 17>(rest, x)
}

/// The error function: 2 / √π · ∫ e^(−t²) dt from 0 to x.
#[inline(always)]
pub(super) fn erf<const FUSED: bool>(x: f64) -> f64 {
    (-exp_m1::<FUSED>(-log_erfc::<FUSED>(between(x.abs(), 0.0, 10.2)))).copysign(x)
}

/// Φ(x), the normal distribution function, to as many digits on either side. 0 where x · Φ(x) is none.
#[inline(always)]
fn normal<const FUSED: bool>(x: f64) -> f64 {
    let tail = 0.5 * exp::<FUSED>(-log_erfc::<FUSED>(between(x.abs() * FRAC_1_SQRT_2, 0.0, 10.2)));
    let left = if x < -10.2 * SQRT_2 { 0.0 } else { tail };
    if x > 0.0 { 1.0 - tail } else { left }
}

/// x · Φ(x).
#[inline(always)]
pub(super) fn gelu<const FUSED: bool>(x: f64) -> f64 {
    x * normal::<FUSED>(x)
}

/// The derivative of [`gelu`], Φ(x) + x · φ(x).
#[inline(always)]
pub(super) fn gelu_slope<const FUSED: bool>(x: f64) -> f64 {
    let density = exp::<FUSED>(-0.5 * x * x) * (FRAC_2_SQRT_PI * FRAC_1_SQRT_2 * 0.5);
    fused::<FUSED>(x, density, normal::<FUSED>(x))
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
    use burn_dispatch::backends::flex::ops::unary::erf_f64;

    use super::*;

    /// The distance of float32s about here.
    fn unit(value: f64) -> f64 {
        let exponent = (value.abs().to_bits() >> 52) as i32 - 1023;
        2f64.powi(exponent.max(-126) - 23)
    }

    /// By how many units a function is off at most, over float32s of every size.
    fn worst(name: &str, within: [f32; 2], got: impl Fn(f64) -> f64, want: impl Fn(f64) -> f64) -> f64 {
        let mut most = 0.0f64;
        // A prime, so that all of a float's digits vary.
        for bits in (0..=u32::MAX).step_by(50_021) {
            let x = f32::from_bits(bits);
            let (got, want) = (got(x.into()) as f32, want(x.into()));
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
        let turned = [-MOST_TURNED, MOST_TURNED];
        let finite = [f32::MIN, f32::MAX];
        let found = [
            ("exp", worst("exp", all, exp::<FUSED>, f64::exp), 0.51),
            ("log", worst("log", all, log::<FUSED>, f64::ln), 0.51),
            ("log1p", worst("log1p", all, log1p::<FUSED>, f64::ln_1p), 0.51),
            ("tanh", worst("tanh", all, tanh::<FUSED>, f64::tanh), 0.52),
            ("sigmoid", worst("sigmoid", all, sigmoid::<FUSED>, |x| 1.0 / (1.0 + (-x).exp())), 0.51),
            ("erf", worst("erf", all, erf::<FUSED>, erf_f64), 1.2),
            ("gelu", worst("gelu", finite, gelu::<FUSED>, |x| x * 0.5 * erfc(-x / SQRT_2)), 1.2),
            ("sin", worst("sin", turned, sin::<FUSED>, f64::sin), 0.52),
            ("cos", worst("cos", turned, cos::<FUSED>, f64::cos), 0.52),
        ];
        for (name, worst, bound) in found {
            println!("{name}: {worst:.3} units");
            assert!(worst < bound, "{name}: {worst} units in the last place");
        }
    }

    #[test]
    fn all_are_within_about_a_unit_in_the_last_place_by_fused_instructions() {
        check::<true>();
    }

    #[test]
    fn all_are_within_about_a_unit_in_the_last_place_by_plain_instructions() {
        check::<false>();
    }

    #[test]
    fn signs_and_ends_are_pytorchs() {
        let ends = [f64::NEG_INFINITY, -1.0, -0.0, 0.0, f64::INFINITY];
        let of = |f: fn(f64) -> f64| ends.map(|x| f(x) as f32);
        let bits = |values: [f32; 5]| values.map(|value| if value.is_nan() { u32::MAX } else { value.to_bits() });
        let (inf, nan) = (f32::INFINITY, f32::NAN);
        let e = std::f32::consts::E;
        assert_eq!(bits(of(exp::<true>)), bits([0.0, 1.0 / e, 1.0, 1.0, inf]));
        assert_eq!(bits(of(log::<true>)), bits([nan, nan, -inf, -inf, inf]));
        assert_eq!(bits(of(log1p::<true>)), bits([nan, -inf, -0.0, 0.0, inf]));
        assert_eq!(bits(of(tanh::<true>)), bits([-1.0, -0.761_594_2, -0.0, 0.0, 1.0]));
        assert_eq!(bits(of(erf::<true>)), bits([-1.0, -0.842_700_8, -0.0, 0.0, 1.0]));
        assert_eq!(bits(of(sigmoid::<true>)), bits([0.0, 0.268_941_43, 0.5, 0.5, 1.0]));
        assert_eq!(of(gelu::<true>)[2].to_bits(), (-0.0f32).to_bits());
        assert_eq!(of(sin::<true>)[2].to_bits(), (-0.0f32).to_bits());
        assert_eq!(gelu::<true>(-3e38) as f32, 0.0);
    }

    #[test]
    fn the_slope_of_gelu_is_its_derivative() {
        for step in -900..=900 {
            let x = f64::from(step) / 100.0;
            let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
            let want = 0.5 * erfc(-x / SQRT_2) + x * density;
            let got = gelu_slope::<true>(x);
            // Both terms are close to each other where the slope is 0.
            assert!((got - want).abs() < 1e-7 * want.abs() + 5e-8 * density, "{x}: {got}, not {want}");
        }
    }
}
