//! How a session ends: it is closed, or another one of the same run takes its place.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Counters, Session};
use crate::{Result, nn::weights, run::RunStatus};

impl Session {
    /// Takes everything from another session of the same run that is no state.
    pub fn succeed(&mut self, before: &mut Self) {
        self.output.succeed(&mut before.output);
    }

    /// Writes the weights, if there is a folder and anything was trained.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save_weights(&self) -> Result<()> {
        let (Some(folder), state) = (self.output.folder(), self.components.weights()) else { return Ok(()) };
        let Counters { step, updates, seed, .. } = &self.counters;
        if state.is_empty() || *updates == 0 {
            return Ok(());
        }
        // One entry: several come in another order each time, and equal weights shall be equal files.
        let about = serde_json::json!({ "step": step, "updates": updates, "seed": seed }).to_string();
        weights::save(&folder.weights(), &state, &BTreeMap::from([("moonburn".to_owned(), about)]))
    }

    /// Writes weights, the curves of what was logged, results and status.
    ///
    /// # Errors
    /// The first file that cannot be written. The others are written all the same.
    pub fn close(&mut self, results: Map<String, Value>, status: RunStatus) -> Result<()> {
        self.output.progress().finish();
        let outcome = self.running.undo().and(self.output.metrics_mut().flush()).and(self.save_weights());
        outcome.and(self.output.close(results, status))
    }
}
