//! Runs of the scripts of `tests/training`, in this process, that are stopped, taken up and compared.

use std::{
    fs,
    path::{Path, PathBuf},
};

use moonburn::{
    Engine, Outcome, Replay, Resume, Settings,
    interrupt::Interrupt,
    run::{Checkpoints, Place},
};

/// Runs in a temporary folder, by their names.
pub struct Runs {
    folder: tempfile::TempDir,
}

impl Runs {
    /// None yet.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// Where the run of a name lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a script of `tests/training` that is stopped as by Ctrl-C after the step `stop`, if it is not 0.
    pub fn run(&self, script: &str, name: &str, stop: u64) -> Outcome {
        self.run_with(script, name, stop, &[])
    }

    /// The same with other values of options.
    pub fn run_with(&self, script: &str, name: &str, stop: u64, set: &[(&str, &str)]) -> Outcome {
        let (engine, interrupt) = engine();
        let script = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/training")).join(script);
        let stop = (stop > 0).then(|| ("stop".to_owned(), stop.to_string()));
        let set = set.iter().map(|(option, value)| (option.to_string(), value.to_string())).chain(stop).collect();
        let place = Some(Place::Exactly(self.path(name)));
        engine.run(&Settings { set, place, interrupt, ..Settings::new(script) }).expect("the training runs")
    }

    /// How a run is taken up.
    pub fn take_up(&self, name: &str) -> Resume {
        Resume { run: self.path(name), settings: Settings::new(""), set: Vec::new(), edited: false }
    }

    /// Takes a run up.
    pub fn resume(&self, name: &str) -> Result<Outcome, String> {
        engine().0.resume(&self.take_up(name)).map_err(|error| error.to_string())
    }

    /// The bytes of its weights.
    pub fn weights(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name).join("weights.safetensors")).expect("a run leaves weights")
    }

    /// What was logged, without the time.
    pub fn logged(&self, name: &str) -> Vec<serde_json::Value> {
        let text = fs::read_to_string(self.path(name).join("metrics.jsonl")).expect("metrics are text");
        let without_time = |line: &str| {
            let mut line: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
            line.as_object_mut().expect("and an object").remove("seconds");
            line
        };
        text.lines().map(without_time).collect()
    }

    /// Takes a run up with other values of options.
    pub fn resume_with(&self, name: &str, set: &[(&str, &str)]) -> Result<Outcome, String> {
        let set = set.iter().map(|(option, value)| (option.to_string(), value.to_string())).collect();
        let (engine, interrupt) = engine();
        let settings = Settings { interrupt, ..Settings::new("") };
        engine.resume(&Resume { set, settings, ..self.take_up(name) }).map_err(|error| error.to_string())
    }

    /// Repeats a run and returns what differs.
    pub fn replay(&self, name: &str) -> Option<String> {
        let settings =
            Settings { place: Some(Place::Exactly(self.path(&format!("{name}-again")))), ..Settings::new("") };
        engine().0.replay(&Replay { run: self.path(name), settings }).expect("it can be repeated").difference
    }

    /// Two runs logged the same and have the same weights.
    pub fn assert_same(&self, one: &str, other: &str) {
        assert_eq!(self.logged(one), self.logged(other));
        assert!(self.weights(one) == self.weights(other), "the weights of {one} and {other} differ");
    }

    /// The checkpoints of a run.
    pub fn checkpoints(&self, name: &str) -> Checkpoints {
        Checkpoints::below(self.path(name).join("checkpoints"))
    }
}

/// An engine whose scripts can stop their run as the user's Ctrl-C would.
pub fn engine() -> (Engine, Interrupt) {
    let (mut engine, interrupt) = (Engine::new(), Interrupt::default());
    let shared = interrupt.clone();
    engine.function("stop()", "Stops the run.", move || {
        shared.request();
        Ok(())
    });
    (engine, interrupt)
}
