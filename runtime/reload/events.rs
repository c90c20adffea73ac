//! The operating system's notice that something happened in a folder of the watched files. It only makes somebody
//! look sooner: an event may be missing, doubled or wrong, and where there are none at all nothing is said about it.

use std::{
    collections::{HashMap, HashSet},
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::stamp::Identity;

/// The names that an event must be about.
type Names = Arc<Mutex<HashSet<OsString>>>;

/// Events of the folders that the watched files lie in.
pub struct Events {
    /// None where the system refuses.
    watcher: Option<RecommendedWatcher>,
    names: Names,
    /// What is watched. A folder that was made anew under an old name is another one.
    folders: HashMap<PathBuf, Identity>,
    /// Where the paths led when the folders were chosen.
    followed: Vec<Option<Identity>>,
}

impl Events {
    /// Watches nothing yet. `wake` is called on another thread.
    pub fn new(wake: impl Fn() + Send + 'static) -> Self {
        let names = Names::default();
        let wanted = names.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if event.map_or(true, |event| concerns(&event, &wanted)) {
                wake();
            }
        });
        Self { watcher: watcher.ok(), names, folders: HashMap::new(), followed: Vec::new() }
    }

    /// Follows these files to the folders that they lie in at present. Cheap where nothing has moved.
    pub fn follow<'a>(&mut self, files: impl Iterator<Item = &'a Path> + Clone) {
        let Some(watcher) = &mut self.watcher else { return };
        let leads_to: Vec<_> =
            files.clone().flat_map(|file| [Identity::of(file), Identity::of(folder_of(file))]).collect();
        if leads_to == self.followed {
            return;
        }
        self.followed = leads_to;
        // A file may itself be a link: then it is saved elsewhere, and under another name.
        let ends = || files.clone().flat_map(|file| [Some(file.to_path_buf()), fs::canonicalize(file).ok()]).flatten();
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) =
            ends().filter_map(|end| end.file_name().map(Into::into)).collect();
        let wanted: HashMap<PathBuf, Identity> = ends()
            .filter_map(|end| {
                let folder = fs::canonicalize(folder_of(&end)).ok()?;
                let identity = Identity::of(&folder)?;
                Some((folder, identity))
            })
            .collect();
        self.folders.retain(|folder, identity| {
            let is_wanted = wanted.get(folder) == Some(identity);
            if !is_wanted {
                // It fails where the folder has gone, and the watch with it.
                let _ = watcher.unwatch(folder);
            }
            is_wanted
        });
        for (folder, identity) in wanted {
            if !self.folders.contains_key(&folder) && watcher.watch(&folder, RecursiveMode::NonRecursive).is_ok() {
                self.folders.insert(folder, identity);
            }
        }
    }
}

/// To open and read a file is an event as well, and must not make somebody read it again.
fn concerns(event: &Event, names: &Names) -> bool {
    let names = names.lock().unwrap_or_else(PoisonError::into_inner);
    let is_about = |path: &PathBuf| path.file_name().is_some_and(|name| names.contains(name));
    !event.kind.is_access() && (event.need_rescan() || event.paths.is_empty() || event.paths.iter().any(is_about))
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::mpsc, time::Duration};

    #[test]
    fn a_save_wakes_and_another_file_of_the_folder_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let (sender, wakes) = mpsc::channel();
        let mut events = Events::new(move || sender.send(()).unwrap_or_default());
        let file = folder.path().join("train.lua");
        events.follow([file.as_path()].into_iter());
        fs::write(folder.path().join("metrics.jsonl"), "{}").unwrap();
        assert!(wakes.recv_timeout(Duration::from_millis(300)).is_err());
        fs::write(&file, "return {}").unwrap();
        wakes.recv_timeout(Duration::from_secs(20)).unwrap();
    }

    #[test]
    fn a_folder_made_anew_is_followed() {
        let parent = tempfile::tempdir().unwrap();
        let (sender, wakes) = mpsc::channel();
        let mut events = Events::new(move || sender.send(()).unwrap_or_default());
        let file = parent.path().join("lib/heads.lua");
        events.follow([file.as_path()].into_iter());
        for _ in 0..3 {
            fs::create_dir(parent.path().join("lib")).unwrap();
            events.follow([file.as_path()].into_iter());
            while wakes.try_recv().is_ok() {}
            fs::write(&file, "return {}").unwrap();
            wakes.recv_timeout(Duration::from_secs(20)).unwrap();
            fs::remove_dir_all(parent.path().join("lib")).unwrap();
        }
    }
}
