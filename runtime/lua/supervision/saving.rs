//! What is written of a training while it runs: checkpoints, and the journal.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    time::{Duration, Instant},
};

use super::Supervision;
use crate::{
    Error, Result,
    interrupt::{Interrupt, LastWord},
    lua::{ScriptError, live::Live, plain, policy::Policy},
    run::{
        CheckpointWriter, Event, Every, Files, Job, Journal, Keep, MakeFiles, RunFolder, SourceFile, Spare, Version,
        diff,
    },
    session::{
        State,
        checkpoint::{self, About},
        versions,
    },
};

/// Where a run is written to.
pub struct Store {
    journal: Journal,
    pub(super) writer: CheckpointWriter,
    /// A checkpoint that is only in memory, and when it was made.
    pub(super) copy: Option<(Instant, Job)>,
    /// Set on the command line, before the script's own.
    every: Option<Every>,
    policy_every: Every,
    keep: Keep,
    /// The last checkpoint.
    last: (u64, Instant),
    /// The contents of every file that the journal names.
    sources: Vec<SourceFile>,
    /// Files of the live version that the journal knows.
    known_files: BTreeSet<PathBuf>,
    /// The files before the live version, as long as the journal does not know that version: then no checkpoint of it
    /// could be taken up.
    unrecorded: Option<Vec<SourceFile>>,
    /// Whether something could not be written into the journal, and that was told.
    journal_fails: bool,
    /// Whether `last` has been written by this process.
    has_saved: bool,
    /// Whether checkpoints of later steps on the disk belong to another course of the training.
    supersedes: bool,
    /// The checkpoint that makes them void once it is written.
    superseding: Option<PathBuf>,
    /// Lets the checkpoint that is being written be ended if the process ends.
    last_word: LastWord,
    interrupt: Interrupt,
}

/// Why a checkpoint is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The interval, or the user.
    Interval,
    /// An edit is about to take effect.
    Edit,
}

impl Store {
    /// A store in a run's folder. `best` is the step of the best checkpoint so far, and its merit.
    pub fn new(
        folder: &RunFolder,
        policy: &Policy,
        every: Option<Every>,
        step: u64,
        best: Option<(u64, f64)>,
        interrupt: &Interrupt,
    ) -> Result<Self> {
        let writer = CheckpointWriter::new(folder.checkpoints(), best);
        let unwritten = writer.unwritten();
        Ok(Self {
            journal: Journal::open(folder.journal())?,
            writer,
            copy: None,
            last_word: interrupt.before_end(move |until| unwritten.wait(until)),
            interrupt: interrupt.clone(),
            every,
            policy_every: policy.checkpoint.every.unwrap_or_default(),
            keep: policy.keep(),
            last: (step, Instant::now()),
            sources: Vec::new(),
            known_files: BTreeSet::new(),
            unrecorded: None,
            journal_fails: false,
            has_saved: false,
            supersedes: false,
            superseding: None,
        })
    }

