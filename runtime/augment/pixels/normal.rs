//! Standard normal numbers by position, for noise on pixels: a function of a seed and a pixel's place, so that any part
//! of an image, on any device, has the same noise. The kernel of `shaders/views.wgsl` computes the same.

use super::wide::{kept, polynomial, wide};

/// The standard normal number at a position under a seed: a hash of 32 bits, brought through the inverse of the normal
/// distribution, which ends at 5.3 standard deviations.
#[inline(always)]
pub fn normal(seed: [u32; 2], position: u32) -> f32 {
    let bits = hash(position.wrapping_mul(0x9e37_79b1).wrapping_add(seed[1]) ^ seed[0]);
    // An odd number of halves of 2^-23, so that neither 0 nor 1 comes up, and every one is exact.
    let uniform = ((bits >> 9) as f32 + 0.5) * (1.0 / (1u32 << 23) as f32);
    std::f32::consts::SQRT_2 * inverse_error(2.0 * uniform - 1.0)
}

wide! {
    /// Adds `mean + sigma ·` [`normal`] of each value's position, and clamps to the bounds.
    pub fn add_noise(values: &mut [f32], mean: f32, sigma: f32, seed: [u32; 2], bounds: [f32; 2]) {
        for (position, value) in values.iter_mut().enumerate() {
            let noisy = *value + (mean + sigma * normal(seed, position as u32));
            *value = kept(noisy, bounds);
        }
    }

    /// Writes [`normal`] of positions from the first one on.
    pub fn write_noise(values: &mut [f32], first: u32, seed: [u32; 2]) {
        for (position, value) in values.iter_mut().enumerate() {
            *value = normal(seed, first.wrapping_add(position as u32));
        }
    }
}

/// "lowbias32" of C. Wellons: every output bit depends on every input bit.
#[inline(always)]
fn hash(x: u32) -> u32 {
    let x = (x ^ x >> 16).wrapping_mul(0x7feb_352d);
    let x = (x ^ x >> 15).wrapping_mul(0x846c_a68b);
    x ^ x >> 16
}

/// The inverse of the error function to 4e-7 (M. Giles, "Approximating the erfinv function", 2010).
#[inline(always)]
fn inverse_error(x: f32) -> f32 {
    const NEAR: [f32; 9] = [
        2.810_226_4e-8,
        3.432_739_4e-7,
        -3.523_387_7e-6,
        -4.391_506_5e-6,
        2.185_808_7e-4,
        -1.253_725e-3,
        -4.177_681_6e-3,
        2.466_407_3e-1,
        1.501_409_4,
    ];
    const FAR: [f32; 9] = [
        -2.002_142_6e-4,
        1.009_505_6e-4,
        1.349_343_2e-3,
        -3.673_428_4e-3,
        5.739_507_7e-3,
        -7.622_461_3e-3,
        9.438_870_5e-3,
        1.001_674,
        2.832_976_8,
    ];
    let w = -logarithm((1.0 - x) * (1.0 + x));
    let is_near = w < 5.0;
    let near = polynomial(NEAR, w - 2.5);
    let root = (if w > 0.0 { w } else { 0.0 }).sqrt() - 3.0;
    let far = polynomial(FAR, root);
    x * if is_near { near } else { far }
}

/// The natural logarithm of a positive normal number to two units in the last place, without a branch (Cephes, `logf`).
#[inline(always)]
fn logarithm(x: f32) -> f32 {
    const TERMS: [f32; 9] = [
        7.037_683_6e-2,
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_7e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ];
    let bits = x.to_bits();
    let exponent = (bits >> 23) as i32 - 126;
    let part = f32::from_bits(bits & 0x007f_ffff | 0x3f00_0000);
    let is_small = part < std::f32::consts::FRAC_1_SQRT_2;
    let exponent = (exponent - i32::from(is_small)) as f32;
    let part = part - 1.0 + if is_small { part } else { 0.0 };
    let square = part * part;
    let sum = polynomial(TERMS, part) * part * square;
    let sum = sum - 2.121_944_4e-4 * exponent - 0.5 * square;
    part + sum + 0.693_359_4 * exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_that_of_the_standard_library() {
        for i in 1..100_000 {
            let x = i as f32 / 50_000.0;
            assert!((logarithm(x) - x.ln()).abs() <= 3e-7 * x.ln().abs().max(1.0), "{x}");
        }
        assert!((logarithm(1e-30) - 1e-30f32.ln()).abs() < 1e-5);
    }

    #[test]
    fn numbers_are_standard_normal() {
        let mut numbers: Vec<f64> = (0..1_000_000).map(|i| f64::from(normal([7, 9], i))).collect();
        let count = numbers.len() as f64;
        let moment = |power: i32| numbers.iter().map(|x| x.powi(power)).sum::<f64>() / count;
        let [first, second, third, fourth] = [1, 2, 3, 4].map(moment);
        assert!(first.abs() < 0.004 && (second - 1.0).abs() < 0.006, "{first} {second}");
        assert!(third.abs() < 0.012 && (fourth - 3.0).abs() < 0.04, "{third} {fourth}");
        numbers.sort_by(f64::total_cmp);
        // scipy.stats.norm.ppf
        for (share, want) in
            [(0.001, -3.0902), (0.05, -1.6449), (0.25, -0.6745), (0.5, 0.0), (0.9, 1.2816), (0.999, 3.0902)]
        {
            let got = numbers[(share * count) as usize];
            assert!((got - want).abs() < 0.02, "{share}: {got}");
        }
    }

    #[test]
    fn neighbours_and_seeds_are_independent() {
        let correlation = |other: &dyn Fn(u32) -> f32| {
            (0..200_000).map(|i| f64::from(normal([1, 2], i) * other(i))).sum::<f64>() / 200_000.0
        };
        for (seed, by) in [([1, 2], 1), ([1, 2], 224), ([2, 2], 0), ([1, 3], 0)] {
            let correlation = correlation(&|i| normal(seed, i + by));
            assert!(correlation.abs() < 0.01, "{correlation}");
        }
    }
}
