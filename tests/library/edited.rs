//! A training whose files are saved while it runs, for tests of edits.

use std::{cell::RefCell, collections::BTreeMap, fs, path::PathBuf, rc::Rc, thread, time::Duration};

use moonburn::{
    Engine, Outcome, Replay, ScriptError, Settings,
    run::{Entry, Event, Journal, Place},
};

/// A file's name, and its text unless it is deleted.
type Save = (String, Option<String>);

/// A training in a folder of its own, whose files are saved at certain steps.
pub struct Edited {
    folder: tempfile::TempDir,
    saves: Rc<RefCell<BTreeMap<u64, Save>>>,
}

impl Edited {
    pub fn new(script: &str) -> Self {
        let edited = Self { folder: tempfile::tempdir().expect("a temporary folder"), saves: Rc::default() };
        edited.write("train.lua", script);
        edited.write("part.lua", "return { value = 10 }");
        edited
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("it can be written");
    }

    /// Saves a file in a step: with the text, or not at all any more.
    pub fn save(&self, step: u64, name: &str, text: Option<&str>) -> &Self {
        self.saves.borrow_mut().insert(step, (name.to_owned(), text.map(str::to_owned)));
        self
    }

    pub fn engine(&self) -> Engine {
        let (saves, folder) = (self.saves.clone(), self.folder.path().to_owned());
        let mut engine = Engine::new();
        engine.function("at(step)", "Saves what is to be saved in this step.", move |step: usize| {
            // A trial step comes by here as well; each save is done once.
            if let Some((name, text)) = saves.borrow_mut().remove(&(step as u64)) {
                let path = folder.join(name);
                match text {
                    Some(text) => fs::write(&path, text).expect("it can be written"),
                    None => fs::remove_file(&path).expect("it can be removed"),
                }
                // So that the watcher has noticed before the step ends, as with a step that takes its time.
                thread::sleep(Duration::from_millis(400));
            }
            Ok(())
        });
        engine
    }

    pub fn settings(&self) -> Settings {
        let place = Some(Place::Exactly(self.run_folder()));
        Settings { place, watch: true, ..Settings::new(self.folder.path().join("train.lua")) }
    }

    pub fn run_folder(&self) -> PathBuf {
        self.folder.path().join("run")
    }

    pub fn run(&self) -> Result<Outcome, ScriptError> {
        self.engine().run(&self.settings())
    }

    pub fn journal(&self) -> Vec<Entry> {
        Journal::read(&self.run_folder().join("journal.jsonl")).expect("a run has a journal")
    }

    /// The number of edits that were accepted, and what was said of them.
    pub fn accepted(&self) -> (u64, Vec<String>) {
        let edits = self.journal().into_iter().filter_map(|entry| match entry.event {
            Event::Version { version, report, .. } => Some((version, report)),
            _ => None,
        });
        edits.fold((0, Vec::new()), |(count, all), (version, report)| (count.max(version), [all, report].concat()))
    }

    pub fn assert_replays(&self) {
        let place = Some(Place::Exactly(self.folder.path().join("again")));
        self.saves.borrow_mut().clear();
        let settings = Settings { place, ..Settings::new("") };
        let replayed = self.engine().replay(&Replay { run: self.run_folder(), settings }).expect("it is repeated");
        assert_eq!(replayed.difference, None, "{}", replayed.compared);
    }
}

/// The values of a metric, step by step.
pub fn values(outcome: &Outcome, name: &str) -> Vec<f64> {
    outcome.metrics.series(name).iter().map(|(_, value)| *value).collect()
}
