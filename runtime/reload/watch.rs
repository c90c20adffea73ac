//! The watch over a set of files, on a thread of its own. The truth is a comparison of contents; events and polls
//! only say when to compare. It must not block whoever asks whether something was saved.

use std::{path::PathBuf, sync::Arc, thread, time::Duration};

use super::{
    events::Events,
    file::{Contents, contents},
    files::WatchedFiles,
    save::Save,
    shared::{Shared, Task},
};
use crate::{Error, Result, message};

/// Events miss a link that leads elsewhere, a folder that was made anew, and network file systems.
const POLL: Duration = Duration::from_millis(200);

/// The same while a burst is on, so that its end is noticed soon.
const POLL_IN_BURST: Duration = Duration::from_millis(10);

/// Watches files for as long as it lives. A file may be missing: that it appears is a change.
pub struct Watch(Arc<Shared>);

type OnSettled = Box<dyn Fn(&Save) + Send>;

impl Watch {
    /// Watches these files, for changes from what they contain at present.
    ///
    /// # Errors
    /// The system refuses another thread.
    pub fn start(files: Vec<PathBuf>) -> Result<Self> {
        Self::start_with(files, Box::new(|_| {}))
    }

    /// Calls `on_settled` on the watching thread as well, with each change before anybody can take it. The call may
    /// take its time, but must not panic, which would end the watching. A call may still be under way, or just about to
    /// begin, when the watch is dropped.
    ///
    /// # Errors
    /// The system refuses another thread.
    pub fn start_with(files: Vec<PathBuf>, on_settled: Box<dyn Fn(&Save) + Send>) -> Result<Self> {
        Self::launch(files, on_settled, true)
    }

    fn launch(files: Vec<PathBuf>, on_settled: OnSettled, has_events: bool) -> Result<Self> {
        let shared = Arc::new(Shared::default());
        let files = WatchedFiles::new(files.into_iter().map(|file| (file.clone(), contents(&file))).collect());
        let for_thread = shared.clone();
        thread::Builder::new()
            .name("watch".into())
            .spawn(move || watch(&for_thread, files, &on_settled, has_events))
            .map_err(|error| Error::State { op: "watch", reason: message::io(&error) }.caused_by(error))?;
        Ok(Self(shared))
    }

    /// Watches these files from now on, and no others. Changes are those from the given contents, which somebody has
    /// seen. A change that was found before and not taken is forgotten: if the disk still differs, it is found again.
    pub fn set_files(&self, files: Vec<(PathBuf, Contents)>) {
        self.0.replace(WatchedFiles::new(files));
    }

    /// What has settled since the last call. It never waits for a file, and is cheap where there is nothing.
    pub fn take(&self) -> Option<Save> {
        self.is_pending().then(|| self.0.take()).flatten()
    }

    /// Whether there is something to take.
    pub fn is_pending(&self) -> bool {
        self.0.is_pending()
    }

    /// Takes what has settled, or waits for it.
    pub fn wait(&self, timeout: Duration) -> Option<Save> {
        self.0.wait(timeout)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // Nobody joins the thread: it may be in a call that waits for whoever drops this.
        self.0.end();
    }
}

