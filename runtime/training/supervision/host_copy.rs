//! The state that the host has of a training on a GPU, for the case that the device is lost and nothing on it can be
//! read. It is the newest checkpoint or, if more than a minute passes between checkpoints, a copy in memory.

use std::time::Instant;

use super::{Supervision, saving::Occasion};
use crate::{Error, Result, lua::ScriptError};

impl Supervision {
    /// Reads the state to the host if neither a checkpoint nor a copy is young enough.
    pub(super) fn copy_to_host_if_due(&self) -> Result<()> {
        let settings = &self.workshop.settings;
        if settings.device.adapter().is_none() {
            return Ok(());
        }
        let is_due = self.store.borrow().as_ref().is_some_and(|store| store.is_copy_due(settings.copy_to_host));
        // An edit that has not proved itself is taken back to the state before it, which a checkpoint has.
        if !is_due || self.succession.is_on_probation() {
            return Ok(());
        }
        let job = match self.job(Occasion::Interval) {
            // The next checkpoint tells it.
            Err(Error::NoRoom { .. }) => None,
            job => job?,
        };
        if let Some(store) = self.store.borrow_mut().as_mut() {
            store.copy = job.map(|job| (Instant::now(), job));
        }
        Ok(())
    }

    /// After a training has failed and its state cannot be read from the device: writes the host's copy as a
    /// checkpoint, and adds to the error how the run goes on.
    pub fn save_from_host(&self, error: ScriptError) -> ScriptError {
        let copied = self.store.borrow_mut().as_mut().and_then(|store| {
            let (_, job) = store.copy.take()?;
            let step = job.step;
            store.writer.write(job);
            Some(step)
        });
        if let Some(failed) = self.finish_writing() {
            self.say(&failed.to_string());
        }
        let live = self.live();
        let session = live.context.session.borrow();
        let Some(folder) = session.output().folder() else { return error };
        let Some(step) = folder.checkpoints().steps().last().copied() else { return error };
        let what = if copied == Some(step) { "what the host had of the state" } else { "the newest checkpoint" };
        let run = folder.path().display();
        error.advising(&format!(
            "{what} is of step {step}: `moonburn resume {run}` goes on from it, in a new process, or with --device cpu"
        ))
    }
}
