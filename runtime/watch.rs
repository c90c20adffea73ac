//! Waiting until somebody saves a Lua file.

use std::{
    path::Path,
    sync::mpsc::{self, Receiver},
    time::Duration,
};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use crate::{Error, Result};

/// Editors write a file in several events; so long nothing more must come.
const SETTLED: Duration = Duration::from_millis(100);

/// The saves of Lua files in a folder and below it. Those that come before anybody waits are not lost.
pub struct Changes {
    saves: Receiver<()>,
    /// Watches for as long as it lives.
    _watcher: RecommendedWatcher,
}

impl Changes {
    /// Watches the folder that a script lies in.
    ///
    /// # Errors
    /// The folder cannot be watched.
    pub fn below(script: &Path) -> Result<Self> {
        let folder = match script.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let failed =
            |error: notify::Error| Error::State { op: "watch", reason: format!("{}: {error}", folder.display()) };
        let (sender, saves) = mpsc::channel();
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let is_lua = |path: &std::path::PathBuf| path.extension().is_some_and(|end| end == "lua");
            if event.is_ok_and(|event| !event.kind.is_access() && event.paths.iter().any(is_lua)) {
                // Nobody listens any more once the watching is over.
                let _ = sender.send(());
            }
        })
        .map_err(failed)?;
        watcher.watch(folder, RecursiveMode::Recursive).map_err(failed)?;
        Ok(Self { saves, _watcher: watcher })
    }

    /// Returns once a file has been saved since the last call, and nothing more came for a moment.
    pub fn wait(&self) {
        let _ = self.saves.recv();
        while self.saves.recv_timeout(SETTLED).is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_save_before_the_wait_is_not_lost() {
        let folder = tempfile::tempdir().unwrap();
        let changes = Changes::below(&folder.path().join("train.lua")).unwrap();
        std::fs::write(folder.path().join("notes.txt"), "ignored").unwrap();
        std::fs::write(folder.path().join("train.lua"), "return {}").unwrap();
        changes.wait();
        assert!(changes.saves.try_recv().is_err(), "one save is one change");
    }
}
