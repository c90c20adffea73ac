//! What lasts of a training and is a plain value. The living session, its state and a checkpoint hold the same one, so
//! another such value is a field here, and nothing else: `#[serde(default)]` for the checkpoints that lack it.

use serde::{Deserialize, Serialize};

use super::{DrawCounts, LossScale};
use crate::run::Moment;

/// How far a training has come, and what it was changed by on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counters {
    /// Steps that have begun, the running one among them; in a state those that were done.
    pub step: u64,
    /// Steps whose update is done.
    pub updates: u64,
    /// The number of steps that the training has.
    pub total: u64,
    /// What keys every draw.
    pub seed: u64,
    /// What every learning rate is multiplied by, since the training was taken back from a loss that was not finite.
    pub lr_scale: f64,
    /// What losses are multiplied by where the precision needs it. Checkpoints from before mixed precision have none.
    #[serde(default)]
    pub loss_scale: LossScale,
    /// How often the training was taken back, for whatever reason.
    pub rewinds: u64,
    /// How often because of a loss that was not finite.
    pub recoveries: u64,
    /// How many draws the last step that made any had, by stream, with that step.
    pub draws: DrawCounts,
}

impl Counters {
    /// Those of a training that has not begun.
    pub fn new(seed: u64) -> Self {
        Self {
            step: 0,
            updates: 0,
            total: 0,
            seed,
            lr_scale: 1.0,
            loss_scale: LossScale::default(),
            rewinds: 0,
            recoveries: 0,
            draws: DrawCounts::default(),
        }
    }

    /// The place in the run's own time.
    pub fn moment(&self) -> Moment {
        Moment { rewinds: self.rewinds, step: self.step }
    }
}
