//! How far a training is, as its schedules and updates need it.

/// The running step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Now {
    /// The step, from 1.
    pub step: u64,
    /// The steps that there are to be.
    pub total: u64,
    /// What every learning rate is multiplied by.
    pub lr_scale: f64,
}

impl Now {
    /// A step of so many.
    pub fn new(step: u64, total: u64) -> Self {
        Self { step, total, lr_scale: 1.0 }
    }
}