fn watch(shared: &Arc<Shared>, mut files: WatchedFiles, on_settled: &OnSettled, has_events: bool) {
    let waker = shared.clone();
    let mut events = has_events.then(|| Events::new(move || waker.wake()));
    // Something may have happened before there were events.
    let mut is_thorough = true;
    loop {
        if let Some(events) = &mut events {
            events.follow(files.paths());
        }
        if let Some(saved) = files.look(is_thorough)
            && !shared.is_void()
        {
            on_settled(&saved);
            shared.publish(saved);
        }
        let rest = if files.is_in_burst() { POLL_IN_BURST } else { POLL };
        match shared.rest(rest) {
            Task::Look { is_thorough: is_woken } => is_thorough = is_woken || files.is_in_burst(),
            Task::Replace(others) => (files, is_thorough) = (others, true),
            Task::End => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reload::file::digest;
    use std::{
        collections::HashSet,
        fs,
        path::Path,
        sync::atomic::{AtomicUsize, Ordering},
        time::Instant,
    };
    use tempfile::TempDir;

    /// Far longer than anything takes on a machine that is not stuck.
    const LONG: Duration = Duration::from_secs(30);

    /// Long enough that what were to come would have come.
    const QUIET: Duration = Duration::from_millis(700);

    /// A folder with `train.lua`, containing `a`, and the path of that.
    fn script() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("train.lua");
        fs::write(&file, "a").unwrap();
        (folder, file)
    }

    /// Waits until all of these, and nothing but these, have been reported. On a busy machine one burst may come in
    /// several reports.
    fn expect(watch: &Watch, paths: &[&PathBuf]) {
        let mut missing: HashSet<_> = paths.iter().map(|path| path.to_path_buf()).collect();
        let end = Instant::now() + LONG;
        while !missing.is_empty() {
            let saved = watch.wait(end.saturating_duration_since(Instant::now()));
            let saved = saved.unwrap_or_else(|| panic!("no change of {missing:?} was reported"));
            for path in saved.paths {
                missing.remove(&path);
                assert!(paths.contains(&&path), "{}", path.display());
            }
        }
    }

    /// Drops what is still to come of a save that was reported in part.
    fn settle(watch: &Watch) {
        while watch.wait(QUIET).is_some() {}
    }

    fn save_by_rename(file: &Path, text: &str) {
        let partial = file.with_extension("partial");
        fs::write(&partial, text).unwrap();
        fs::rename(partial, file).unwrap();
    }

    #[test]
    fn saves_in_place_and_by_renaming_are_seen_again_and_again() {
        let (_folder, file) = script();
        let watch = Watch::start(vec![file.clone()]).unwrap();
        assert!(!watch.is_pending() && watch.take().is_none());
        for text in ["b", "c", "b", "a"] {
            save_by_rename(&file, text);
            expect(&watch, &[&file]);
            fs::write(&file, format!("{text}, in place")).unwrap();
            expect(&watch, &[&file]);
            settle(&watch);
        }
    }

    #[test]
    fn a_change_can_be_taken_without_waiting_and_only_once() {
        let (_folder, file) = script();
        let watch = Watch::start(vec![file.clone()]).unwrap();
        let before = Instant::now();
        save_by_rename(&file, "b");
        while !watch.is_pending() {
            assert!(before.elapsed() < LONG);
            thread::sleep(Duration::from_millis(1));
        }
        let saved = watch.take().unwrap();
        assert!(saved.paths == [file] && saved.at >= before && saved.at <= Instant::now());
        assert!(!watch.is_pending() && watch.take().is_none() && watch.wait(QUIET).is_none());
    }

    #[test]
    fn a_touch_and_a_file_that_is_not_watched_are_no_change() {
        let (folder, file) = script();
        let watch = Watch::start(vec![file.clone()]).unwrap();
        fs::write(folder.path().join("other.lua"), "new").unwrap();
        fs::File::options().write(true).open(&file).unwrap().set_modified(std::time::SystemTime::now()).unwrap();
        save_by_rename(&file, "a");
        assert_eq!(watch.wait(QUIET), None);
    }

    #[test]
    fn files_of_several_folders_are_saved_at_once_and_one_that_was_missing_appears() {
        let (folder, file) = script();
        let other = tempfile::tempdir().unwrap();
        let (heads, missing) = (folder.path().join("lib/heads.lua"), other.path().join("new.lua"));
        fs::create_dir(folder.path().join("lib")).unwrap();
        fs::write(&heads, "a").unwrap();
        let watch = Watch::start(vec![file.clone(), heads.clone(), missing.clone()]).unwrap();
        for path in [&file, &heads, &missing] {
            fs::write(path, "b").unwrap();
        }
        expect(&watch, &[&file, &heads, &missing]);
    }

    #[test]
    fn the_last_save_of_many_is_reported() {
        let (_folder, file) = script();
        let seen = Arc::new(std::sync::Mutex::new(String::new()));
        let (path, text) = (file.clone(), seen.clone());
        let read = move |_: &Save| *text.lock().unwrap() = fs::read_to_string(&path).unwrap_or_default();
        let _watch = Watch::start_with(vec![file.clone()], Box::new(read)).unwrap();
        for count in 0..200 {
            fs::write(&file, format!("save {count}")).unwrap();
            thread::sleep(Duration::from_millis(count % 4 * 10));
        }
        let start = Instant::now();
        while *seen.lock().unwrap() != "save 199" {
            assert!(start.elapsed() < LONG);
            thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_file_that_is_deleted_and_made_again_is_seen_with_its_new_contents() {
        let (_folder, file) = script();
        let watch = Watch::start(vec![file.clone()]).unwrap();
        fs::remove_file(&file).unwrap();
        fs::write(&file, "b").unwrap();
        expect(&watch, &[&file]);
        settle(&watch);
        fs::remove_file(&file).unwrap();
        expect(&watch, &[&file]);
        assert_eq!(watch.wait(QUIET), None, "a file that has gone is reported once");
        fs::write(&file, "b").unwrap();
        expect(&watch, &[&file]);
    }

    #[test]
    fn a_folder_that_is_removed_and_made_again_is_followed() {
        let (folder, _) = script();
        let file = folder.path().join("lib/heads.lua");
        let watch = Watch::start(vec![file.clone()]).unwrap();
        for text in ["a", "b"] {
            fs::create_dir(folder.path().join("lib")).unwrap();
            fs::write(&file, text).unwrap();
            expect(&watch, &[&file]);
            settle(&watch);
            fs::remove_dir_all(folder.path().join("lib")).unwrap();
            expect(&watch, &[&file]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_in_a_linked_folder_is_followed_to_its_end_and_to_another_folder() {
        use std::os::unix::fs::symlink;
        let parent = tempfile::tempdir().unwrap();
        for version in ["one", "two"] {
            fs::create_dir(parent.path().join(version)).unwrap();
            fs::write(parent.path().join(version).join("train.lua"), version).unwrap();
        }
        let (link, spare) = (parent.path().join("current"), parent.path().join("spare"));
        symlink("one", &link).unwrap();
        let file = link.join("train.lua");
        let watch = Watch::start(vec![file.clone()]).unwrap();
        for (save, next) in [("one", "two"), ("two", "one")] {
            save_by_rename(&parent.path().join(save).join("train.lua"), &format!("{save}, edited"));
            expect(&watch, &[&file]);
            settle(&watch);
            symlink(next, &spare).unwrap();
            fs::rename(&spare, &link).unwrap();
            expect(&watch, &[&file]);
            settle(&watch);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_a_link_is_followed_to_its_target() {
        let (folder, target) = script();
        let links = tempfile::tempdir().unwrap();
        let file = links.path().join("linked.lua");
        std::os::unix::fs::symlink(folder.path().join("train.lua"), &file).unwrap();
        let watch = Watch::start(vec![file.clone()]).unwrap();
        save_by_rename(&target, "b");
        expect(&watch, &[&file]);
    }

    #[test]
    fn polling_alone_does_where_there_are_no_events() {
        let (folder, file) = script();
        let missing = folder.path().join("lib/heads.lua");
        let watch = Watch::launch(vec![file.clone(), missing.clone()], Box::new(|_| {}), false).unwrap();
        fs::write(&file, "b").unwrap();
        expect(&watch, &[&file]);
        settle(&watch);
        save_by_rename(&file, "c");
        fs::create_dir(folder.path().join("lib")).unwrap();
        fs::write(&missing, "c").unwrap();
        expect(&watch, &[&file, &missing]);
    }

    #[test]
    fn other_files_are_compared_with_what_was_loaded_of_them() {
        let (folder, file) = script();
        let (same, gone, present) =
            (folder.path().join("same.lua"), folder.path().join("gone.lua"), folder.path().join("present.lua"));
        fs::write(&same, "same").unwrap();
        fs::write(&present, "anything").unwrap();
        let watch = Watch::start(vec![file.clone()]).unwrap();
        fs::write(&file, "forgotten").unwrap();
        while !watch.is_pending() {
            thread::sleep(Duration::from_millis(1));
        }
        let loaded = |text: &str| digest(text.as_bytes());
        watch.set_files(vec![
            (file.clone(), loaded("forgotten")),
            (same, loaded("same")),
            (gone.clone(), loaded("gone")),
            (present.clone(), contents(&present)),
            (folder.path().join("never there.lua"), None),
        ]);
        assert!(!watch.is_pending(), "what was seen before is forgotten");
        expect(&watch, &[&gone]);
        assert_eq!(watch.wait(QUIET), None);
        watch.set_files(vec![(present.clone(), loaded("before it was saved"))]);
        fs::write(&file, "no longer watched").unwrap();
        expect(&watch, &[&present]);
        assert_eq!(watch.wait(QUIET), None);
    }

    #[test]
    fn the_callback_comes_before_the_change_can_be_taken_and_ends_with_the_watch() {
        let (_folder, file) = script();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = calls.clone();
        let on_settled = move |saved: &Save| {
            assert_eq!(saved.paths.len(), 1);
            thread::sleep(Duration::from_millis(50));
            counted.fetch_add(1, Ordering::SeqCst);
        };
        let watch = Watch::start_with(vec![file.clone()], Box::new(on_settled)).unwrap();
        save_by_rename(&file, "b");
        expect(&watch, &[&file]);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        drop(watch);
        save_by_rename(&file, "c");
        thread::sleep(QUIET);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }
}
