//! Repeating something and timing each time.

use std::time::Instant;

use burn::tensor::Device as BurnDevice;

use crate::{Device, Error, Result};

/// What one look at the clock must span where single repetitions are shorter: waiting for a GPU takes a part of a
/// millisecond by itself.
const SPAN: f64 = 0.02;

/// How often something is repeated.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeats {
    /// For nothing, at first.
    pub warmup: usize,
    /// With the clock running.
    pub count: usize,
    /// How many may be handed to the device between two looks at the clock.
    pub launches: usize,
}

/// Seconds of every timed repetition, sorted.
pub(super) struct Times(Vec<f64>);

impl Times {
    /// Does `body` some times for nothing, then `count` times with the clock running until the device has finished.
    pub fn of(device: &Device, warmup: usize, count: usize, mut body: impl FnMut(usize) -> Result<()>) -> Result<Self> {
        let mut number = 0;
        let once = Repeats { warmup, count, launches: 1 };
        let next = || {
            number += 1;
            Ok(number - 1)
        };
        Self::of_launches(device, once, next, &mut body)
    }

    /// Times `body` on what `prepare` made; making it is not timed. Between two looks at the clock `body` runs until
    /// [`SPAN`] is filled, at most the given number of times. The times are those of a single run. What `body` returns
    /// is kept until it was handed to the device: Burn does not compute a value that nobody holds, and would fuse
    /// several runs into one kernel.
    pub fn of_launches<T, M>(
        device: &Device,
        repeats: Repeats,
        mut prepare: impl FnMut() -> Result<T>,
        mut body: impl FnMut(T) -> Result<M>,
    ) -> Result<Self> {
        let burn = BurnDevice::new(device.raw().clone());
        let mut launch = |prepared| {
            let made = body(prepared)?;
            let flushed = burn.flush().map_err(|error| Error::Device(error.to_string()));
            drop(made);
            flushed
        };
        let mut seconds = Vec::with_capacity(repeats.count);
        let mut launches = 1;
        for number in 0..repeats.warmup + repeats.count {
            let prepared = (0..launches).map(|_| prepare()).collect::<Result<Vec<_>>>()?;
            device.sync()?;
            let started = Instant::now();
            prepared.into_iter().try_for_each(&mut launch)?;
            device.sync()?;
            let each = started.elapsed().as_secs_f64() / launches as f64;
            if number >= repeats.warmup {
                seconds.push(each);
            } else {
                launches = ((SPAN / each).ceil() as usize).clamp(1, repeats.launches.max(1));
            }
        }
        seconds.sort_by(f64::total_cmp);
        Ok(Self(seconds))
    }

    /// The mean of the middle two where their number is even.
    pub fn median(&self) -> f64 {
        let half = self.0.len() / 2;
        if self.0.len().is_multiple_of(2) { (self.0[half - 1] + self.0[half]) / 2.0 } else { self.0[half] }
    }

    pub fn least(&self) -> f64 {
        self.0[0]
    }

    pub fn most(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use std::{thread::sleep, time::Duration};

    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        assert_eq!(Times(vec![1.0, 2.0, 4.0, 9.0]).median(), 3.0);
        assert_eq!(Times(vec![1.0, 2.0, 9.0]).median(), 2.0);
    }

    #[test]
    fn short_work_is_repeated_between_two_looks_at_the_clock_and_counted_once() {
        let mut done = 0;
        let body = |()| {
            done += 1;
            sleep(Duration::from_millis(1));
            Ok(())
        };
        let repeats = Repeats { warmup: 1, count: 2, launches: 7 };
        let times = Times::of_launches(&Device::cpu(), repeats, || Ok(()), body).unwrap();
        assert_eq!(done, 1 + 2 * 7);
        assert!(times.median() >= 0.001 && times.least() < 0.007, "{}", times.least());
    }
}
