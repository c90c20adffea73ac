//! What a device can do at most, as far as it can be measured from here: products of square matrices in a precision,
//! and sums of long vectors.

use super::clock::{Repeats, Times};
use crate::{
    Device, Result, Tensor,
    rng::{DrawKey, Stream},
    tensor::{Precision, autocast},
};

/// Sides that are tried, smallest first.
const SIDES: [usize; 4] = [512, 1024, 2048, 4096];
/// A larger side is tried only where the one before took less than this many seconds.
const LONG: f64 = 0.25;
/// Numbers of each vector: more than any cache holds, and with 128 MiB what every adapter can bind.
const LENGTH: usize = 1 << 25;
const REPEATS: Repeats = Repeats { warmup: 2, count: 5, launches: 100 };

/// The fastest matrix product, and the memory's bandwidth.
#[derive(Clone, Copy, Debug)]
pub struct Peak {
    /// What the products' operands are in. The CPU only rounds to the short formats, so there they are no faster.
    pub precision: Precision,
    /// The side of the matrices.
    pub size: usize,
    /// 10⁹ multiplications and additions per second.
    pub gflops: f64,
    /// 10⁹ bytes of float32 per second that a sum reads, and writes.
    pub gigabytes_per_s: f64,
}

impl Peak {
    /// Multiplies larger and larger matrices in a precision, each several times, and takes the fastest; before that
    /// it sums vectors of 128 MiB.
    ///
    /// # Errors
    /// The device fails, or does not have the precision.
    pub fn measure(device: &Device, precision: Precision) -> Result<Self> {
        let mut best = Self { precision, size: 0, gflops: 0.0, gigabytes_per_s: bandwidth(device)? };
        for size in SIDES {
            let [left, right] =
                [0, 1].map(|i| Tensor::rand(&[size, size], Stream::new(i, "peak"), DrawKey::default(), device));
            let (left, right) = (left?, right?);
            let multiply = |()| autocast(precision, || left.matmul(&right));
            let times = Times::of_launches(device, REPEATS, || Ok(()), multiply)?;
            let gflops = 2.0 * (size as f64).powi(3) / times.least() / 1e9;
            if gflops > best.gflops {
                (best.size, best.gflops) = (size, gflops);
            }
            if times.median() > LONG {
                break;
            }
        }
        Ok(best)
    }

    /// Seconds below which work cannot be done: the longer of computing and moving bytes.
    pub(super) fn floor(&self, flops: f64, bytes: f64) -> f64 {
        (flops / (1e9 * self.gflops)).max(bytes / (1e9 * self.gigabytes_per_s))
    }
}

/// The better of a sum of two vectors and a sum over one. The first writes to fresh memory, which takes the CPU longer
/// than the bandwidth allows; the second only reads, which not every GPU does at full speed in a reduction.
fn bandwidth(device: &Device) -> Result<f64> {
    let (left, right) = (Tensor::ones(&[LENGTH], device)?, Tensor::ones(&[LENGTH], device)?);
    let time = |body: &dyn Fn() -> Result<Tensor>| {
        let times = Times::of_launches(device, Repeats { launches: 10, ..REPEATS }, || Ok(()), |()| body());
        times.map(|times| times.least())
    };
    let bytes = 4.0 * LENGTH as f64;
    let (added, read) = (3.0 * bytes / time(&|| left.add(&right))?, bytes / time(&|| left.sum(None, false))?);
    Ok(added.max(read) / 1e9)
}
