//! Making views and training on them, one after the other, as a run does.

use super::{BenchOptions, augment::Making, clock::Times, simclr::Training};
use crate::{Device, Result};

pub(super) fn time(options: &BenchOptions, making: &Making, device: &Device) -> Result<Times> {
    let mut training = Training::new(options, device)?;
    Times::of(device, options.warmup, options.steps, |number| training.step(&making.views(number, device)?, number))
}
