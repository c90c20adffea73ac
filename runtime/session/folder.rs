//! What a session writes into its run's folder.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value};

use super::{Component, Counters, Session};
use crate::{
    Result, Tensor,
    episode::Episode,
    nn::weights,
    run::{Before, Journal, Mark, Metrics, RunFolder, RunStatus, logged_curves, path_text},
    tensor::Kind,
};

/// Images on the contact sheet.
const SHEET_COLUMNS: usize = 12;

impl Session {
    /// Attaches a folder and its metrics: from now on what is logged is written there.
    pub fn attach(&mut self, folder: RunFolder, metrics: Metrics) {
        self.metrics = metrics;
        self.shows_first = !folder.contact_sheet().exists();
        self.folder = Some(folder);
        self.renew_last_word();
        self.record_not_repeatable();
    }

    /// The record says how the run ended where the process is ended from outside.
    fn renew_last_word(&mut self) {
        let path = self.folder.as_ref().map(|folder| folder.path().to_owned());
        self.last_word = path.map(|path| self.interrupt.before_end(move |_| RunFolder::break_off(&path)));
    }

    /// Follows the run's folder to another name.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn move_folder(&mut self, path: &Path) -> Result<()> {
        let Some(folder) = self.folder.as_mut() else { return Ok(()) };
        folder.rename(path.to_owned());
        let moved = self.metrics.move_to(folder.metrics(), true);
        self.renew_last_word();
        moved
    }

    /// Takes another folder for the same run, in the place of one that is lost.
    ///
    /// # Errors
    /// The metrics cannot be written there.
    pub fn take_folder(&mut self, folder: RunFolder) -> Result<()> {
        self.metrics.move_to(folder.metrics(), false)?;
        self.folder = Some(folder);
        self.renew_last_word();
        Ok(())
    }

    /// Takes everything from another session of the same run that is no state: metrics, progress, folder, clocks.
    pub fn succeed(&mut self, before: &mut Self) {
        std::mem::swap(&mut self.metrics, &mut before.metrics);
        std::mem::swap(&mut self.progress, &mut before.progress);
        (self.folder, self.last_word) = (before.folder.take(), before.last_word.take());
        self.record_not_repeatable();
        (self.first_episode, self.shows_first) = (before.first_episode.take(), before.shows_first);
        self.last_episode = before.last_episode.take();
        self.keeps_episodes = before.keeps_episodes;
        (self.started, self.first_step) = (before.started, before.first_step);
    }

    /// Tells why the run cannot be repeated, and notes it in the run's record.
    pub fn note_not_repeatable(&mut self, reason: &str) {
        if self.not_repeatable.iter().any(|known| known == reason) {
            return;
        }
        self.progress.message(reason);
        self.not_repeatable.push(reason.to_owned());
        self.record_not_repeatable();
    }

    fn record_not_repeatable(&mut self) {
        if let Some(folder) = self.folder.as_mut()
            && let Err(error) = folder.add_not_repeatable(&self.not_repeatable)
        {
            // The next time that the record is written, it is in it.
            self.progress.message(&error.to_string());
        }
    }

    /// The run's folder, if it leaves one.
    pub fn folder(&self) -> Option<&RunFolder> {
        self.folder.as_ref()
    }

    /// Notes that an episode was made, or made of another one.
    pub fn note_episode(&mut self, episode: &Episode) {
        if self.shows_first && self.counters.step > 0 && !self.trial {
            // The last one made in the first step is the one that is learnt from.
            self.first_episode = Some(episode.clone());
        }
        if self.keeps_episodes {
            self.last_episode = Some(episode.clone());
        }
    }

    /// Keeps each episode until the next one is made, so that it can be drawn.
    pub fn keep_episodes(&mut self) {
        self.keeps_episodes = true;
    }

    /// Draws the contact sheet of the last episode that was made, and returns its path: none without an episode or a
    /// folder.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn draw_last_episode(&self) -> Result<Option<std::path::PathBuf>> {
        let (Some(folder), Some(episode)) = (self.folder.as_ref(), self.last_episode.as_ref()) else { return Ok(None) };
        let path = folder.last_contact_sheet();
        episode.draw_sheet(&path, 0, SHEET_COLUMNS)?;
        Ok(Some(path))
    }

    /// Draws the contact sheet of the first step's episode.
    pub(super) fn draw_episode(&mut self) {
        let (Some(folder), Some(episode)) = (self.folder.as_ref(), self.first_episode.take()) else { return };
        self.shows_first = false;
        // A picture that cannot be written is no reason to stop a training.
        if let Err(error) = episode.draw_sheet(&folder.contact_sheet(), 0, SHEET_COLUMNS) {
            self.progress.message(&error.to_string());
        }
    }

    /// The state of every module, and every float tensor, by path.
    pub fn weights(&self) -> Vec<(String, Tensor)> {
        let mut state = Vec::new();
        for (name, component) in &self.components {
            match component {
                Component::Module(module) => {
                    state.extend(module.state().into_iter().map(|(path, tensor)| (format!("{name}.{path}"), tensor)));
                }
                Component::Tensor(tensor) if tensor.kind() == Kind::Float => state.push((name.clone(), tensor.clone())),
                _ => {}
            }
        }
        state
    }

    /// Gives the run's folder up before the first step: it is as it was before the run was taken up, or says of a new run
    /// how it failed.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn give_up(&mut self, before: Option<Before>, error: String) -> Result<()> {
        match (self.folder.as_mut(), before) {
            (Some(folder), Some(before)) => folder.put_back(before),
            (Some(folder), None) => folder.finish(RunStatus::Failed { error }),
            (None, _) => Ok(()),
        }
    }

    /// Adds to the results in the run's record, if there is a folder.
    ///
    /// # Errors
    /// The record cannot be written.
    pub fn add_results(&mut self, results: &Map<String, Value>) -> Result<()> {
        self.folder.as_mut().map_or(Ok(()), |folder| folder.add_results(results.clone()))
    }

    /// Writes the weights, if there is a folder and anything was trained.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save_weights(&self) -> Result<()> {
        let (Some(folder), state) = (&self.folder, self.weights()) else { return Ok(()) };
        if state.is_empty() || self.counters.updates == 0 {
            return Ok(());
        }
        let Counters { step, updates, seed, .. } = &self.counters;
        // One entry: several come in another order each time, and equal weights shall be equal files.
        let about = serde_json::json!({ "step": step, "updates": updates, "seed": seed }).to_string();
        weights::save(&folder.weights(), &state, &BTreeMap::from([("moonburn".to_owned(), about)]))
    }

    /// Writes weights, the curves of what was logged, results and status.
    ///
    /// # Errors
    /// The first file that cannot be written. The others are written all the same.
    pub fn close(&mut self, results: Map<String, Value>, status: RunStatus) -> Result<()> {
        self.progress.finish();
        let mut outcome = self.undo_step().and(self.metrics.flush()).and(self.save_weights());
        let Some(folder) = self.folder.as_mut() else { return outcome };
        let script = path_text::shown(&folder.record().description.script);
        let marks = Journal::read(&folder.journal()).map(|entries| Mark::read(&entries));
        let shown = marks.as_deref().unwrap_or_default();
        let logged = self.metrics.names().map(|name| (name, self.metrics.series(name)));
        outcome = outcome.and(logged_curves(&folder.loss_curve(), &script, logged, shown));
        outcome = outcome.and(marks.map(drop));
        let recorded = folder.add_results(results).and(folder.finish(status));
        self.last_word = None;
        outcome.and(recorded)
    }
}

/// The versions of the parts that can change a result.
pub fn versions() -> BTreeMap<String, String> {
    let known = [("moonburn", env!("CARGO_PKG_VERSION")), ("burn", "0.22.1"), ("wgpu", "30.0.1"), ("lua", "5.4")];
    known.into_iter().map(|(name, version)| (name.to_owned(), version.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_versions_are_those_that_are_locked() {
        let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).unwrap();
        for (name, version) in versions().into_iter().filter(|(name, _)| name != "lua") {
            assert!(lock.contains(&format!("name = \"{name}\"\nversion = \"{version}\"")), "{name} {version}");
        }
    }
}
