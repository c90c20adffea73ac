//! What a loss is multiplied by before its backward pass where gradients are float16, so that small ones are not lost:
//! as large as possible, found while training. The rule and its numbers are those of PyTorch's `GradScaler`: the scale
//! starts from 65536, doubles after 2000 updates in a row, and halves at a loss or a gradient that is not finite, whose
//! step is skipped.
//!
//! Four things differ. A skipped step also takes running statistics back; PyTorch leaves them as the forward pass made
//! them, perhaps ruined. The backward pass of a loss that is not finite is not computed. A gradient whose sum of
//! squares overflows float32 counts as not finite. After so many skipped steps in a row that no scale can help, the
//! training ends with an error; PyTorch goes on for ever.

use serde::{Deserialize, Serialize};

/// Updates in a row after which the scale grows.
const GROWTH_INTERVAL: u64 = 2000;
/// The factor by which the scale grows then, and by which it shrinks at an overflow.
const FACTOR: f64 = 2.0;
/// Steps in a row that may be skipped: from the first scale down to 2⁻⁸, so a gradient of up to 1.6e7 fits in the end.
const MOST_SKIPS: u64 = 24;

/// The scale, and what it has met. A power of 2, so that scaling and its inverse are exact.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LossScale {
    /// What the next loss is multiplied by.
    pub scale: f64,
    /// Updates since it last changed.
    pub good_steps: u64,
    /// Steps whose update was skipped, as the loss or a gradient was not finite.
    pub skipped: u64,
    /// Those since the last update. Older checkpoints do not have it.
    #[serde(default)]
    pub skipped_in_a_row: u64,
}

impl Default for LossScale {
    fn default() -> Self {
        Self { scale: 65536.0, good_steps: 0, skipped: 0, skipped_in_a_row: 0 }
    }
}

impl LossScale {
    /// After an update.
    pub fn after_update(self) -> Self {
        let good = Self { skipped_in_a_row: 0, ..self };
        match self.good_steps + 1 {
            GROWTH_INTERVAL => Self { scale: self.scale * FACTOR, good_steps: 0, ..good },
            good_steps => Self { good_steps, ..good },
        }
    }

    /// After a loss or gradients that were not finite; none where too many steps in a row have been skipped.
    pub fn after_overflow(self) -> Option<Self> {
        let skipped_in_a_row = self.skipped_in_a_row + 1;
        let next = Self { scale: self.scale / FACTOR, good_steps: 0, skipped: self.skipped + 1, skipped_in_a_row };
        (skipped_in_a_row <= MOST_SKIPS).then_some(next)
    }

    /// Whether the last update was skipped, as the loss or a gradient was not finite.
    pub fn has_skipped(self) -> bool {
        self.skipped_in_a_row > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_doubles_after_2000_good_steps_and_halves_at_an_overflow() {
        let mut scale = LossScale::default();
        for _ in 0..1999 {
            scale = scale.after_update();
        }
        assert_eq!((scale.scale, scale.good_steps), (65536.0, 1999));
        let grown = scale.after_update();
        assert_eq!((grown.scale, grown.good_steps), (131072.0, 0));
        let halved = grown.after_update().after_overflow().unwrap();
        assert_eq!(halved, LossScale { scale: 65536.0, good_steps: 0, skipped: 1, skipped_in_a_row: 1 });
    }

    #[test]
    fn it_falls_under_1_until_24_steps_in_a_row_were_skipped() {
        let mut scale = LossScale::default();
        for skipped in 1..=24 {
            scale = scale.after_overflow().unwrap();
            assert_eq!((scale.scale, scale.skipped_in_a_row), (2f64.powi(16 - skipped), skipped as u64));
        }
        assert_eq!(scale.after_overflow(), None);
        let again = scale.after_update().after_overflow().unwrap();
        assert_eq!((again.skipped, again.skipped_in_a_row), (25, 1));
    }
}
