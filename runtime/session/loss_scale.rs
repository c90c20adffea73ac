//! What a loss is multiplied by before its backward pass where gradients are float16, so that small ones are not lost:
//! as large as possible, found while training. The rule and its numbers are those of PyTorch's `GradScaler`.

use serde::{Deserialize, Serialize};

use super::Session;
use crate::{Result, tensor::Precision};

/// Steps without an overflow after which the scale grows.
const GROWTH_INTERVAL: u64 = 2000;
/// By so much it grows then, and shrinks at an overflow.
const FACTOR: f64 = 2.0;
/// Below this the scale helps nothing: gradients overflow by themselves.
const LEAST: f64 = 1.0;

/// The scale, and what it has met. A power of 2, so that scaling and its inverse are exact.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LossScale {
    /// What the next loss is multiplied by.
    pub scale: f64,
    /// Updates since it last changed.
    pub good_steps: u64,
    /// Steps whose update was skipped, as a gradient was not finite.
    pub skipped: u64,
}

impl Default for LossScale {
    fn default() -> Self {
        Self { scale: 65536.0, good_steps: 0, skipped: 0 }
    }
}

impl LossScale {
    /// After an update.
    pub fn after_update(self) -> Self {
        match self.good_steps + 1 {
            GROWTH_INTERVAL => Self { scale: self.scale * FACTOR, good_steps: 0, ..self },
            good_steps => Self { good_steps, ..self },
        }
    }

    /// After gradients that were not finite; none where no smaller scale is left to try.
    pub fn after_overflow(self) -> Option<Self> {
        let scale = self.scale / FACTOR;
        (scale >= LEAST).then_some(Self { scale, good_steps: 0, skipped: self.skipped + 1 })
    }
}

impl Session {
    /// In which precision modules are to compute while this session trains, float32 unless it was set. Whoever runs
    /// their forward passes puts them into [`autocast_modules`](crate::tensor::autocast_modules);
    /// [`Session::update`] scales the loss where the precision needs it.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Sets it.
    ///
    /// # Errors
    /// A precision that the device does not have.
    pub fn set_precision(&mut self, precision: Precision) -> Result<()> {
        precision.check(&self.device)?;
        self.precision = precision;
        Ok(())
    }

    /// What losses are multiplied by, where the precision needs it.
    pub fn loss_scale(&self) -> LossScale {
        self.loss_scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_doubles_after_2000_good_steps_halves_at_an_overflow_and_does_not_fall_under_1() {
        let mut scale = LossScale::default();
        for _ in 0..1999 {
            scale = scale.after_update();
        }
        assert_eq!((scale.scale, scale.good_steps), (65536.0, 1999));
        let grown = scale.after_update();
        assert_eq!((grown.scale, grown.good_steps), (131072.0, 0));
        let mut scale = grown.after_update();
        for skipped in 1..=17 {
            scale = scale.after_overflow().unwrap();
            assert_eq!(scale, LossScale { scale: 2f64.powi(17 - skipped), good_steps: 0, skipped: skipped as u64 });
        }
        assert_eq!(scale.after_overflow(), None);
    }
}
