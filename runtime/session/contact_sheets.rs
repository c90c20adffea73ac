//! The contact sheets of a run: which episodes are kept until somebody sees them.

use std::path::{Path, PathBuf};

use crate::{Result, episode::Episode, run::RunFolder};

/// Images on a contact sheet, side by side.
const COLUMNS: usize = 12;

/// The episodes that may be shown.
#[derive(Default)]
pub(super) struct ContactSheets {
    first: First,
    /// The last episode that was made, where somebody may want to see it.
    last: Option<Episode>,
    keeps_last: bool,
}

/// The episode of the first step.
#[derive(Default)]
enum First {
    /// Nobody wants it, or it has been shown.
    #[default]
    Unwanted,
    /// The run has no picture of it yet.
    Wanted,
    /// The last episode made in that step, which is the one that the step learns from.
    Made(Box<Episode>),
}

impl ContactSheets {
    /// Shows the episode of the first step in a folder that has no picture of it.
    pub(super) fn want_first(&mut self, folder: &RunFolder) {
        self.first = if folder.contact_sheet().exists() { First::Unwanted } else { First::Wanted };
    }

    /// Keeps each episode until the next one is made.
    pub(super) fn keep_last(&mut self) {
        self.keeps_last = true;
    }

    /// Notes that an episode was made, in a step that counts or elsewhere.
    pub(super) fn note(&mut self, episode: &Episode, in_step: bool) {
        if in_step && !matches!(self.first, First::Unwanted) {
            self.first = First::Made(Box::new(episode.clone()));
        }
        if self.keeps_last {
            self.last = Some(episode.clone());
        }
    }

    /// Writes the contact sheet of the first step's episode, once that was made.
    pub(super) fn save_first(&mut self, folder: &RunFolder) -> Result<()> {
        match std::mem::take(&mut self.first) {
            First::Made(episode) => save(&episode, &folder.contact_sheet()),
            other => {
                self.first = other;
                Ok(())
            }
        }
    }

    /// Writes the contact sheet of the last episode, and returns its path; none without an episode.
    pub(super) fn save_last(&self, folder: &RunFolder) -> Result<Option<PathBuf>> {
        let path = folder.last_contact_sheet();
        self.last.as_ref().map(|episode| save(episode, &path).map(|()| path)).transpose()
    }
}

fn save(episode: &Episode, path: &Path) -> Result<()> {
    episode.save_sheet(path, 0, COLUMNS)
}
