//! What a run leaves and shows: its folder, what it logs, what the user sees. It is no state, and goes from a session
//! to the one that takes its place.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Map, Value};

use super::{contact_sheets::ContactSheets, running_step::StepValues};
use crate::{
    Result,
    episode::Episode,
    interrupt::{Interrupt, LastWord},
    run::{Before, Journal, Mark, Metrics, Progress, RunFolder, RunStatus, logged_curves, path_text},
};

/// What a run leaves and shows.
pub struct Output {
    progress: Arc<Progress>,
    metrics: Metrics,
    folder: Option<RunFolder>,
    interrupt: Interrupt,
    /// Records how the run ended if the process ends with it.
    last_word: Option<LastWord>,
    contact_sheets: ContactSheets,
    /// Why the run cannot be repeated, as far as that has shown.
    not_repeatable: Vec<String>,
    started: Instant,
    first_step: Option<Instant>,
}

impl Output {
    /// Output without a folder.
    pub(super) fn new(progress: Arc<Progress>, interrupt: Interrupt) -> Self {
        Self {
            progress,
            metrics: Metrics::in_memory(),
            folder: None,
            interrupt,
            last_word: None,
            contact_sheets: ContactSheets::default(),
            not_repeatable: Vec::new(),
            started: Instant::now(),
            first_step: None,
        }
    }

    /// What the user sees while it runs.
    pub fn progress(&self) -> &Arc<Progress> {
        &self.progress
    }

    /// What was logged.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The same, for who ran the session.
    pub(crate) fn metrics_mut(&mut self) -> &mut Metrics {
        &mut self.metrics
    }

    /// The run's folder, if it leaves one.
    pub fn folder(&self) -> Option<&RunFolder> {
        self.folder.as_ref()
    }

    /// The time from the session's beginning to its first step, what a script does before it included.
    pub fn to_first_step(&self) -> Duration {
        self.first_step.map_or(Duration::ZERO, |first| first - self.started)
    }

    /// Attaches a folder and its metrics: from now on what is logged is written there.
    pub fn attach(&mut self, folder: RunFolder, metrics: Metrics) {
        self.metrics = metrics;
        self.contact_sheets.want_first(&folder);
        self.folder = Some(folder);
        self.renew_last_word();
        self.record_not_repeatable();
    }

    /// The record says how the run ended where the process is ended from outside.
    fn renew_last_word(&mut self) {
        let path = self.folder.as_ref().map(|folder| folder.path().to_owned());
        self.last_word = path.map(|path| self.interrupt.before_end(move |_| RunFolder::break_off(&path)));
    }

    /// Follows the run's folder to another name.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn move_folder(&mut self, path: &Path) -> Result<()> {
        let Some(folder) = self.folder.as_mut() else { return Ok(()) };
        folder.rename(path.to_owned());
        let moved = self.metrics.move_to(folder.metrics(), true);
        self.renew_last_word();
        moved
    }

    /// Takes another folder for the same run, in the place of one that is lost.
    ///
    /// # Errors
    /// The metrics cannot be written there.
    pub fn take_folder(&mut self, folder: RunFolder) -> Result<()> {
        self.metrics.move_to(folder.metrics(), false)?;
        self.folder = Some(folder);
        self.renew_last_word();
        Ok(())
    }

    /// Takes over the output of another session of the same run. Why the run cannot be repeated is in its record
    /// already.
    pub(super) fn succeed(&mut self, before: &mut Self) {
        std::mem::swap(self, before);
        std::mem::swap(&mut self.not_repeatable, &mut before.not_repeatable);
        self.record_not_repeatable();
    }

    /// Tells why the run cannot be repeated, and notes it in the run's record.
    pub fn note_not_repeatable(&mut self, reason: &str) {
        if self.not_repeatable.iter().any(|known| known == reason) {
            return;
        }
        self.progress.message(reason);
        self.not_repeatable.push(reason.to_owned());
        self.record_not_repeatable();
    }

    fn record_not_repeatable(&mut self) {
        if let Some(folder) = self.folder.as_mut()
            && let Err(error) = folder.add_not_repeatable(&self.not_repeatable)
        {
            // The next time that the record is written, it is in it.
            self.progress.message(&error.to_string());
        }
    }

    /// Keeps each episode until the next one is made, so that it can be shown.
    pub fn keep_episodes(&mut self) {
        self.contact_sheets.keep_last();
    }

    /// Notes that an episode was made, in a step that counts or elsewhere.
    pub(super) fn note_episode(&mut self, episode: &Episode, in_step: bool) {
        self.contact_sheets.note(episode, in_step);
    }

    /// Writes the contact sheet of the last episode that was made, and returns its path: none without an episode or a
    /// folder.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn show_last_episode(&self) -> Result<Option<PathBuf>> {
        self.folder.as_ref().map_or(Ok(None), |folder| self.contact_sheets.save_last(folder))
    }

    /// Writes the contact sheet of the first step's episode.
    pub(super) fn show_first_episode(&mut self) {
        // A picture that cannot be written is no reason to stop a training.
        if let Some(folder) = self.folder.as_ref()
            && let Err(error) = self.contact_sheets.save_first(folder)
        {
            self.progress.message(&error.to_string());
        }
    }

    /// Notes that a step begins of so many.
    pub(super) fn begin_step(&mut self, total: u64) {
        if self.first_step.is_none() {
            self.first_step = Some(Instant::now());
            self.progress.restart();
        }
        self.progress.set_total(total);
    }

    /// Shows and writes what a step has logged.
    ///
    /// # Errors
    /// The metrics cannot be written.
    pub(super) fn end_step(&mut self, step: u64, logged: &StepValues) -> Result<()> {
        let values: Vec<(&str, f64)> = logged.values.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        self.progress.end_wait("first use, to the end of the first step:");
        self.progress.step(step, &values, logged.views);
        self.metrics.log(step, &values)
    }

    /// Gives the run's folder up before the first step: it is as it was before the run was taken up, or says of a new
    /// run how it failed.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn give_up(&mut self, before: Option<Before>, error: String) -> Result<()> {
        match (self.folder.as_mut(), before) {
            (Some(folder), Some(before)) => folder.put_back(before),
            (Some(folder), None) => folder.finish(RunStatus::Failed { error }),
            (None, _) => Ok(()),
        }
    }

    /// Adds to the results in the run's record, if there is a folder.
    ///
    /// # Errors
    /// The record cannot be written.
    pub fn add_results(&mut self, results: &Map<String, Value>) -> Result<()> {
        self.folder.as_mut().map_or(Ok(()), |folder| folder.add_results(results.clone()))
    }

    /// Writes the curves of what was logged, results and status.
    ///
    /// # Errors
    /// The first file that cannot be written. The others are written all the same.
    pub(super) fn close(&mut self, results: Map<String, Value>, status: RunStatus) -> Result<()> {
        let Some(folder) = self.folder.as_mut() else { return Ok(()) };
        let script = path_text::shown(&folder.record().description.script);
        let marks = Journal::read(&folder.journal()).map(|entries| Mark::read(&entries));
        let shown = marks.as_deref().unwrap_or_default();
        let logged = self.metrics.names().map(|name| (name, self.metrics.series(name)));
        let outcome = logged_curves(&folder.loss_curve(), &script, logged, shown).and(marks.map(drop));
        let recorded = folder.add_results(results).and(folder.finish(status));
        self.last_word = None;
        outcome.and(recorded)
    }
}
