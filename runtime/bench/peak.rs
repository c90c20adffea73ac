//! What a device can do at most, as far as it can be measured from here: float32 products of square matrices.

use super::clock::Times;
use crate::{Device, Result, Tensor, rng::Stream};

/// Sides that are tried, smallest first.
const SIDES: [usize; 4] = [512, 1024, 2048, 4096];
/// A larger side is tried only where the one before took less than this many seconds.
const LONG: f64 = 0.25;

/// The fastest matrix product.
#[derive(Clone, Copy, Debug)]
pub struct Peak {
    /// The side of the matrices.
    pub size: usize,
    /// 10⁹ multiplications and additions per second.
    pub gflops: f64,
}

impl Peak {
    /// Multiplies larger and larger matrices, each several times, and takes the fastest.
    ///
    /// # Errors
    /// The device fails.
    pub fn measure(device: &Device) -> Result<Self> {
        let mut best = Self { size: 0, gflops: 0.0 };
        for size in SIDES {
            let [left, right] = [0, 1].map(|i| Tensor::rand(&[size, size], Stream::new(i, "peak"), (0, 0), device));
            let (left, right) = (left?, right?);
            let times = Times::of(device, 2, 5, |_| left.matmul(&right).map(drop))?;
            let gflops = 2.0 * (size as f64).powi(3) / times.least() / 1e9;
            if gflops > best.gflops {
                best = Self { size, gflops };
            }
            if times.median() > LONG {
                break;
            }
        }
        Ok(best)
    }
}
