//! What a session writes into its run's folder.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Component, Session, SourceFile};
use crate::{
    Result, Tensor,
    episode::Episode,
    nn::weights,
    run::{Metrics, RunFolder, RunStatus, loss_curve},
    tensor::Kind,
};

/// Images on the contact sheet.
const SHEET_COLUMNS: usize = 12;

impl Session {
    /// Attaches a folder: from now on metrics are written there.
    ///
    /// # Errors
    /// The metrics file cannot be opened, or the script not copied.
    pub fn attach(&mut self, folder: RunFolder, files: &[SourceFile], base: &std::path::Path) -> Result<()> {
        let names: Vec<_> =
            files.iter().map(|file| file.path.strip_prefix(base).unwrap_or(&file.path).to_string_lossy()).collect();
        folder.copy_script(names.iter().zip(files).map(|(name, file)| (name.as_ref(), file.bytes.as_slice())))?;
        self.metrics = Metrics::to_file(folder.metrics())?;
        self.folder = Some(folder);
        Ok(())
    }

    /// The run's folder, if it leaves one.
    pub fn folder(&self) -> Option<&RunFolder> {
        self.folder.as_ref()
    }

    /// Notes that an episode was made, or made of another one.
    pub fn note_episode(&mut self, episode: &Episode) {
        if self.updates == 0 && self.step > 0 {
            // The last one made in the first step is the one that is learnt from.
            self.first_episode = Some(episode.clone());
        }
    }

    /// Draws the contact sheet of the first step's episode.
    pub(super) fn draw_episode(&mut self) {
        let (Some(folder), Some(episode)) = (self.folder.as_ref(), self.first_episode.take()) else { return };
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

    /// Writes the weights, if there is a folder and anything was trained.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save_weights(&self) -> Result<()> {
        let (Some(folder), state) = (&self.folder, self.weights()) else { return Ok(()) };
        if state.is_empty() || self.updates == 0 {
            return Ok(());
        }
        let about =
            [("step", self.updates), ("seed", self.seed)].map(|(name, value)| (name.to_owned(), value.to_string()));
        weights::save(&folder.weights(), &state, &BTreeMap::from(about))
    }

    /// Writes weights, loss curve, results and status.
    ///
    /// # Errors
    /// The first file that cannot be written. The others are written all the same.
    pub fn close(&mut self, results: Map<String, Value>, status: RunStatus) -> Result<()> {
        self.progress.finish();
        let mut outcome = self.undo_step().and(self.metrics.flush()).and(self.save_weights());
        let Some(folder) = self.folder.as_mut() else { return outcome };
        let script = folder.record().description.script.clone();
        outcome = outcome.and(loss_curve(&folder.loss_curve(), &script, self.metrics.series("loss")));
        outcome.and(folder.add_results(results)).and(folder.finish(status))
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
