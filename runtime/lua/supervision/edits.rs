//! Exchanging the script of a training: a new version is loaded beside the old one, tried on a copy of the session, and
//! takes over at a boundary between steps; or it is refused, and nothing has changed.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    rc::Rc,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use super::{Supervision, saving::Occasion};
use crate::{
    Error, Result,
    files::regular,
    lua::{
        ScriptError,
        live::{Live, Tried},
        sources::Sources,
    },
    reload::{contents, digest},
    run::{SourceFile, Version},
    session::Match,
    tensor::memory,
};

/// After so long the loading of an edit is given up, and the process with it: reading a large data set takes minutes.
const LOADING: Duration = Duration::from_secs(900);

/// The same for its step, beside some times its limit: a kernel's first launch takes long.
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
    /// Tries an edit that was saved since the last boundary.
    pub(super) fn take_edits(&self) -> Result<()> {
        // Who is about to stop has no use for an edit that cannot be tried any more.
        if self.settings.interrupt.is_requested() {
            return Ok(());
        }
        let Some(saved) = self.watch.as_ref().and_then(|watch| watch.take()) else { return Ok(()) };
        if self.unparsable.load(Ordering::Relaxed) {
            // The watcher has told it.
            return Ok(());
        }
        let live = self.live();
        let files = live.sources.files();
        if files.iter().all(|file| regular::read(&file.path).is_ok_and(|bytes| bytes == file.bytes)) {
            // Back to what trains: an edit that was refused has been undone.
            self.note_found(&live.sources);
            self.watch_files(Vec::new());
            return Ok(());
        }
        match self.try_edit(live.version.set.clone(), Sources::disk(), Wish::Saved(saved.at))? {
            Edited::Accepted(text) => {
                self.say(&text);
                Err(live.context.leave(Error::Restart))
            }
            Edited::Refused(text) => {
                self.say(&text);
                Ok(())
            }
        }
    }

    /// Changes the version before anything is trained: options, or all files to those on the disk.
    ///
    /// # Errors
    /// The change is refused.
    pub fn change_before_start(self: &Rc<Self>, set: Vec<(String, String)>, edited: bool) -> Result<(), ScriptError> {
        let live = self.live();
        *self.boundary.borrow_mut() = Some(live.context.session.borrow().state());
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
        let (step, rewinds) = self.time();
        let version = Version { number: live.version.number + 1, step, rewinds, set, files: Vec::new() };
        let budget = memory::account().budget;
        if sources.are_of_the_disk() {
            self.look_at(&live.sources);
        }
        self.save_before_trial()?;
        let built = self.build_and_try(version, sources.clone());
        if sources.are_of_the_disk() {
            self.note_found(&sources);
        }
        let (new, matches) = match built {
            _ if self.settings.interrupt.is_requested() => {
                memory::set_budget(budget);
                return Ok(Edited::Refused("the run is stopping".into()));
            }
            Ok(new) => new,
            Err(error) => {
                self.watch_files(sources.loaded().into_iter().map(|file| file.path).chain(sources.missing()).collect());
                return Ok(Edited::Refused(refusal(&error)));
            }
        };
        let planned = new.context.session.borrow().planned();
        if wish == Wish::TakenUp && (1..step).contains(&planned) {
            memory::set_budget(budget);
            let done = format!("{step} steps are done, and {planned} are fewer: nothing has changed");
            return Ok(Edited::Refused(done));
        }
        let matches: BTreeMap<String, Match> = matches.into_iter().collect();
        let report = describe(&matches, Match::describe);
        self.save_or_tell(Occasion::Edit)?;
        let old = live.sources.files();
        if let Err(error) = self.record_version(&old, &new, report) {
            // It would be lost with the process, and the run could not be repeated.
            memory::set_budget(budget);
            return Ok(Edited::Refused(format!("edit refused, as it cannot be recorded: {error}")));
        }
        let mut changes = changed_files(&old, &new.version.files);
        changes.extend(changed_options(&live.version.set, &new.version.set));
        let mut text = format!("edit {} takes effect from step {}", new.version.number, step + 1);
        if !changes.is_empty() {
            text += &format!(": {}", first_few(&changes));
        }
        let summary = describe(&matches, Match::summary);
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
        if asked(&new) != asked(&live) {
            text +=
                &format!("\n    the device stays {}; resume with --device to change it", self.settings.device.name());
        }
        // What the journal has for later steps belongs to a course that the run does not take any more.
        self.scheduled.borrow_mut().clear();
        *self.successor.borrow_mut() = Some(Rc::new(new));
        Ok(Edited::Accepted(text))
    }

    /// Writes a checkpoint of the last boundary, unless the last one is of it: what an edit does to the process while it is
    /// tried costs no step then. While another edit may still be taken back, the one from before that is to be kept.
    fn save_before_trial(&self) -> Result<()> {
        let step = self.time().0;
        let has = self.store.borrow().as_ref().is_none_or(|store| store.has(step));
        if step > 0 && !has && self.before_edit.borrow().is_none() {
            self.save_or_tell(Occasion::Interval)?;
            // What is still being written would end with the process.
            self.wait_for_writes();
        }
        Ok(())
    }

    fn build_and_try(&self, version: Version, sources: Sources) -> Result<(Live, Vec<(String, Match)>), ScriptError> {
        let state = self.boundary();
        let budget = memory::account().budget;
        memory::set_budget(self.budget);
        let limit = self.step_limit();
        let build = |version: Version, sources, state, limit| {
            Live::build(&self.api, &self.settings, &self.progress, version, sources, state, limit)
        };
        let tried = self
            .during_trial(LOADING, || build(version.clone(), sources, state.clone(), Some(limit)))
            .and_then(|live| self.during_trial(limit * 6 + STEP, || live.try_step(limit)));
        // Once more, from the files that were tried: what trains has seen no other step than its own, and is what a
        // repetition will build.
        let built = tried.and_then(|Tried { matches, files, components }| {
            memory::set_budget(self.budget);
            let state = state.map(|state| state.sharing(&components));
            let new = self.during_trial(LOADING, || build(version, Sources::recorded(files), state, None))?;
            Ok((new, matches))
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

    /// Lets the next edit that the journal has for this place in the run's time take effect.
    pub(super) fn apply_scheduled(&self) -> Result<()> {
        let time = self.time();
        let is_due = |version: &Version| (version.step, version.rewinds) == time;
        let next = self.scheduled.borrow_mut().pop_front_if(|version| is_due(version));
        let Some(version) = next else { return Ok(()) };
        let live = self.live();
        let (number, sources) = (version.number, Sources::recorded(version.files.clone()));
        let state = self.boundary();
        memory::set_budget(self.budget);
        let built = Live::build(&self.api, &self.settings, &self.progress, version, sources, state, None);
        let new = built.map_err(|error| {
            let reason = format!("edit {number} of the journal cannot be repeated: {error}");
            Error::State { op: "journal", reason }
        })?;
        if self.repeats {
            self.record_version(&live.sources.files(), &new, Vec::new())?;
        } else if let Some(store) = self.store.borrow_mut().as_mut() {
            store.set_known_files(&new.version.files);
        }
        self.say(&format!("edit {number} of the journal takes effect from step {}", time.0 + 1));
        *self.successor.borrow_mut() = Some(Rc::new(new));
        Err(live.context.leave(Error::Restart))
    }

    /// After the live version's functions have been left: its successor takes over, or it begins anew itself, from the
    /// last boundary.
    pub fn begin_anew(self: &Rc<Self>) -> Result<(), ScriptError> {
        if self.successor.borrow().is_none() {
            // A step that would not end was broken off, as an edit waits. It may be refused; then the step runs again.
            let live = self.live();
            if let Some(state) = self.boundary() {
                live.restore(&state)?;
            }
            live.context.enter();
            match self.take_edits() {
                Ok(()) | Err(Error::Restart) => live.context.enter(),
                Err(error) => return Err(error.into()),
            }
        }
        let Some(new) = self.successor.borrow_mut().take() else { return Ok(()) };
        let budget = memory::account().budget;
        let old = self.live();
        // The state is that of before the old version's last boundary: nothing of the new one is in it.
        let before = Version { files: old.sources.files(), ..old.version.clone() };
        *self.before_edit.borrow_mut() = self.boundary().map(|state| (before, state));
        new.context.session.borrow_mut().succeed(&mut old.context.session.borrow_mut());
        // Its states are of the old version's components, which the new version has none of.
        self.ring.borrow_mut().clear();
        self.take(new);
        drop(old);
        memory::set_budget(budget);
        Ok(())
    }

    /// Tells of files that were saved after the last step, while the run evaluated: nothing of them is in it.
    pub fn tell_of_late_edits(&self) {
        let (live, seen) = (self.live(), self.seen.borrow());
        if self.watch.is_none() || !live.sources.are_of_the_disk() {
            return;
        }
        let is_late = |file: &SourceFile| {
            let now = contents(&file.path);
            now != digest(&file.bytes) && seen.get(&file.path).is_none_or(|known| *known != now)
        };
        let late: Vec<String> = live
            .sources
            .files()
            .iter()
            .filter(|file| is_late(file))
            .map(|file| file.path.display().to_string())
            .collect();
        if !late.is_empty() {
            let (files, session) = (first_few(&late), live.context.session.borrow());
            let run = session.folder().map_or("RUN".into(), |folder| folder.path().display().to_string());
            self.say(&format!(
                "{files}: saved after the last step, so this run has nothing of it; \
                 `moonburn resume {run} --edited` takes it, with --set steps=… for further steps"
            ));
        }
    }

    /// Notes what the disk holds of the live version's files. It must be read before a version is tried: a file that
    /// the trial does not come to would else be an edit again and again, and one that is saved meanwhile none at all.
    fn look_at(&self, live: &Sources) {
        let mut seen = self.seen.borrow_mut();
        seen.extend(live.files().into_iter().map(|SourceFile { path, .. }| (path.clone(), contents(&path))));
    }

    /// Notes what a version was loaded from as what the disk holds.
    fn note_found(&self, sources: &Sources) {
        let mut seen = self.seen.borrow_mut();
        seen.extend(sources.missing().into_iter().map(|path| (path, None)));
        seen.extend(sources.loaded().into_iter().map(|file| (file.path, digest(&file.bytes))));
    }

    /// Watches the live version's files, and others that a version which was refused would consist of.
    pub(super) fn watch_files(&self, others: Vec<PathBuf>) {
        let Some(watch) = &self.watch else { return };
        let live = self.live();
        let (mut seen, mut files) = (self.seen.borrow_mut(), Vec::new());
        for SourceFile { path, bytes } in live.sources.files() {
            // A version that was taken from the journal may differ from the disk, and that is no edit.
            let is_of_disk = live.sources.are_of_the_disk();
            let found = || if is_of_disk { digest(&bytes) } else { contents(&path) };
            files.push((path.clone(), *seen.entry(path.clone()).or_insert_with(found)));
        }
        for path in others {
            let contents = *seen.entry(path.clone()).or_insert_with(|| contents(&path));
            files.push((path, contents));
        }
        watch.set_files(files);
    }
}

/// The options that are set from outside, some of them anew.
pub fn merged(old: &[(String, String)], new: &[(String, String)]) -> Vec<(String, String)> {
    let kept = old.iter().filter(|(name, _)| new.iter().all(|(known, _)| known != name));
    kept.chain(new).cloned().collect()
}

/// The files that differ.
fn changed_files(old: &[SourceFile], new: &[SourceFile]) -> Vec<String> {
    let of =
        |files: &[SourceFile], path: &Path| files.iter().find(|file| file.path == path).map(|file| file.bytes.clone());
    let mut paths: Vec<&Path> = old.iter().chain(new).map(|file| file.path.as_path()).collect();
    paths.sort_unstable();
    paths.dedup();
    let differs = paths.into_iter().filter(|path| of(old, path) != of(new, path));
    differs.map(|path| path.display().to_string()).collect()
}

/// The options that are set to something else from outside, or not any more.
fn changed_options(old: &[(String, String)], new: &[(String, String)]) -> Vec<String> {
    let gone = old.iter().filter(|(name, _)| new.iter().all(|(known, _)| known != name));
    let set = new.iter().filter(|option| !old.contains(option)).map(|(name, value)| format!("{name}={value}"));
    set.chain(gone.map(|(name, _)| format!("{name} not set"))).collect()
}

fn first_few(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let more = names.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    names[..names.len().min(SHOWN)].join(", ") + &more
}

/// What is said of an edit that does not take effect.
pub fn refusal(error: &ScriptError) -> String {
    format!("edit refused, nothing has changed:\n{error}")
}

/// What did not simply go on.
pub fn describe(matches: &BTreeMap<String, Match>, say: impl Fn(&Match, &str) -> String) -> Vec<String> {
    matches.iter().filter(|(_, found)| !found.is_complete()).map(|(name, found)| say(found, name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_named_as_they_are_set() {
        let set = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
        };
        let (old, new) = (set(&[("lr", "0.1"), ("width", "8"), ("gone", "1")]), set(&[("width", "8"), ("lr", "0.05")]));
        assert_eq!(changed_options(&old, &new), ["lr=0.05", "gone not set"]);
        assert!(changed_options(&new, &new).is_empty());
    }

    #[test]
    fn a_long_list_is_cut() {
        let names = ["a", "b", "c", "d", "e"].map(str::to_owned);
        assert_eq!((first_few(&names).as_str(), first_few(&names[..3]).as_str()), ("a, b, c and 2 more", "a, b, c"));
    }
}
