//! The training step on views that are on the device already.

use super::{BenchOptions, clock::Times, simclr::Training};
use crate::{
    Device, Result, Tensor,
    rng::{DrawKey, Stream},
};

pub(super) fn time(options: &BenchOptions, device: &Device) -> Result<Times> {
    let mut training = Training::new(options, device)?;
    let shape = [options.views(), 3, options.size, options.size];
    let views = Tensor::rand(&shape, Stream::new(0, "bench"), DrawKey::default(), device)?;
    Times::of(device, options.warmup, options.steps, |number| training.step(&views, number))
}
