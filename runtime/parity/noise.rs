//! Inputs: counted randomness, drawn on the host, so that every device gets the same bits.

use crate::{Device, Result, Tensor, rng::Stream};

/// The seed of every input.
const SEED: u64 = 20;

/// Uniform floats in [low, high), a function of the name and the position.
pub(super) fn uniform(name: &str, shape: &[usize], [low, high]: [f32; 2], device: &Device) -> Result<Tensor> {
    let mut draws = Stream::new(SEED, name).at(0, 0, 0, 0);
    Tensor::from_floats((0..shape.iter().product()).map(|_| draws.range(low, high)).collect(), shape, device)
}

/// Uniform floats in [−1, 1).
pub(super) fn noise(name: &str, shape: &[usize], device: &Device) -> Result<Tensor> {
    uniform(name, shape, [-1.0, 1.0], device)
}

/// Uniform ints in low … high, both included.
pub(super) fn ints(name: &str, shape: &[usize], [low, high]: [i32; 2], device: &Device) -> Result<Tensor> {
    let mut draws = Stream::new(SEED, name).at(0, 0, 0, 0);
    let range = (high - low + 1).unsigned_abs();
    Tensor::from_ints((0..shape.iter().product()).map(|_| low + draws.below(range) as i32).collect(), shape, device)
}
