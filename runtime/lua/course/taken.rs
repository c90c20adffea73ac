//! A run as its folder has it: its record, the versions of its script, and the newest state that can be read.

use std::path::Path;

use super::shown;
use crate::{
    Device, Error, Result,
    lua::{ScriptError, settings::Settings, supervision::PROBATION},
    run::{Checkpoints, Entry, Journal, Logged, RunFolder, RunRecord, Version, path_text::from_text, read_versions},
    session::{
        State,
        checkpoint::{self, About},
        versions,
    },
};

/// A run that is read from its folder.
pub(super) struct Taken {
    pub record: RunRecord,
    pub entries: Vec<Entry>,
    /// In order; there is at least one.
    pub versions: Vec<Version>,
    /// Where it can go on, and what its checkpoint tells besides.
    pub state: Option<(State, About)>,
    /// What is to be told of it.
    pub messages: Vec<String>,
}

impl Taken {
    /// Reads a run. Its state is the newest of a step up to `limit` that can be read, with what a fork began with as the
    /// oldest.
    ///
    /// # Errors
    /// It is no run; its journal or the copies of its script cannot be read, or are those of nothing; it has checkpoints
    /// of which none can be read.
    pub fn read(run: &Path, device: &Device, limit: u64) -> Result<Self> {
        let record = RunFolder::read(run)?;
        let entries = Journal::read(&run.join("journal.jsonl"))?;
        let found = read_versions(run, &entries)?;
        if found.is_empty() {
            let reason = "has no journal of its script: it ended before its first step, so start it anew";
            return Err(Error::data("run", run, reason));
        }
        let mut taken = Self { record, entries, versions: found, state: None, messages: Vec::new() };
        for folder in ["checkpoints", "origin"] {
            if taken.state.is_none() {
                taken.read_state(&Checkpoints::below(run.join(folder)), device, limit);
            }
        }
        if let (None, Some(damaged)) = (&taken.state, taken.messages.first()) {
            // To begin anew would cost what may still be saved by hand.
            let reason = format!("none of its checkpoints can be read ({damaged}); without any it would begin anew");
            return Err(Error::data("run", run, reason));
        }
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

    fn read_state(&mut self, checkpoints: &Checkpoints, device: &Device, limit: u64) {
        let mut limit = Some(limit);
        while let Some(up_to) = limit {
            let newest = checkpoints.newest(up_to);
            self.messages.extend(newest.damaged.iter().map(|error| format!("{error}, so an older one is looked for")));
            let Some((step, files)) = newest.found else { return };
            match checkpoint::decode(&files, &checkpoints.path(step), device) {
                Ok(found) => {
                    self.state = Some(found);
                    return;
                }
                Err(error) => self.messages.push(format!("{error}, so an older one is looked for")),
            }
            limit = step.checked_sub(1);
        }
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

    /// The step after which an edit took effect that has not proved itself yet at the state.
    pub fn unproved_edit(&self) -> Option<u64> {
        let (state, about) = self.state.as_ref()?;
        let version = self.versions.iter().find(|version| version.number == about.version && version.number > 0)?;
        let is_new = version.rewinds == state.rewinds && state.step < version.step + PROBATION;
        is_new.then_some(version.step)
    }

    /// The steps that were done, and how often it was taken back, as far as its files tell.
    pub fn end(&self, run: &Path) -> (u64, u64) {
        let rewinds = self.state.as_ref().map_or(0, |(state, _)| state.rewinds);
        let rewinds = self.entries.iter().map(|entry| entry.rewinds).fold(rewinds, u64::max);
        let logged = Logged::read(&run.join("metrics.jsonl")).ok().and_then(|logged| logged.last_step()).unwrap_or(0);
        (self.state.as_ref().map_or(0, |(state, _)| state.step).max(logged), rewinds)
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
