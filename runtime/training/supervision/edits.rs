//! Exchanging the script of a training: a new version is loaded beside the old one, tried on a copy of the session, and
//! takes over at a boundary between steps; or it is refused, and nothing has changed.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    rc::Rc,
    time::{Duration, Instant},
};

use super::{
    Supervision,
    changes::{changed_files, changed_options, describe, first_few, merged, refusal},
    saving::Occasion,
};
use crate::{
    Error, Result,
    files::regular,
    lua::{Flow, Left, ScriptError},
    memory,
    run::{Moment, Sources, Version},
    session::Takeover,
    training::live::{Live, Tried},
};

/// After so long the loading of an edit is given up, and the process with it: reading a large data set takes minutes.
const LOADING: Duration = Duration::from_secs(900);

/// The same for the edit's step, besides some times its limit: a kernel's first launch takes long.
const STEP: Duration = Duration::from_secs(60);

/// Who wants another version.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// A file was saved, then.
    Saved(Instant),
    /// An order.
    Ordered,
    /// The command that takes the run up again: what is done stays done.
    TakenUp,
}

/// What came of an edit.
pub enum Edited {
    /// It takes effect.
    Accepted(String),
    /// It does not, for this reason.
    Refused(String),
}

impl Supervision {
    /// Tries an edit that was saved since the last boundary. The loop is left for one that takes effect.
    pub(super) fn take_edits(&self) -> Result<Flow> {
        // Who is about to stop has no use for an edit that cannot be tried any more.
        if self.workshop.settings.interrupt.is_requested() {
            return Ok(Flow::Continue(()));
        }
        let Some(saved) = self.watching.take() else { return Ok(Flow::Continue(())) };
        let live = self.live();
        let files = live.sources.files();
        if files.iter().all(|file| regular::read(&file.path).is_ok_and(|bytes| bytes == file.bytes)) {
            // Back to what trains: an edit that was refused has been undone.
            self.watching.note_found(&live.sources);
            self.watch_files(Vec::new());
            return Ok(Flow::Continue(()));
        }
        match self.try_edit(live.version.set.clone(), Sources::disk(), Wish::Saved(saved.at))? {
            Edited::Accepted(text) => {
                self.say(&text);
                Ok(Flow::Break(Left))
            }
            Edited::Refused(text) => {
                self.say(&text);
                Ok(Flow::Continue(()))
            }
        }
    }

    /// Changes the version before anything is trained: options, or all files to those on the disk.
    ///
    /// # Errors
    /// The change is refused.
    pub fn change_before_start(self: &Rc<Self>, set: Vec<(String, String)>, edited: bool) -> Result<(), ScriptError> {
        let live = self.live();
        self.boundary.set(live.context.session.borrow().state());
        let sources = if edited { Sources::disk() } else { Sources::recorded(live.sources.files()) };
        match self.try_edit(merged(&live.version.set, &set), sources, Wish::TakenUp)? {
            Edited::Accepted(text) => {
                self.say(&text);
                self.begin_anew()
            }
            Edited::Refused(text) => Err(ScriptError::usage("resume", text)),
        }
    }

    /// Loads a version, tries it on a copy of the session, and makes it the successor of the live one.
    ///
    /// # Errors
    /// A device failed.
    pub(super) fn try_edit(&self, set: Vec<(String, String)>, sources: Sources, wish: Wish) -> Result<Edited> {
        let live = self.live();
        let Moment { step, rewinds } = self.moment();
        let version = Version { number: live.version.number + 1, step, rewinds, set, files: Vec::new() };
        let budget = memory::account().budget;
        if sources.are_of_the_disk() {
            self.watching.look_at(&live.sources);
        }
        self.save_before_trial()?;
        let built = self.build_and_try(version, sources.clone());
        if sources.are_of_the_disk() {
            self.watching.note_found(&sources);
        }
        let (new, takeovers) = match built {
            _ if self.workshop.settings.interrupt.is_requested() => {
                memory::set_budget(budget);
                return Ok(Edited::Refused("the run is stopping".into()));
            }
            Ok(new) => new,
            Err(error) => {
                let loaded = sources.loaded_of_disk().into_iter().map(|file| file.path);
                self.watch_files(loaded.chain(sources.missing()).collect());
                return Ok(Edited::Refused(refusal(&error)));
            }
        };
        let planned = new.context.session.borrow().planned();
        if wish == Wish::TakenUp && (1..step).contains(&planned) {
            memory::set_budget(budget);
            let done = format!("{step} steps are done, and {planned} are fewer: nothing has changed");
            return Ok(Edited::Refused(done));
        }
        let takeovers: BTreeMap<String, Takeover> = takeovers.into_iter().collect();
        let report = describe(&takeovers, Takeover::describe);
        self.save_or_tell(Occasion::Edit)?;
        let old = live.sources.files();
        if let Err(error) = self.record_version(&old, &new, report) {
            // It would be lost with the process, and the run could not be repeated.
            memory::set_budget(budget);
            return Ok(Edited::Refused(format!("edit refused, as it cannot be recorded: {error}")));
        }
        let text = self.announcement(&live, &new, &takeovers, wish);
        self.succession.leave_journal();
        self.succession.appoint(new);
        Ok(Edited::Accepted(text))
    }