    pub(super) fn set_policy(&mut self, policy: &Policy) {
        self.policy_every = policy.checkpoint.every.unwrap_or_default();
        self.keep = policy.keep();
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

    /// Goes on in another folder of the run: the same under another name, or one that has all but checkpoints.
    ///
    /// # Errors
    /// The journal cannot be written there.
    pub fn move_to(&mut self, folder: &RunFolder, is_renamed: bool) -> Result<()> {
        self.journal = Journal::open(folder.journal())?;
        let best = self.writer.best().filter(|_| is_renamed);
        self.writer = CheckpointWriter::new(folder.checkpoints(), best);
        let unwritten = self.writer.unwritten();
        self.last_word = self.interrupt.before_end(move |until| unwritten.wait(until));
        self.has_saved &= is_renamed;
        Ok(())
    }

    /// Whether the last checkpoint is of this step, or the process began with it.
    pub(super) fn has(&self, step: u64) -> bool {
        self.last.0 == step && self.has_saved
    }

    /// Notes what came of checkpoints.
    fn note_outcomes(&mut self, outcomes: &[Result<PathBuf>]) {
        self.has_saved &= outcomes.iter().all(Result::is_ok);
        if outcomes.iter().flatten().any(|path| Some(path) == self.superseding.as_ref()) {
            (self.supersedes, self.superseding) = (false, None);
        }
    }

    /// Whether the last checkpoint and the copy in memory are older than this.
    pub(super) fn is_copy_due(&self, age: Duration) -> bool {
        self.last.1.elapsed() >= age && self.copy.as_ref().is_none_or(|(made, _)| made.elapsed() >= age)
    }

    fn is_due(&self, step: u64) -> bool {
        match self.every.unwrap_or(self.policy_every) {
            Every::Never => false,
            Every::Steps(steps) => step >= self.last.0.saturating_add(steps),
            Every::Time(time) => step > self.last.0 && self.last.1.elapsed() >= time && !self.writer.is_busy(),
        }
    }
}

/// The files of a checkpoint with what it keeps of the run.
fn with_spare(files: MakeFiles, spare: Option<Spare>) -> MakeFiles {
    Box::new(move || {
        let mut files = files()?;
        spare.map_or(Ok(()), |spare| spare.add_to(&mut files))?;
        Ok(files)
    })
}

impl Supervision {
    /// Writes a checkpoint of the last boundary if one is due.
    pub(super) fn save_if_due(&self) -> Result<()> {
        let step = self.boundary.borrow().as_ref().map_or(0, |state| state.step);
        let is_due = self.store.borrow().as_ref().is_some_and(|store| store.is_due(step));
        // An edit that has not proved itself yet may be taken back: taken up again, the run must be able to do so as well.
        if is_due && self.before_edit.borrow().is_none() { self.save_or_tell(Occasion::Interval) } else { Ok(()) }
    }

    /// The same as [`Supervision::save`], but a lack of memory for the copies is no reason to end a training.
    pub(super) fn save_or_tell(&self, occasion: Occasion) -> Result<()> {
        match self.save(occasion) {
            Err(error @ Error::NoRoom { .. }) => {
                self.say(&format!("{error}; the training goes on without this checkpoint"));
                if let Some(store) = self.store.borrow_mut().as_mut() {
                    (store.last, store.has_saved) = ((self.time().0, Instant::now()), false);
                }
                Ok(())
            }
            saved => saved,
        }
    }

    /// Hands a checkpoint of the last boundary to the writer.
    pub(super) fn save(&self, occasion: Occasion) -> Result<()> {
        self.look_at_folder();
        self.has_new_folder.set(false);
        let Some(job) = self.job(occasion)? else { return Ok(()) };
        if let Some(store) = self.store.borrow_mut().as_mut() {
            if let (true, Some(checkpoints)) = (job.supersedes, self.store_folder()) {
                store.superseding = Some(checkpoints.path(job.step));
            }
            (store.last, store.copy) = ((job.step, Instant::now()), None);
            store.has_saved = occasion == Occasion::Interval;
            store.writer.write(job);
        }
        Ok(())
    }

    /// A checkpoint of the last boundary; none where the journal lacks what it would need.
    pub(super) fn job(&self, occasion: Occasion) -> Result<Option<Job>> {
        let live = self.live();
        // What was logged so far would be missing for good if the process ended: the run goes on after this step.
        let flushed = live.context.session.borrow_mut().metrics_mut().flush();
        self.note_log(flushed);
        let (mut store, boundary) = (self.store.borrow_mut(), self.boundary.borrow());
        let (Some(store), Some(state)) = (store.as_mut(), boundary.as_ref()) else { return Ok(None) };
        if store.unrecorded.is_some() {
            return Ok(None);
        }
        self.note_unlogged();
        let best = live.policy.checkpoint.best.as_ref();
        let best = best.and_then(|name| Some((name.clone(), live.context.session.borrow().metrics().last(name)?)));
        let (log, logged) = {
            let session = live.context.session.borrow();
            // A log that cannot be synced may lack steps after a power cut, which a resumption tells.
            (session.metrics().handle().ok().flatten(), session.metrics().last_step())
        };
        let merit = best.as_ref().map(|(_, value)| live.policy.merit(*value)).filter(|merit| !merit.is_nan());
        let about =
            About { version: live.version.number, options: live.script.options(), versions: versions(), best, logged };
        let (kept, supersedes) = (occasion == Occasion::Edit, store.supersedes);
        let record = live.context.session.borrow().folder().map(|folder| folder.record().clone());
        let spare = record.zip(store.journal.entries().ok());
        let spare = spare.map(|(record, entries)| Spare::new(record, entries, &store.sources));
        let files = with_spare(checkpoint::encode(state, &about)?, spare);
        Ok(Some(Job { step: state.step, files, log, merit, kept, supersedes, keep: store.keep }))
    }

