//! Standard normal numbers by position, for noise on pixels: a function of a seed and a pixel's place, so that any part
//! of an image, on any device, has the same noise. The kernel of `shaders/views.wgsl` computes the same.
//!
//! Box and Muller, "A note on the generation of random normal deviates", 1958: the place in a plane that is normal in both
//! directions has a radius √(−2 ln u) and an angle that is uniform. One of the two directions is the number of a position
//! whose bit of [`LANES`] is 0, the other that of the position with the same other bits: so vectors of positions make pairs.

use super::wide::{kept, wide};

/// How far the two positions of a pair are apart.
const LANES: usize = 16;

/// Positions that make whole pairs.
const BLOCK: usize = 2 * LANES;

/// The standard normal number at a position under a seed. It ends at 5.8 standard deviations.
pub fn normal(seed: [u32; 2], position: u32) -> f32 {
    let [first, second] = pair(seed, position & !(LANES as u32));
    if position & LANES as u32 == 0 { first } else { second }
}

/// Adds `mean + sigma ·` [`normal`] of each value's position, and clamps to the bounds.
pub fn add_noise(values: &mut [f32], mean: f32, sigma: f32, seed: [u32; 2], bounds: [f32; 2]) {
    add_blocks(values, mean, sigma, seed, bounds);
    let whole = values.len() / BLOCK * BLOCK;
    for (position, value) in values.iter_mut().enumerate().skip(whole) {
        *value = kept(*value + (mean + sigma * normal(seed, position as u32)), bounds);
    }
}

/// Writes [`normal`] of positions from the first one on.
pub fn write_noise(values: &mut [f32], first: u32, seed: [u32; 2]) {
    let before = (first.next_multiple_of(BLOCK as u32) - first) as usize;
    let (begun, values) = values.split_at_mut(before.min(values.len()));
    let first_whole = first.wrapping_add(begun.len() as u32);
    write_blocks(values, first_whole, seed);
    let whole = values.len() / BLOCK * BLOCK;
    let ended = values[whole..].iter_mut().enumerate().map(|(i, value)| (first_whole + (whole + i) as u32, value));
    let begun = begun.iter_mut().enumerate().map(|(i, value)| (first + i as u32, value));
    begun.chain(ended).for_each(|(position, value)| *value = normal(seed, position));
}

wide! {
    fn add_blocks(values: &mut [f32], mean: f32, sigma: f32, seed: [u32; 2], bounds: [f32; 2]) {
        for (number, block) in values.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
            let [near, far] = halves(block);
            for lane in 0..LANES {
                let [first, second] = pair(seed, (number * BLOCK + lane) as u32);
                near[lane] = kept(near[lane] + (mean + sigma * first), bounds);
                far[lane] = kept(far[lane] + (mean + sigma * second), bounds);
            }
        }
    }

    fn write_blocks(values: &mut [f32], start: u32, seed: [u32; 2]) {
        for (number, block) in values.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
            let [near, far] = halves(block);
            for lane in 0..LANES {
                [near[lane], far[lane]] = pair(seed, start + (number * BLOCK + lane) as u32);
            }
        }
    }
}

#[inline(always)]
fn halves(block: &mut [f32; BLOCK]) -> [&mut [f32; LANES]; 2] {
    let (near, far) = block.split_at_mut(LANES);
    [near, far].map(|half| half.try_into().expect("half a block has that many"))
}

/// The numbers of a position and of the one [`LANES`] behind it.
#[inline(always)]
fn pair(seed: [u32; 2], position: u32) -> [f32; 2] {
    let [near, far] = [position, position.wrapping_add(LANES as u32)]
        .map(|position| hash(position.wrapping_mul(0x9e37_79b1).wrapping_add(seed[1]) ^ seed[0]));
    // Halves of 2^-23 in odd numbers: neither 0 nor 1 comes up, and every one is exact.
    let radius = (-2.0 * logarithm(((near >> 9) as f32 + 0.5) * FRACTION)).sqrt();
    // Half a turn, as half turns from −1/2 to 1/2, and the other half by the sign.
    let angle = (far >> 9) as f32 * FRACTION - 0.5;
    let radius = f32::from_bits(radius.to_bits() ^ far << 31);
    [radius * cosine(angle), radius * sine(angle)]
}

