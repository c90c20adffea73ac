//! All watched files together: which of them differ from what was last reported or loaded.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::Instant,
};

use super::{
    Save,
    burst::Burst,
    file::{Contents, WatchedFile},
};

/// The files and what is known of them.
pub struct WatchedFiles {
    files: Vec<WatchedFile>,
    burst: Burst,
}

impl WatchedFiles {
    /// The contents are those that others must differ from.
    pub fn new(files: Vec<(PathBuf, Contents)>) -> Self {
        let mut known = HashSet::new();
        let (files, baseline): (Vec<_>, Vec<_>) = files
            .into_iter()
            .filter(|(path, _)| known.insert(path.clone()))
            .map(|(path, baseline)| (WatchedFile::new(path), baseline))
            .unzip();
        Self { files, burst: Burst::new(baseline) }
    }

    pub fn paths(&self) -> impl Iterator<Item = &Path> + Clone {
        self.files.iter().map(WatchedFile::path)
    }

    /// Whether something has changed that has yet to settle.
    pub fn is_in_burst(&self) -> bool {
        self.burst.is_active()
    }

    /// Compares the contents, and reads all of them for it if `is_thorough`. Returns what has settled.
    pub fn look(&mut self, is_thorough: bool) -> Option<Save> {
        let contents: Vec<Contents> = self.files.iter_mut().map(|file| file.look(is_thorough)).collect();
        let (at, differing) = self.burst.observe(Instant::now(), &contents)?;
        Some(Save { at, paths: differing.into_iter().map(|index| self.files[index].path().to_path_buf()).collect() })
    }
}