    /// Tells once of a metric that the best checkpoint goes by and nothing logs.
    pub(super) fn note_unlogged(&self) {
        let (live, step) = (self.live(), self.time().0);
        let session = live.context.session.borrow();
        let evaluated = session.folder().and_then(|folder| folder.record().results.get("untrained")?.as_object());
        let evaluated = evaluated.map_or_else(Vec::new, |results| results.keys().map(String::as_str).collect());
        let unlogged = live.policy.unlogged(session.metrics(), &evaluated, step);
        if let (Some(text), Some(name), true) = (unlogged, &live.policy.checkpoint.best, step > 0) {
            self.progress.message_once(&format!("checkpoint.best {name}"), &text);
        }
    }

    /// Writes a checkpoint of the last boundary, unless the last one is of it, and waits until everything is written.
    ///
    /// # Errors
    /// The last one could not be written.
    pub fn save_now(&self) -> Result<Option<std::path::PathBuf>> {
        self.save(Occasion::Interval)?;
        let outcomes = self.written(CheckpointWriter::wait);
        outcomes.into_iter().last().transpose()
    }

    /// Writes the state that the training has come to: the last boundary where a step was broken off or failed. In the
    /// first case `has_ended` is true.
    ///
    /// # Errors
    /// A device failed.
    pub fn save_at_end(&self, has_ended: bool) -> Result<(), ScriptError> {
        let live = self.live();
        if has_ended {
            let plain = plain::read(live.script.state())?;
            let mut session = live.context.session.borrow_mut();
            session.set_plain(plain);
            *self.boundary.borrow_mut() = Some(session.state());
        } else if let Some(state) = self.boundary() {
            live.restore(&state)?;
        }
        let step = self.time().0;
        let is_saved =
            self.store.borrow().as_ref().is_none_or(|store| store.last.0 == step && step > 0 && store.has_saved);
        if step > 0 && !is_saved {
            self.save(Occasion::Interval)?;
        }
        Ok(())
    }

    /// Tells of checkpoints that could not be written. The training goes on, and the older ones are there still.
    pub(super) fn report_writes(&self) {
        self.report(self.written(CheckpointWriter::outcomes));
    }

    /// Waits for what is being written, and tells the same.
    pub(super) fn wait_for_writes(&self) {
        self.report(self.written(CheckpointWriter::wait));
    }

    fn report(&self, outcomes: Vec<Result<PathBuf>>) {
        for error in outcomes.into_iter().filter_map(Result::err) {
            let newest = self.store_folder().and_then(|folder| folder.steps().last().copied());
            let rest = newest
                .map_or("there is no older one".to_owned(), |step| format!("the last good one is of step {step}"));
            self.say(&format!("{error}; the training goes on, {rest}"));
        }
    }

    /// What came of checkpoints since the last call, by a look or by waiting.
    fn written(&self, look: impl Fn(&mut CheckpointWriter) -> Vec<Result<PathBuf>>) -> Vec<Result<PathBuf>> {
        let mut store = self.store.borrow_mut();
        let Some(store) = store.as_mut() else { return Vec::new() };
        let outcomes = look(&mut store.writer);
        store.note_outcomes(&outcomes);
        outcomes
    }

    fn store_folder(&self) -> Option<crate::run::Checkpoints> {
        self.live().context.session.borrow().folder().map(RunFolder::checkpoints)
    }

