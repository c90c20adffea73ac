//! Where a training is written to: what is recorded of it, the writer of its checkpoints, and what is known of these.
//! When to write, and what of, is decided elsewhere.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use super::recorded::Recorded;
use crate::{
    Result,
    interrupt::{Interrupt, LastWord},
    run::{CheckpointWriter, Every, Job, Journal, Keep, RunFolder},
    training::policy::Policy,
};

/// Where a run is written to.
pub struct Store {
    pub(super) recorded: Recorded,
    pub(super) writer: CheckpointWriter,
    /// A checkpoint that is only in memory, and when it was made.
    pub(super) copy: Option<(Instant, Job)>,
    /// Set on the command line, before the script's own.
    pub(super) every: Option<Every>,
    pub(super) policy_every: Every,
    pub(super) keep: Keep,
    /// The last checkpoint.
    pub(super) last: (u64, Instant),
    /// Whether `last` has been written by this process.
    pub(super) has_saved: bool,
    /// Whether checkpoints of later steps on the disk belong to another course of the training.
    pub(super) supersedes: bool,
    /// The checkpoint that makes them void once it is written.
    pub(super) superseding: Option<PathBuf>,
    /// Lets the checkpoint that is being written be ended if the process ends.
    pub(super) last_word: LastWord,
    pub(super) interrupt: Interrupt,
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
            recorded: Recorded::in_folder(folder)?,
            writer,
            copy: None,
            last_word: interrupt.before_end(move |until| unwritten.wait(until)),
            interrupt: interrupt.clone(),
            every,
            policy_every: policy.checkpoint.every.unwrap_or_default(),
            keep: policy.keep(),
            last: (step, Instant::now()),
            has_saved: false,
            supersedes: false,
            superseding: None,
        })
    }

    /// What is recorded besides checkpoints.
    pub fn recorded(&mut self) -> &mut Recorded {
        &mut self.recorded
    }

    pub(super) fn set_policy(&mut self, policy: &Policy) {
        self.policy_every = policy.checkpoint.every.unwrap_or_default();
        self.keep = policy.keep();
    }

    /// Goes on in another folder of the run: the same under another name, or one that has all but checkpoints.
    ///
    /// # Errors
    /// The journal cannot be written there.
    pub fn move_to(&mut self, folder: &RunFolder, is_renamed: bool) -> Result<()> {
        self.recorded.journal = Journal::open(folder.journal())?;
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
    pub(super) fn note_outcomes(&mut self, outcomes: &[Result<PathBuf>]) {
        self.has_saved &= outcomes.iter().all(Result::is_ok);
        if outcomes.iter().flatten().any(|path| Some(path) == self.superseding.as_ref()) {
            (self.supersedes, self.superseding) = (false, None);
        }
    }

    /// Whether the last checkpoint and the copy in memory are older than this.
    pub(super) fn is_copy_due(&self, age: Duration) -> bool {
        self.last.1.elapsed() >= age && self.copy.as_ref().is_none_or(|(made, _)| made.elapsed() >= age)
    }

    pub(super) fn is_due(&self, step: u64) -> bool {
        match self.every.unwrap_or(self.policy_every) {
            Every::Never => false,
            Every::Steps(steps) => step >= self.last.0.saturating_add(steps),
            Every::Time(time) => step > self.last.0 && self.last.1.elapsed() >= time && !self.writer.is_busy(),
        }
    }
}
