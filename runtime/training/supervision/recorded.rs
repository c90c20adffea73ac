//! What is recorded of a training besides its checkpoints: the journal, and what is known of it and of the log.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    Result,
    run::{Journal, RunFolder, SourceFile},
};

/// What is recorded.
pub struct Recorded {
    pub(super) journal: Journal,
    /// The contents of every file that the journal names.
    pub(super) sources: Vec<SourceFile>,
    /// Files of the live version that the journal knows.
    pub(super) known_files: BTreeSet<PathBuf>,
    /// The files of the version before the live one, while the journal does not know the live version. Until it does,
    /// no checkpoint of the live version could be taken up.
    pub(super) unrecorded: Option<Vec<SourceFile>>,
    /// Whether something could not be written into the journal, and the user has been told.
    pub(super) journal_fails: bool,
    /// The same of the log.
    pub(super) log_fails: bool,
}

impl Recorded {
    /// In a run's folder.
    ///
    /// # Errors
    /// The journal cannot be opened.
    pub(super) fn in_folder(folder: &RunFolder) -> Result<Self> {
        Ok(Self {
            journal: Journal::open(folder.journal())?,
            sources: Vec::new(),
            known_files: BTreeSet::new(),
            unrecorded: None,
            journal_fails: false,
            log_fails: false,
        })
    }

    /// The journal.
    pub fn journal(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Notes that the journal knows these files of the live version.
    pub fn set_known_files(&mut self, files: &[SourceFile]) {
        self.remember(files);
        self.known_files = files.iter().map(|file| file.path.clone()).collect();
    }

    /// Keeps the contents of files that the journal names.
    pub fn remember(&mut self, files: &[SourceFile]) {
        for file in files {
            if self.sources.iter().all(|known| known.bytes != file.bytes) {
                self.sources.push(file.clone());
            }
        }
    }

    /// Those files.
    pub fn sources(&self) -> &[SourceFile] {
        &self.sources
    }
}