    /// The newest state of a step up to `limit` that a checkpoint of the live version has.
    pub(super) fn saved(&self, limit: u64) -> Option<State> {
        let outcomes = self.written(CheckpointWriter::wait);
        outcomes.into_iter().filter_map(Result::err).for_each(|error| self.say(&error.to_string()));
        let (live, checkpoints) = (self.live(), self.store_folder()?);
        let of_version =
            |files: &Files| checkpoint::read_about(files).is_some_and(|a| a.version == live.version.number);
        let mut steps = checkpoints.steps().into_iter().rev().filter(|step| *step <= limit);
        let (step, files) = steps.find_map(|step| Some((step, checkpoints.read(step).ok().filter(of_version)?)))?;
        checkpoint::decode(&files, &checkpoints.path(step), &self.settings.device).ok().map(|(state, _)| state)
    }

    /// Waits for what is being written. Returns the last failure.
    pub(super) fn finish_writing(&self) -> Option<ScriptError> {
        let outcomes = self.written(CheckpointWriter::wait);
        outcomes.into_iter().filter_map(Result::err).last().map(ScriptError::from)
    }

    /// The next checkpoint makes those of later steps void: the training took another course.
    pub(super) fn supersede(&self) {
        if let Some(store) = self.store.borrow_mut().as_mut() {
            store.supersedes = true;
        }
    }

    /// Notes an event in the journal, under the step that was done last.
    pub(super) fn note(&self, event: Event) -> Result<()> {
        let (step, rewinds) = self.time();
        match self.store.borrow_mut().as_mut() {
            Some(store) => store.journal.append(step, rewinds, event),
            None => Ok(()),
        }
    }

    /// Notes an event before the first step.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn note_at_start(&self, event: Event) -> Result<()> {
        let state = self.live().context.session.borrow().state();
        match self.store.borrow_mut().as_mut() {
            Some(store) => store.journal.append(state.step, state.rewinds, event),
            None => Ok(()),
        }
    }

    /// The place in the run's own time: the steps that were done, and how often it was taken back.
    pub(super) fn time(&self) -> (u64, u64) {
        self.boundary.borrow().as_ref().map_or((0, 0), |state| (state.step, state.rewinds))
    }

    /// Copies a version's files and notes in the journal that it takes effect.
    pub(super) fn record_version(&self, old: &[SourceFile], new: &Live, report: Vec<String>) -> Result<()> {
        let live = self.live();
        let session = live.context.session.borrow();
        let (Some(folder), Some(store)) = (session.folder(), &mut *self.store.borrow_mut()) else { return Ok(()) };
        folder.record_version(&mut store.journal, &new.version, diff(old, &new.version.files), report)?;
        store.set_known_files(&new.version.files);
        Ok(())
    }

    /// Records a version that takes effect whether that can be written or not; it is tried again between steps.
    pub(super) fn record_by_and_by(&self, old: Vec<SourceFile>) {
        if let Some(store) = self.store.borrow_mut().as_mut() {
            store.unrecorded = Some(old);
        }
        self.note_version();
    }

    /// Records the live version if the journal does not know it yet.
    pub(super) fn note_version(&self) {
        let Some(old) = self.store.borrow().as_ref().and_then(|store| store.unrecorded.clone()) else { return };
        let live = self.live();
        let recorded = self.record_version(&old, &live, Vec::new());
        if let (Ok(()), Some(store)) = (&recorded, self.store.borrow_mut().as_mut()) {
            store.unrecorded = None;
        }
        self.tell_of_journal(recorded);
    }

    /// Tells once that the journal cannot be written, and once that it can be again.
    fn tell_of_journal(&self, noted: Result<()>) {
        let failed = self
            .store
            .borrow_mut()
            .as_mut()
            .is_some_and(|store| std::mem::replace(&mut store.journal_fails, noted.is_err()));
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
            Some(store) if live.sources.count() <= store.known_files.len() && store.unrecorded.is_none() => return,
            Some(store) => {
                let is_new = |file: &SourceFile| !store.known_files.contains(&file.path);
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
            let (Some(folder), Some(store)) = (session.folder(), &mut *self.store.borrow_mut()) else { return };
            let noted = folder.record_files(
                &mut store.journal,
                &version,
                &self.settings.script,
                (self.time().0, self.time().1),
            );
            if noted.is_ok() {
                store.remember(&version.files);
                store.known_files.extend(version.files.iter().map(|file| file.path.clone()));
            }
            noted
        };
        self.tell_of_journal(noted);
        self.watch_files(Vec::new());
    }
}
