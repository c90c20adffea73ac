//! The complement and the inverse of the error function, in float64 on the host.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI, PI};

use super::{Kind, Tensor};
use crate::{
    Error, Result,
    tape::{Step, record},
};

impl Tensor {
    /// 1 − erf x, with all its digits where that is small. On the host.
    pub fn erfc(&self) -> Result<Self> {
        let output = self.on_host("erfc", erfc)?;
        Ok(record("erfc", [self], output, |tape| {
            let x = tape.keep(self);
            move |by: Self, step: &Step<'_, Self>| {
                let x = x.get(step)?;
                Ok([Some(by.mul(&x.mul(&x)?.neg()?.exp()?)?.mul_scalar(-FRAC_2_SQRT_PI)?)])
            }
        }))
    }

    /// The inverse of the error function; ±∞ at ±1, NaN outside. On the host.
    pub fn erfinv(&self) -> Result<Self> {
        let output = self.on_host("erfinv", erfinv)?;
        Ok(record("erfinv", [self], output.clone(), |tape| {
            let y = tape.keep_output(&output, 0);
            move |by: Self, step: &Step<'_, Self>| {
                let y = y.get(step)?;
                Ok([Some(by.mul(&y.mul(&y)?.exp()?)?.mul_scalar(PI.sqrt() / 2.0)?)])
            }
        }))
    }

    /// The result alone of a function in float64 of every value.
    fn on_host(&self, op: &'static str, function: fn(f64) -> f64) -> Result<Self> {
        if self.kind() == Kind::Bool {
            return Err(Error::Kind { op, want: "float32", got: self.kind().name() });
        }
        let values = self.doubles()?.into_iter().map(function).collect();
        Self::from_doubles(values, self.shape(), self)
    }
}

