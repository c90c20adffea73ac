//! A run as its folder has it: its record, the versions of its script, and the newest state that can be read.

use std::{collections::BTreeMap, path::Path};

use super::shown;
use crate::{
    Device, Error, Result,
    lua::ScriptError,
    run::{
        Checkpoints, Entry, Event, Journal, Logged, Moment, RunFolder, RunRecord, RunStatus, Spare, Version,
        path_text::from_text, read_versions,
    },
    session::{
        State,
        checkpoint::{self, About},
        versions,
    },
    training::{
        settings::Settings,
        supervision::{BeforeEdit, PROBATION},
    },
};

/// A run that is read from its folder.
pub(super) struct Taken {
    pub record: RunRecord,
    pub entries: Vec<Entry>,
    /// In order; there is at least one.
    pub versions: Vec<Version>,
    /// What is wrong with the copies of an older version, if anything is.
    pub lost: Option<Error>,
    /// Whether the file of the journal lacks entries that a checkpoint has.
    pub completed: bool,
    /// Where the run can go on, and what its checkpoint says besides.
    pub state: Option<(State, About)>,
    /// What the user is to know of it.
    pub messages: Vec<String>,
}

impl Taken {
    /// Reads a run. Its state is the newest of a step up to `limit` that can be read, with what a fork began with as
    /// the oldest.
    ///
    /// # Errors
    /// It is no run; its journal or the copies of its script cannot be read, or name no version; it has checkpoints,
    /// none of which can be read.
    pub fn read(run: &Path, device: &Device, limit: u64) -> Result<Self> {
        let record = RunFolder::read(run)?;
        let entries = Journal::read(&run.join("journal.jsonl"))?;
        let is_version = |entry: &Entry| matches!(entry.event, Event::Version { .. });
        if !entries.iter().any(is_version) {
            let checkpoints = Checkpoints::below(run.join("checkpoints")).list();
            let reason = match checkpoints.as_str() {
                "none" => "has no journal of its script: it ended before its first step, so start it anew".to_owned(),
                steps => format!(
                    "has checkpoints of step {steps}, but its journal is lost; `moonburn repair {}` saves what can be",
                    run.display()
                ),
            };
            return Err(Error::data("run", run, reason));
        }
        let mut taken = Self {
            record,
            entries,
            versions: Vec::new(),
            lost: None,
            completed: false,
            state: None,
            messages: Vec::new(),
        };
        let mut spare = None;
        for folder in ["checkpoints", "origin"] {
            if taken.state.is_none() {
                spare = taken.read_state(&Checkpoints::below(run.join(folder)), device, limit);
            }
        }
        if let (None, Some(damaged)) = (&taken.state, taken.messages.first()) {
            // To begin anew would cost what may still be saved by hand.
            let reason = format!("none of its checkpoints can be read ({damaged}); without any it would begin anew");
            return Err(Error::data("run", run, reason));
        }
        if let Some(entries) = spare.and_then(|spare| spare.completed(&taken.entries)) {
            let lost = entries.len() - taken.entries.len();
            taken.messages.push(format!("journal.jsonl lacks {lost} of its entries, which a checkpoint has"));
            (taken.entries, taken.completed) = (entries, true);
        }
        // What went before the version that trained at the state is needed only to repeat the run.
        let first = taken.state.as_ref().map_or(0, |(_, about)| about.version);
        taken.versions = match read_versions(run, &taken.entries, 0) {
            Ok(found) => found,
            Err(error) => {
                let found = read_versions(run, &taken.entries, first)?;
                taken.messages.push(format!("{error}; the run can go on without it, but not be repeated"));
                taken.lost = Some(error);
                found
            }
        };
        if let Some((_, about)) = &taken.state {
            let differ =
                versions().into_iter().find(|(name, now)| about.versions.get(name).is_some_and(|then| then != now));
            taken.messages.extend(differ.map(|(name, now)| {
                format!(
                    "the checkpoint was written with {name} {}, this is {now}: results may differ in the last bits",
                    about.versions[&name]
                )
            }));
        }
        Ok(taken)
    }

