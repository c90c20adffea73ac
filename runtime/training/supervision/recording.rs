//! What the journal has of a training: the versions of its script, the files that they loaded, and what else happened.

use super::Supervision;
use crate::{
    Result,
    run::{Event, Moment, SourceFile, Version, diff},
    training::live::Live,
};

impl Supervision {
    /// Notes an event in the journal, under the step that was done last.
    pub(super) fn note(&self, event: Event) -> Result<()> {
        self.note_at(self.moment(), event)
    }

    fn note_at(&self, moment: Moment, event: Event) -> Result<()> {
        self.store.borrow_mut().as_mut().map_or(Ok(()), |store| store.recorded.journal.append(moment, event))
    }

    /// Notes an event before the first step.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn note_at_start(&self, event: Event) -> Result<()> {
        let state = self.live().context.session.borrow().state();
        self.note_at(state.counters.moment(), event)
    }

    /// Copies a version's files and notes in the journal that it takes effect.
    pub(super) fn record_version(&self, old: &[SourceFile], new: &Live, report: Vec<String>) -> Result<()> {
        let live = self.live();
        let session = live.context.session.borrow();
        let (Some(folder), Some(store)) = (session.output().folder(), &mut *self.store.borrow_mut()) else {
            return Ok(());
        };
        folder.record_version(&mut store.recorded.journal, &new.version, diff(old, &new.version.files), report)?;
        store.recorded.set_known_files(&new.version.files);
        Ok(())
    }

    /// Records a version that takes effect whether that can be written or not; it is tried again between steps.
    pub(super) fn record_by_and_by(&self, old: Vec<SourceFile>) {
        if let Some(store) = self.store.borrow_mut().as_mut() {
            store.recorded.unrecorded = Some(old);
        }
        self.note_version();
    }

    /// Records the live version if the journal does not know it yet.
    pub(super) fn note_version(&self) {
        let Some(old) = self.store.borrow().as_ref().and_then(|store| store.recorded.unrecorded.clone()) else {
            return;
        };
        let live = self.live();
        let recorded = self.record_version(&old, &live, Vec::new());
        if let (Ok(()), Some(store)) = (&recorded, self.store.borrow_mut().as_mut()) {
            store.recorded.unrecorded = None;
        }
        self.tell_of_journal(recorded);
    }

    /// Tells once that the journal cannot be written, and once that it can be again.
    fn tell_of_journal(&self, noted: Result<()>) {
        let failed = self
            .store
            .borrow_mut()
            .as_mut()
            .is_some_and(|store| std::mem::replace(&mut store.recorded.journal_fails, noted.is_err()));
        match noted {
            Err(error) if !failed => self.say(&format!(
                "{error}; the training goes on, and it is tried again: until then no checkpoint is written"
            )),
            Ok(()) if failed => self.say("the journal is written again"),
            _ => {}
        }
    }

    /// Records and watches files that a function of the script has loaded since the last boundary.
    pub(super) fn note_loaded_files(&self) {
        let live = self.live();
        let new: Vec<SourceFile> = match self.store.borrow().as_ref() {
            // The common case costs nothing.
            Some(store)
                if live.sources.count() <= store.recorded.known_files.len() && store.recorded.unrecorded.is_none() =>
            {
                return;
            }
            Some(store) => {
                let is_new = |file: &SourceFile| !store.recorded.known_files.contains(&file.path);
                live.sources.files().into_iter().filter(is_new).collect()
            }
            None => return,
        };
        if new.is_empty() {
            return;
        }
        let version = Version { files: new, ..live.version.clone() };
        let noted = {
            let session = live.context.session.borrow();
            let (Some(folder), Some(store)) = (session.output().folder(), &mut *self.store.borrow_mut()) else {
                return;
            };
            let script = &self.workshop.settings.script;
            let noted = folder.record_files(&mut store.recorded.journal, &version, script, self.moment());
            if noted.is_ok() {
                store.recorded.remember(&version.files);
                store.recorded.known_files.extend(version.files.iter().map(|file| file.path.clone()));
            }
            noted
        };
        self.tell_of_journal(noted);
        self.watch_files(Vec::new());
    }
}
