//! How a script is run.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    Device,
    interrupt::Interrupt,
    lua::Loading,
    run::{Every, Place, ProgressKind, Sources},
};

/// How to run a script.
#[derive(Clone)]
pub struct Settings {
    /// The script's file.
    pub script: PathBuf,
    /// Values for its options, as text.
    pub set: Vec<(String, String)>,
    /// Where tensors live.
    pub device: Device,
    /// What keys every draw.
    pub seed: u64,
    /// Where the run's folder goes; none leaves no folder.
    pub place: Option<Place>,
    /// What the user sees meanwhile.
    pub progress: ProgressKind,
    /// How to stop it from outside.
    pub interrupt: Interrupt,
    /// The command line, for the record.
    pub command: Vec<String>,
    /// Where `require` looks for files besides the script's folder, in this order.
    pub modules: Vec<PathBuf>,
    /// Whether edits of the script's files take effect while it trains.
    pub watch: bool,
    /// Whether lines from the terminal are orders, and a step that fails waits there for an edit.
    pub terminal: bool,
    /// How often checkpoints are written, whatever the script says.
    pub checkpoint: Option<Every>,
    /// The greatest age of the host's copy of a state on a GPU. If the device is lost, at most this much training is
    /// lost.
    pub copy_to_host: Duration,
    /// Whether the process may be ended if a script cannot be broken off, such as in a call that never returns. Only
    /// for a program that is there for the training alone.
    pub owns_process: bool,
}

impl Settings {
    /// A script on the CPU with seed 0, without a folder and silent.
    pub fn new(script: impl Into<PathBuf>) -> Self {
        Self {
            script: script.into(),
            set: Vec::new(),
            device: Device::cpu(),
            seed: 0,
            place: None,
            progress: ProgressKind::Silent,
            interrupt: Interrupt::default(),
            command: Vec::new(),
            modules: Vec::new(),
            watch: false,
            terminal: false,
            checkpoint: None,
            copy_to_host: Duration::from_secs(60),
            owns_process: false,
        }
    }

    /// Where `require` looks for files: beside the script first.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let own = self.script.parent().unwrap_or(Path::new("")).to_owned();
        std::iter::once(own).chain(self.modules.iter().cloned()).collect()
    }

    /// What the script is loaded from, with these values for its options.
    pub(super) fn loading<'a>(&'a self, set: &'a [(String, String)], sources: Sources) -> Loading<'a> {
        Loading { path: &self.script, folders: self.folders(), set, sources }
    }
}