/// Σ coefficientₙ · xⁿ.
fn polynomial<const N: usize>(coefficients: [f64; N], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// 1 − erf x: rational functions of Cody (Math. Comp. 1969).
pub(super) fn erfc(x: f64) -> f64 {
    let size = x.abs();
    if size <= 0.46875 {
        let square = x * x;
        let over = [
            3.209_377_589_138_469_5e3,
            3.774_852_376_853_02e2,
            1.138_641_541_510_501_6e2,
            3.161_123_743_870_565_5,
            0.185_777_706_184_603_15,
        ];
        let under = [
            2.844_236_833_439_171e3,
            1.282_616_526_077_372_3e3,
            2.440_246_379_344_441_6e2,
            23.601_290_952_344_122,
            1.0,
        ];
        return 1.0 - x * polynomial(over, square) / polynomial(under, square);
    }
    let scaled = if size <= 4.0 {
        let over = [
            1.230_339_354_797_997_2e3,
            2.051_078_377_826_071_6e3,
            1.712_047_612_634_070_7e3,
            8.819_522_212_417_69e2,
            2.986_351_381_974_001e2,
            66.119_190_637_141_63,
            8.883_149_794_388_375,
            0.564_188_496_988_670_1,
            2.153_115_354_744_038_3e-8,
        ];
        let under = [
            1.230_339_354_803_749_5e3,
            3.439_367_674_143_721_6e3,
            4.362_619_090_143_247e3,
            3.290_799_235_733_459_7e3,
            1.621_389_574_566_690_3e3,
            5.371_811_018_620_099e2,
            1.176_939_508_913_125e2,
            15.744_926_110_709_835,
            1.0,
        ];
        polynomial(over, size) / polynomial(under, size)
    } else {
        let square = 1.0 / (size * size);
        let over = [
            6.587_491_615_298_378e-4,
            1.608_378_514_874_227_5e-2,
            0.125_781_726_111_229_26,
            0.360_344_899_949_804_45,
            0.305_326_634_961_232_36,
            1.631_538_713_730_209_7e-2,
        ];
        let under = [
            2.335_204_976_268_691_8e-3,
            6.051_834_131_244_132e-2,
            0.527_905_102_951_428_5,
            1.872_952_849_923_460_4,
            2.568_520_192_289_822,
            1.0,
        ];
        let rest = square * polynomial(over, square) / polynomial(under, square);
        (FRAC_2_SQRT_PI / 2.0 - rest) / size
    };
    // The square in two parts, of which the first has no digits to lose.
    let near = (size * 16.0).trunc() / 16.0;
    let power = (-near * near).exp() * (-(size - near) * (size + near)).exp();
    // Infinity less itself; from here on the result is 0 in float64.
    let found = if size > 30.0 { 0.0 } else { power * scaled };
    if x < 0.0 { 2.0 - found } else { found }
}

/// The inverse of erf: by the quantiles of the normal distribution.
pub(super) fn erfinv(x: f64) -> f64 {
    FRAC_1_SQRT_2 * quantile(0.5 * x, 0.5 * (1.0 - x.abs()))
}

/// The quantile of the standard normal distribution for a probability p, from p − ½ and min(p, 1 − p), so that neither
/// loses digits: algorithm AS 241 of Wichura (Applied Statistics 1988). NaN outside of 0 … 1.
pub(super) fn quantile(from_half: f64, to_end: f64) -> f64 {
    if from_half.abs() <= 0.425 {
        let square = 0.180625 - from_half * from_half;
        let over = [
            3.387_132_872_796_366_5,
            133.141_667_891_784_38,
            1_971.590_950_306_551_3,
            13_731.693_765_509_46,
            45_921.953_931_549_87,
            67_265.770_927_008_7,
            33_430.575_583_588_13,
            2_509.080_928_730_122_7,
        ];
        let under = [
            1.0,
            42.313_330_701_600_91,
            687.187_007_492_057_9,
            5_394.196_021_424_751,
            21_213.794_301_586_597,
            39_307.895_800_092_71,
            28_729.085_735_721_943,
            5_226.495_278_852_854,
        ];
        return from_half * polynomial(over, square) / polynomial(under, square);
    }
    let root = (-to_end.ln()).sqrt();
    let size = if root == f64::INFINITY {
        root
    } else if root <= 5.0 {
        let over = [
            1.423_437_110_749_683_6,
            4.630_337_846_156_546,
            5.769_497_221_460_691,
            3.647_848_324_763_204_5,
            1.270_458_252_452_368_4,
            0.241_780_725_177_450_6,
            0.022_723_844_989_269_184,
            7.745_450_142_783_414e-4,
        ];
        let under = [
            1.0,
            2.053_191_626_637_759,
            1.676_384_830_183_803_8,
            0.689_767_334_985_1,
            0.148_103_976_427_480_08,
            0.015_198_666_563_616_457,
            5.475_938_084_995_345e-4,
            1.050_750_071_644_416_9e-9,
        ];
        polynomial(over, root - 1.6) / polynomial(under, root - 1.6)
    } else {
        let over = [
            6.657_904_643_501_103,
            5.463_784_911_164_114,
            1.784_826_539_917_291_3,
            0.296_560_571_828_504_87,
            0.026_532_189_526_576_124,
            1.242_660_947_388_078_4e-3,
            2.711_555_568_743_487_6e-5,
            2.010_334_399_292_288_1e-7,
        ];
        let under = [
            1.0,
            0.599_832_206_555_888,
            0.136_929_880_922_735_8,
            0.014_875_361_290_850_615,
            7.868_691_311_456_133e-4,
            1.846_318_317_510_054_8e-5,
            1.421_511_758_316_446e-7,
            2.044_263_103_389_939_8e-15,
        ];
        polynomial(over, root - 5.0) / polynomial(under, root - 5.0)
    };
    size.copysign(from_half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_functions_complement_has_its_digits_to_the_end() {
        // By mpmath.
        let known = [
            (-1.5, 1.966_105_146_475_310_8),
            (0.1, 0.887_537_083_981_715_2),
            (1.0, 0.157_299_207_050_285_13),
            (3.9, 3.479_224_859_723_177e-8),
            (5.0, 1.537_459_794_428_034_8e-12),
            (10.0, 2.088_487_583_762_545e-45),
            (26.0, 5.663_192_408_856_143e-296),
        ];
        for (x, want) in known {
            assert!((erfc(x) / want - 1.0).abs() < 1e-13, "{x}: {}, not {want}", erfc(x));
        }
        assert_eq!([f64::NEG_INFINITY, 0.0, f64::INFINITY].map(erfc), [2.0, 1.0, 0.0]);
        assert!(erfc(f64::NAN).is_nan());
    }

    #[test]
    fn the_inverse_undoes_the_error_function() {
        for step in 1..400 {
            let y = f64::from(step) * 0.01;
            // Where 1 − x has digits of its own.
            let rest = erfc(y);
            let found = FRAC_1_SQRT_2 * quantile(0.5 - 0.5 * rest, 0.5 * rest);
            assert!((found / y - 1.0).abs() < 1e-12, "{y}: {found}");
        }
        assert_eq!([-1.0, 1.0].map(erfinv), [f64::NEG_INFINITY, f64::INFINITY]);
        assert!([-1.5, 2.0, f64::INFINITY, f64::NAN].map(erfinv).iter().all(|value| value.is_nan()));
        assert_eq!(erfinv(-0.0).to_bits(), (-0.0f64).to_bits());
    }
}