    /// What is said of an edit that takes effect.
    fn announcement(&self, old: &Live, new: &Live, takeovers: &BTreeMap<String, Takeover>, wish: Wish) -> String {
        let mut changes = changed_files(&old.sources.files(), &new.version.files);
        changes.extend(changed_options(&old.version.set, &new.version.set));
        let mut text = format!("edit {} takes effect from step {}", new.version.number, new.version.step + 1);
        if !changes.is_empty() {
            text += &format!(": {}", first_few(&changes));
        }
        let summary = describe(takeovers, Takeover::summary);
        if summary.is_empty() {
            text += ", everything kept";
        }
        if let Wish::Saved(saved) = wish {
            text += &format!(", {} ms after the save", saved.elapsed().as_millis());
        }
        for line in summary {
            text += &format!("\n    {line}");
        }
        let asked = |live: &Live| live.script.device().ok().flatten();
        if asked(new) != asked(old) {
            let device = self.workshop.settings.device.name();
            text += &format!("\n    the device stays {device}; resume with --device to change it");
        }
        text
    }

    /// Writes a checkpoint of the last boundary, unless there is one already: so no step is lost if trying the edit
    /// ends the process. While an earlier edit may still be taken back, the checkpoint from before that edit is kept.
    fn save_before_trial(&self) -> Result<()> {
        let step = self.moment().step;
        let has = self.store.borrow().as_ref().is_none_or(|store| store.has(step));
        if step > 0 && !has && !self.succession.is_on_probation() {
            self.save_or_tell(Occasion::Interval)?;
            // What is still being written would end with the process.
            self.wait_for_writes();
        }
        Ok(())
    }

    fn build_and_try(
        &self,
        version: Version,
        sources: Sources,
    ) -> Result<(Live, Vec<(String, Takeover)>), ScriptError> {
        let state = self.boundary.state();
        let budget = memory::account().budget;
        let (limit, workshop) = (self.pulse.limit(), &self.workshop);
        let tried = self
            .during_trial(LOADING, || workshop.build(version.clone(), sources, state.clone(), Some(limit)))
            .and_then(|live| self.during_trial(limit * 6 + STEP, || live.try_step(limit)));
        // Once more, from the files that were tried: what trains has seen no other step than its own, and is what a
        // repetition will build.
        let built = tried.and_then(|Tried { takeovers, files, components }| {
            let state = state.map(|state| state.sharing(&components));
            let new = self.during_trial(LOADING, || workshop.build(version, Sources::recorded(files), state, None))?;
            Ok((new, takeovers))
        });
        // A version that was refused takes its budget with it; one that was accepted sets it when it takes over.
        if built.is_err() {
            memory::set_budget(budget);
        }
        built
    }

    /// Runs a part of a trial, which breaks itself off long before so much time has passed.
    fn during_trial<T>(&self, most: Duration, body: impl FnOnce() -> T) -> T {
        match self.last_resort() {
            Some(last_resort) => last_resort.during_trial(most, body),
            None => body(),
        }
    }

    /// Lets the next edit that the journal has for this place in the run's time take effect: the loop is left for it.
    pub(super) fn apply_scheduled(&self) -> Result<Flow> {
        let moment = self.moment();
        let Some(version) = self.succession.take_scheduled(moment) else { return Ok(Flow::Continue(())) };
        let live = self.live();
        let (number, sources) = (version.number, Sources::recorded(version.files.clone()));
        let built = self.workshop.build(version, sources, self.boundary.state(), None);
        let new = built.map_err(|error| {
            let reason = format!("edit {number} of the journal cannot be repeated: {error}");
            Error::State { op: "journal", reason }.caused_by(error)
        })?;
        if self.succession.repeats() {
            self.record_version(&live.sources.files(), &new, Vec::new())?;
        } else if let Some(store) = self.store.borrow_mut().as_mut() {
            store.recorded.set_known_files(&new.version.files);
        }
        self.say(&format!("edit {number} of the journal takes effect from step {}", moment.step + 1));
        self.succession.appoint(new);
        Ok(Flow::Break(Left))
    }

    /// After the live version's functions have been left: its successor takes over, or it begins anew itself, from the
    /// last boundary.
    pub fn begin_anew(self: &Rc<Self>) -> Result<(), ScriptError> {
        if !self.succession.has_successor() {
            // A step that would not end was broken off, as an edit waits. It may be refused; then the step runs again.
            let live = self.live();
            if let Some(state) = self.boundary.state() {
                live.restore(&state)?;
            }
            live.context.enter();
            // Either there is a successor then, or the live version goes on.
            let _ = self.take_edits()?;
        }
        let Some(new) = self.succession.take_successor() else { return Ok(()) };
        let budget = memory::account().budget;
        let old = self.live();
        // The state is that of before the old version's last boundary: nothing of the new one is in it.
        let before = Version { files: old.sources.files(), ..old.version.clone() };
        self.succession.begin_probation(self.boundary.state().map(|state| (before, state)));
        new.context.session.borrow_mut().succeed(&mut old.context.session.borrow_mut());
        // Its states are of the old version's components, which the new version has none of.
        self.recovery.forget();
        self.take(new);
        drop(old);
        memory::set_budget(budget);
        Ok(())
    }

    /// Tells of files that were saved after the last step, while the run evaluated: nothing of them is in it.
    pub fn tell_of_late_edits(&self) {
        let live = self.live();
        let late = self.watching.late(&live.sources);
        if !late.is_empty() {
            let (files, session) = (first_few(&late), live.context.session.borrow());
            let run = session.output().folder().map_or("RUN".into(), |folder| folder.path().display().to_string());
            self.say(&format!(
                "{files}: saved after the last step, so this run has nothing of it; \
                 `moonburn resume {run} --edited` takes it, with --set steps=… for further steps"
            ));
        }
    }

    /// Watches the live version's files, and others that a version which was refused would consist of.
    pub(super) fn watch_files(&self, others: Vec<PathBuf>) {
        if self.watching.is_on() {
            self.watching.watch(&self.live().sources, others);
        }
    }
}