    /// Reads the newest state that can be read, and returns what its checkpoint keeps besides.
    fn read_state(&mut self, checkpoints: &Checkpoints, device: &Device, limit: u64) -> Option<Spare> {
        let mut limit = Some(limit);
        while let Some(up_to) = limit {
            let newest = checkpoints.newest(up_to);
            self.messages.extend(newest.damaged.iter().map(|error| format!("{error}, so an older one is looked for")));
            let (step, files) = newest.found?;
            match checkpoint::decode(&files, &checkpoints.path(step), device) {
                Ok(found) => {
                    self.state = Some(found);
                    return Spare::of_checkpoint(&files);
                }
                Err(error) => self.messages.push(format!("{error}, so an older one is looked for")),
            }
            limit = step.checked_sub(1);
        }
        None
    }

    /// The version that trained at the state, and those that took effect after it.
    pub fn course(&self) -> Result<(Version, Vec<Version>)> {
        let number = self.state.as_ref().map_or(self.versions[0].number, |(_, about)| about.version);
        let mut later = self.versions.iter().filter(|version| version.number >= number).cloned();
        match later.next().filter(|version| version.number == number) {
            Some(version) => Ok((version, later.collect())),
            None => {
                Err(Error::State { op: "run", reason: format!("the journal has no version {number} of the script") })
            }
        }
    }

    /// If the state belongs to an edit that has not proved itself yet: the version before the edit and its last state,
    /// so that a failure still counts as the edit's. None if that state is gone. An edit with which the run has
    /// finished has proved itself, however few its steps were.
    pub fn before_edit(&self, run: &Path, device: &Device) -> Option<BeforeEdit> {
        let (state, about) = self.state.as_ref().filter(|_| self.record.status != RunStatus::Finished)?;
        let edit = self.versions.iter().find(|version| version.number == about.version && version.number > 0)?;
        if edit.rewinds != state.counters.rewinds || state.counters.step >= edit.step + PROBATION {
            return None;
        }
        let checkpoints = Checkpoints::below(run.join("checkpoints"));
        let files = checkpoints.read(edit.step).ok()?;
        let (before, about) = checkpoint::decode(&files, &checkpoints.path(edit.step), device).ok()?;
        let version = self.versions.iter().find(|version| version.number == about.version)?;
        (version.number < edit.number).then(|| (version.clone(), before))
    }

    /// When rewinds of the journal began, and the steps that they went back to.
    pub fn rewinds(&self) -> BTreeMap<Moment, u64> {
        let rewind = |entry: &Entry| match entry.event {
            Event::Rewind { to, .. } => Some((Moment { rewinds: entry.rewinds, step: entry.step }, to)),
            _ => None,
        };
        self.entries.iter().filter_map(rewind).collect()
    }

    /// How far it came, as far as its files tell.
    pub fn end(&self, run: &Path) -> Moment {
        let rewinds = self.state.as_ref().map_or(0, |(state, _)| state.counters.rewinds);
        let rewinds = self.entries.iter().map(|entry| entry.rewinds).fold(rewinds, u64::max);
        let logged = Logged::read(&run.join("metrics.jsonl")).ok().and_then(|logged| logged.last_step()).unwrap_or(0);
        Moment { rewinds, step: self.state.as_ref().map_or(0, |(state, _)| state.counters.step).max(logged) }
    }

    /// Settings that run it as it was run; `base` has what does not change what it computes.
    pub fn settings(&self, base: &Settings) -> Settings {
        let record = &self.record.description;
        Settings {
            script: from_text(&record.script),
            seed: record.seed,
            modules: record.modules.iter().map(|folder| from_text(folder)).collect(),
            ..base.clone()
        }
    }
}

/// An error of a run as a whole.
pub(super) fn of_run(run: &Path, error: Error) -> ScriptError {
    match error {
        // They name their file.
        Error::Data { .. } | Error::Io { .. } => error.into(),
        other => ScriptError::at(shown(run), other),
    }
}
