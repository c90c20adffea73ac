//! When a training is saved, and what a checkpoint of it holds.

use std::{path::PathBuf, time::Instant};

use super::Supervision;
use crate::{
    Error, Result,
    lua::ScriptError,
    run::{CheckpointWriter, Files, Job, MakeFiles, RunFolder, Spare},
    session::{
        State,
        checkpoint::{self, About},
        versions,
    },
};

/// Why a checkpoint is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    /// The interval, or the user.
    Interval,
    /// An edit is about to take effect.
    Edit,
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
        let step = self.moment().step;
        let is_due = self.store.borrow().as_ref().is_some_and(|store| store.is_due(step));
        // An edit that has not proved itself yet may be taken back: taken up again, the run must be able to do so as
        // well.
        if is_due && !self.succession.is_on_probation() { self.save_or_tell(Occasion::Interval) } else { Ok(()) }
    }

    /// The same as [`Supervision::save`], but a lack of memory for the copies is no reason to end a training.
    pub(super) fn save_or_tell(&self, occasion: Occasion) -> Result<()> {
        match self.save(occasion) {
            Err(error @ Error::NoRoom { .. }) => {
                self.say(&format!("{error}; the training goes on without this checkpoint"));
                if let Some(store) = self.store.borrow_mut().as_mut() {
                    (store.last, store.has_saved) = ((self.moment().step, Instant::now()), false);
                }
                Ok(())
            }
            saved => saved,
        }
    }

    /// Hands a checkpoint of the last boundary to the writer.
    pub(super) fn save(&self, occasion: Occasion) -> Result<()> {
        self.look_at_folder();
        self.lookout.set_has_new(false);
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

    /// A checkpoint of the last boundary; none if the journal lacks what the checkpoint would need.
    pub(super) fn job(&self, occasion: Occasion) -> Result<Option<Job>> {
        let live = self.live();
        // What was logged so far would be missing for good if the process ended: the run goes on after this step.
        let flushed = live.context.session.borrow_mut().output_mut().metrics_mut().flush();
        self.note_log(flushed);
        let (mut store, boundary) = (self.store.borrow_mut(), self.boundary.look());
        let (Some(store), Some(state)) = (store.as_mut(), boundary.as_ref()) else { return Ok(None) };
        if store.recorded.unrecorded.is_some() {
            return Ok(None);
        }
        self.note_unlogged();
        let best = live.policy.checkpoint.best.as_ref();
        let best =
            best.and_then(|name| Some((name.clone(), live.context.session.borrow().output().metrics().last(name)?)));
        let (log, logged) = {
            let session = live.context.session.borrow();
            // A log that cannot be synced may lack steps after a power cut, which a resumption tells.
            (session.output().metrics().handle().ok().flatten(), session.output().metrics().last_step())
        };
        let merit = best.as_ref().map(|(_, value)| live.policy.merit(*value)).filter(|merit| !merit.is_nan());
        let about =
            About { version: live.version.number, options: live.script.options(), versions: versions(), best, logged };
        let (kept, supersedes) = (occasion == Occasion::Edit, store.supersedes);
        let record = live.context.session.borrow().output().folder().map(|folder| folder.record().clone());
        let spare = record.zip(store.recorded.journal.entries().ok());
        let spare = spare.map(|(record, entries)| Spare::new(record, entries, &store.recorded.sources));
        let files = with_spare(checkpoint::encode(state, &about)?, spare);
        Ok(Some(Job { step: state.counters.step, files, log, merit, kept, supersedes, keep: store.keep }))
    }

    /// Reports once that nothing logs the metric of the best checkpoint.
    pub(super) fn note_unlogged(&self) {
        let (live, step) = (self.live(), self.moment().step);
        let session = live.context.session.borrow();
        let evaluated =
            session.output().folder().and_then(|folder| folder.record().results.get("untrained")?.as_object());
        let evaluated = evaluated.map_or_else(Vec::new, |results| results.keys().map(String::as_str).collect());
        let unlogged = live.policy.unlogged(session.output().metrics(), &evaluated, step);
        if let (Some(text), Some(name), true) = (unlogged, &live.policy.checkpoint.best, step > 0) {
            self.workshop.progress.message_once(&format!("checkpoint.best {name}"), &text);
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

    /// Writes the state that the training has come to. That is its present state if the training `has_ended`, and the
    /// last boundary if a step was broken off or failed.
    ///
    /// # Errors
    /// A device failed.
    pub fn save_at_end(&self, has_ended: bool) -> Result<(), ScriptError> {
        let live = self.live();
        if has_ended {
            let plain = live.script.plain()?;
            let mut session = live.context.session.borrow_mut();
            session.set_plain(plain);
            self.boundary.set(session.state());
        } else if let Some(state) = self.boundary.state() {
            live.restore(&state)?;
        }
        let step = self.moment().step;
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

    /// Waits for what is being written, and reports failures in the same way.
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
        self.live().context.session.borrow().output().folder().map(RunFolder::checkpoints)
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
        checkpoint::decode(&files, &checkpoints.path(step), &self.workshop.settings.device).ok().map(|(state, _)| state)
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

    /// A log that cannot be written is no reason to end a training: its lines are held, and tried again.
    pub(super) fn note_log(&self, ended: Result<()>) {
        let is_news = |fails: bool| {
            let mut store = self.store.borrow_mut();
            store.as_mut().is_some_and(|store| std::mem::replace(&mut store.recorded.log_fails, fails) != fails)
        };
        match ended {
            // Lines that are only held have not been written.
            Ok(()) if self.live().context.session.borrow().output().metrics().is_refused() => {}
            Ok(()) if is_news(false) => self.say("the log is written again"),
            Ok(()) => {}
            Err(error) if is_news(true) => self.say(&format!("{error}; the training goes on, and it is tried again")),
            Err(_) => {}
        }
    }
}