/// 2^-23.
const FRACTION: f32 = 1.0 / (1u32 << 23) as f32;

/// "lowbias32" of C. Wellons: every output bit depends on every input bit.
#[inline(always)]
fn hash(x: u32) -> u32 {
    let x = (x ^ x >> 16).wrapping_mul(0x7feb_352d);
    let x = (x ^ x >> 15).wrapping_mul(0x846c_a68b);
    x ^ x >> 16
}

/// sin(πx) for x in −1/2..1/2 to 4e-7: the polynomial whose largest error is least.
#[inline(always)]
fn sine(x: f32) -> f32 {
    let q = x * x;
    ((((0.077_659_406 * q - 0.598_292_2) * q + 2.550_077_7) * q - 5.167_710_3) * q + std::f32::consts::PI) * x
}

/// cos(πx), likewise.
#[inline(always)]
fn cosine(x: f32) -> f32 {
    let q = x * x;
    (((0.219_696_8 * q - 1.331_880_2) * q + 4.058_412) * q - 4.934_792_5) * q + 1.0
}

/// The natural logarithm of a positive normal number to 2e-6 of it, without a branch: a polynomial between √½ and √2.
#[inline(always)]
fn logarithm(x: f32) -> f32 {
    const ROOT_OF_HALF: u32 = std::f32::consts::FRAC_1_SQRT_2.to_bits();
    let bits = x.to_bits().wrapping_sub(ROOT_OF_HALF);
    let exponent = (bits as i32 >> 23) as f32;
    let t = f32::from_bits((bits & 0x007f_ffff) + ROOT_OF_HALF) - 1.0;
    let sum = ((0.122_108_27 * t - 0.187_826_78) * t + 0.204_547_76) * t - 0.248_967_98;
    let sum = ((sum * t + 0.333_160_28) * t - 0.500_014) * t + 1.000_000_8;
    sum * t + std::f32::consts::LN_2 * exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logarithm_is_that_of_the_standard_library() {
        for i in 1..100_000 {
            let x = i as f32 / 50_000.0;
            assert!((logarithm(x) - x.ln()).abs() <= 2e-6 * x.ln().abs(), "{x}");
        }
        assert!((logarithm(1e-30) / 1e-30f32.ln() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_sine_and_the_cosine_are_those_of_the_standard_library() {
        for i in -1000..=1000 {
            let x = i as f32 / 2000.0;
            let turned = f64::from(x) * std::f64::consts::PI;
            assert!((f64::from(sine(x)) - turned.sin()).abs() < 4e-7, "{x}");
            assert!((f64::from(cosine(x)) - turned.cos()).abs() < 4e-7, "{x}");
        }
    }

    #[test]
    fn any_part_of_the_noise_is_that_of_the_positions_one_by_one() {
        for first in [0, 1, 15, 16, 31, 32, 77] {
            for count in [0, 1, 14, 16, 33, 100] {
                let each: Vec<f32> = (first..first + count as u32).map(|i| normal([3, 4], i)).collect();
                let mut part = vec![9.0; count];
                write_noise(&mut part, first, [3, 4]);
                assert_eq!(part, each, "{first} {count}");
                if first == 0 {
                    let mut added = vec![0.5; count];
                    add_noise(&mut added, 0.25, 2.0, [3, 4], [-1.0, 1.0]);
                    let want: Vec<f32> = each.iter().map(|x| (0.5 + (0.25 + 2.0 * x)).clamp(-1.0, 1.0)).collect();
                    assert_eq!(added, want);
                }
            }
        }
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
        for (seed, by) in [([1, 2], 1), ([1, 2], 16), ([1, 2], 224), ([2, 2], 0), ([1, 3], 0)] {
            let correlation = correlation(&|i| normal(seed, i + by));
            assert!(correlation.abs() < 0.01, "{correlation}");
        }
        // Those of a pair have one radius: what one is says nothing of how large the other is.
        let size = |i: u32| f64::from(normal([1, 2], i)).powi(2) - 1.0;
        let sizes = (0..200_000).filter(|i| i & 16 == 0).map(|i| size(i) * size(i + 16)).sum::<f64>() / 100_000.0;
        assert!(sizes.abs() < 0.03, "{sizes}");
    }
}
