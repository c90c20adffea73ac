//! The precision that a session's modules compute in.

use super::Session;
use crate::{Result, tensor::Precision};

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
}
