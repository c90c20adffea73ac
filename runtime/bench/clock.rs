//! Repeating something and timing each time.

use std::time::Instant;

use crate::{Device, Result};

/// Seconds of every timed repetition, sorted.
pub(super) struct Times(Vec<f64>);

impl Times {
    /// Does `body` some times for nothing, then `count` times with the clock running until the device has finished.
    pub fn of(device: &Device, warmup: usize, count: usize, mut body: impl FnMut(usize) -> Result<()>) -> Result<Self> {
        let mut seconds = Vec::with_capacity(count);
        for number in 0..warmup + count {
            device.sync()?;
            let started = Instant::now();
            body(number)?;
            device.sync()?;
            if number >= warmup {
                seconds.push(started.elapsed().as_secs_f64());
            }
        }
        seconds.sort_by(f64::total_cmp);
        Ok(Self(seconds))
    }

    pub fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    pub fn least(&self) -> f64 {
        self.0[0]
    }

    pub fn most(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}
