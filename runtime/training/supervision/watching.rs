//! The files on the disk of the version that trains: which of them are watched, and what they held when they were last
//! dealt with. Only a difference from that is an edit.

use std::{
    cell::RefCell,
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use super::changes::refusal;
use crate::{
    Result,
    lua::first_error,
    reload::{Contents, Save, Watch, contents, digest},
    run::{Progress, SourceFile, Sources},
};

/// The watching, if there is any.
#[derive(Default)]
pub struct Watching {
    watch: Option<Watch>,
    /// What the disk held of each file when that was last dealt with.
    seen: RefCell<HashMap<PathBuf, Contents>>,
    /// Whether the last save does not even parse, as the watcher has said already.
    unparsable: Arc<AtomicBool>,
}

impl Watching {
    /// Watches no file yet. A save that does not parse is reported at once, while the step runs.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn start(progress: Arc<Progress>) -> Result<Self> {
        let unparsable = Arc::new(AtomicBool::new(false));
        let noting = unparsable.clone();
        let on_settled = Box::new(move |saved: &Save| {
            let error = first_error(&saved.paths);
            noting.store(error.is_some(), Ordering::Relaxed);
            if let Some(error) = error {
                progress.message(&refusal(&error));
            }
        });
        Ok(Self { watch: Some(Watch::start_with(Vec::new(), on_settled)?), unparsable, ..Self::default() })
    }

    /// Whether files are watched.
    pub fn is_on(&self) -> bool {
        self.watch.is_some()
    }

    /// What was saved since the last call, if it parses.
    pub fn take(&self) -> Option<Save> {
        let saved = self.watch.as_ref()?.take()?;
        // The watcher has told it.
        (!self.unparsable.load(Ordering::Relaxed)).then_some(saved)
    }

    /// Whether something was saved that parses.
    pub fn is_pending(&self) -> bool {
        self.watch.as_ref().is_some_and(Watch::is_pending) && !self.unparsable.load(Ordering::Relaxed)
    }

    /// What the disk holds parses after all: a version was loaded from it.
    pub fn note_parsed(&self) {
        self.unparsable.store(false, Ordering::Relaxed);
    }

    /// Notes what the disk holds of a version's files. The disk must be read before the version is tried. Read
    /// afterwards, a file that the trial does not load would count as an edit again and again, and a save during the
    /// trial would be missed.
    pub fn look_at(&self, sources: &Sources) {
        let mut seen = self.seen.borrow_mut();
        seen.extend(sources.files_of_disk().into_iter().map(|SourceFile { path, .. }| (path.clone(), contents(&path))));
    }

    /// Notes what a version was loaded from as what the disk holds.
    pub fn note_found(&self, sources: &Sources) {
        let mut seen = self.seen.borrow_mut();
        seen.extend(sources.missing().into_iter().map(|path| (path, None)));
        seen.extend(sources.loaded().into_iter().map(|file| (file.path, digest(&file.bytes))));
    }

    /// Watches a version's files, and others that a version which was refused would consist of.
    pub fn watch(&self, sources: &Sources, others: Vec<PathBuf>) {
        let Some(watch) = &self.watch else { return };
        let (mut seen, mut files) = (self.seen.borrow_mut(), Vec::new());
        for SourceFile { path, bytes } in sources.files_of_disk() {
            // A version that was taken from the journal may differ from the disk, and that is no edit.
            let found = || if sources.are_of_the_disk() { digest(&bytes) } else { contents(&path) };
            files.push((path.clone(), *seen.entry(path.clone()).or_insert_with(found)));
        }
        for path in others {
            let contents = *seen.entry(path.clone()).or_insert_with(|| contents(&path));
            files.push((path, contents));
        }
        watch.set_files(files);
    }

    /// Files of a version that were saved since the disk was last dealt with.
    pub fn late(&self, sources: &Sources) -> Vec<String> {
        if self.watch.is_none() || !sources.are_of_the_disk() {
            return Vec::new();
        }
        let seen = self.seen.borrow();
        let is_late = |file: &SourceFile| {
            let now = contents(&file.path);
            now != digest(&file.bytes) && seen.get(&file.path).is_none_or(|known| *known != now)
        };
        sources
            .files_of_disk()
            .iter()
            .filter(|file| is_late(file))
            .map(|file| file.path.display().to_string())
            .collect()
    }
}
