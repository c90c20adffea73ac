//! The folder that one training leaves behind: where it lies, what its files are called, and its record.
//! It must not know what the weights or the metrics mean.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

use super::{
    Checkpoints, Event, Journal, Moment, Place, RunDescription, RunLock, RunRecord, RunStatus, UtcTime, Version,
    path_text, place::beside, versions::copy_files, write_atomically,
};
use crate::{Error, Result, files::regular};

/// A run's folder on disk.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    record: RunRecord,
    /// No other process writes to it meanwhile.
    lock: RunLock,
}

/// What a run's folder held before the run was taken up. If that fails before the first step, the folder gets this
/// back.
#[derive(Debug)]
pub struct Before {
    /// The record.
    pub record: RunRecord,
    /// The log, of which a resumption cuts off what came after its checkpoint.
    pub log: Option<Vec<u8>>,
}

impl RunFolder {
    /// Makes the folder, parents included, and writes `run.json` with the status `running`.
    /// On an error there is no new folder at `path`.
    pub fn create(place: Place, description: RunDescription) -> Result<Self> {
        let started = UtcTime::now();
        let (path, is_new) = place.make(&path_text::from_text(&description.script), started)?;
        let lock = RunLock::acquire(&path).inspect_err(|_| {
            if is_new {
                let _ = fs::remove_dir(&path);
            }
        })?;
        let folder = Self { path, record: RunRecord::new(description, started), lock };
        if let Err(error) = folder.save() {
            if is_new {
                // No more than was made here.
                let _ = fs::remove_file(folder.path.join(".lock")).and_then(|()| fs::remove_dir(&folder.path));
            }
            return Err(error);
        }
        Ok(folder)
    }

    /// Takes up a run again: its record says `running` from now on.
    ///
    /// # Errors
    /// The folder holds no run; the operating system refused.
    pub fn open(path: &Path, lock: RunLock) -> Result<Self> {
        let record = Self::read(path)?;
        let mut folder = Self { path: path.to_owned(), record, lock };
        folder.record.status = RunStatus::Running;
        folder.record.ended = None;
        folder.save()?;
        Ok(folder)
    }

    /// Makes a folder beside one that was lost, for the same run.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn beside(lost: &Path, record: RunRecord) -> Result<Self> {
        let path = beside(lost)?;
        let lock = RunLock::acquire(&path)?;
        let folder = Self { path, record, lock };
        folder.save()?;
        Ok(folder)
    }

    /// Whether the folder is where it was made, and no other has taken its place.
    pub fn is_in_place(&self) -> bool {
        self.lock.is_in(&self.path)
    }

    /// Where the folder is now, where the system can tell.
    pub fn moved_to(&self) -> Option<PathBuf> {
        self.lock.folder()
    }

    /// Goes by another name from now on.
    pub fn rename(&mut self, path: PathBuf) {
        self.path = path;
    }

    /// The record that a folder holds.
    ///
    /// # Errors
    /// It holds none that can be read.
    pub fn read(path: &Path) -> Result<RunRecord> {
        let file = path.join("run.json");
        let bytes = match regular::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::data("run", path, "is no run's folder: it has no run.json"));
            }
            Err(source) => return Err(Error::io("run", file, source)),
        };
        serde_json::from_slice(&bytes).map_err(|error| {
            let what =
                if bytes.is_empty() { "is empty".to_owned() } else { format!("is damaged at line {}", error.line()) };
            let reason = format!(
                "{what}, as a power cut or a full disk leaves it; `moonburn repair {}` saves what can be",
                path.display()
            );
            Error::data("run", file, reason).caused_by(error)
        })
    }

    /// Copies a version's files, and notes in the journal that it took effect.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn record_version(
        &self,
        journal: &mut Journal,
        version: &Version,
        diff: String,
        report: Vec<String>,
    ) -> Result<()> {
        let base = version.files.first().and_then(|file| file.path.parent()).unwrap_or(Path::new(""));
        let files = copy_files(&self.path, &self.new_copies(version.number), base, &version.files)?;
        let event = Event::Version { version: version.number, set: version.set.clone(), files, diff, report };
        journal.append(version.moment(), event)
    }

    /// Copies files that a version has loaded later, at some moment, and notes that in the journal.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn record_files(&self, journal: &mut Journal, version: &Version, script: &Path, moment: Moment) -> Result<()> {
        let base = script.parent().unwrap_or(Path::new(""));
        let folder = self.free(Path::new("later"), &version.number.to_string());
        let files = copy_files(&self.path, &folder, base, &version.files)?;
        journal.append(moment, Event::Loaded { version: version.number, files })
    }

    /// Where a version's files are copied to: `script` for the first one's, a new folder in `edits` for each other.
    fn new_copies(&self, number: u64) -> PathBuf {
        match number {
            0 if !self.script().exists() => PathBuf::from("script"),
            _ => self.free(Path::new("edits"), &number.to_string()),
        }
    }

    /// A name below a folder that nothing has yet.
    fn free(&self, folder: &Path, name: &str) -> PathBuf {
        let again = (2..).map(|count| folder.join(format!("{name}-{count}")));
        let mut names = std::iter::once(folder.join(name)).chain(again);
        names.find(|name| !self.path.join(name).exists()).expect("some number is not taken")
    }

    /// The record that a folder holds, if it is one of a run that has finished.
    pub fn finished(path: &Path) -> Option<RunRecord> {
        let bytes = regular::read(&path.join("run.json")).ok()?;
        let record: RunRecord = serde_json::from_slice(&bytes).ok()?;
        (record.status == RunStatus::Finished).then_some(record)
    }

    /// Adds to the results and saves the record at once, so that a later crash does not lose them.
    pub fn add_results(&mut self, results: Map<String, Value>) -> Result<()> {
        self.record.results.extend(results);
        self.save()
    }

    /// Adds to the reasons why the run cannot be repeated, and saves the record if there are new ones.
    pub fn add_not_repeatable(&mut self, reasons: &[String]) -> Result<()> {
        let known = &mut self.record.not_repeatable;
        let before = known.len();
        for reason in reasons {
            if !known.contains(reason) {
                known.push(reason.clone());
            }
        }
        if known.len() == before { Ok(()) } else { self.save() }
    }

    /// Records how the run ended, and when.
    pub fn finish(&mut self, status: RunStatus) -> Result<()> {
        self.record.status = status;
        self.record.ended = Some(UtcTime::now().to_string());
        self.save()
    }

    /// Makes the record and the log what they were before the run was taken up.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn put_back(&mut self, before: Before) -> Result<()> {
        if let Some(log) = before.log {
            write_atomically(&self.metrics(), &log)?;
        }
        self.record = before.record;
        self.save()
    }

    /// Records that the user stopped a run whose process is about to end, if the record still says that it goes on. A
    /// failure here can no longer be reported.
    pub fn break_off(path: &Path) {
        let Ok(record) = Self::read(path) else { return };
        if record.status == RunStatus::Running {
            let ended = Some(UtcTime::now().to_string());
            let _ =
                write_record(&path.join("run.json"), &RunRecord { status: RunStatus::Interrupted, ended, ..record });
        }
    }

    /// The record as it was last saved.
    pub fn record(&self) -> &RunRecord {
        &self.record
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `script/`, the copies of the files that the script was loaded from.
    pub fn script(&self) -> PathBuf {
        self.path.join("script")
    }

    /// `run.json`, the record.
    pub fn run_json(&self) -> PathBuf {
        self.path.join("run.json")
    }

    /// `metrics.jsonl`, one JSON object per logged step.
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// `loss.png`, the curves of the loss and of every other metric.
    pub fn loss_curve(&self) -> PathBuf {
        self.path.join("loss.png")
    }

    /// `episode.png`, the contact sheet of the first episode.
    pub fn contact_sheet(&self) -> PathBuf {
        self.path.join("episode.png")
    }

    /// `last-episode.png`, the contact sheet of the episode that was last when the user asked for it.
    pub fn last_contact_sheet(&self) -> PathBuf {
        self.path.join("last-episode.png")
    }

    /// `journal.jsonl`, what happened to the run.
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }

    /// `checkpoints/`, states that the run can go on from.
    pub fn checkpoints(&self) -> Checkpoints {
        Self::checkpoints_of(&self.path)
    }

    /// The checkpoints of a run whose folder somebody else holds.
    pub fn checkpoints_of(path: &Path) -> Checkpoints {
        Checkpoints::below(path.join("checkpoints"))
    }

    /// `weights.safetensors`, the trained parameters.
    pub fn weights(&self) -> PathBuf {
        self.path.join("weights.safetensors")
    }

    fn save(&self) -> Result<()> {
        write_record(&self.run_json(), &self.record)
    }
}

fn write_record(path: &Path, record: &RunRecord) -> Result<()> {
    let mut json = serde_json::to_vec_pretty(record).map_err(|error| Error::io("write", path, error.into()))?;
    json.push(b'\n');
    write_atomically(path, &json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn description() -> RunDescription {
        RunDescription { script: "scripts/simclr.lua".into(), seed: 7, device: "cpu".into(), ..Default::default() }
    }

    fn read_record(folder: &RunFolder) -> Value {
        serde_json::from_slice(&fs::read(folder.run_json()).unwrap()).unwrap()
    }

    #[test]
    fn a_run_is_recorded_from_its_start_to_its_end() {
        let parent = tempfile::tempdir().unwrap();
        let mut folder = RunFolder::create(Place::Exactly(parent.path().join("new/deep")), description()).unwrap();
        let record = read_record(&folder);
        assert_eq!(record["status"], "running");
        assert_eq!(record["script"], "scripts/simclr.lua");
        assert_eq!(record["seed"], 7);
        let results = json!({ "accuracy": 0.5, "loss": f64::NAN });
        folder.add_results(results.as_object().unwrap().clone()).unwrap();
        folder.finish(RunStatus::Finished).unwrap();
        let record = read_record(&folder);
        assert_eq!(record["status"], "finished");
        assert_eq!(record["results"], json!({ "accuracy": 0.5, "loss": null }));
        assert!(record["ended"].as_str() >= record["started"].as_str());
    }

    #[test]
    fn an_empty_folder_is_taken_and_one_with_files_is_refused() {
        let parent = tempfile::tempdir().unwrap();
        let place = || Place::Exactly(parent.path().to_path_buf());
        RunFolder::create(place(), description()).unwrap();
        let message = RunFolder::create(place(), description()).unwrap_err().to_string();
        assert!(message.starts_with("run: out must be a new or empty folder, got "), "{message}");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error_that_names_it() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        for place in [Place::Exactly(file.clone()), Place::Exactly(file.join("x")), Place::Under(file.clone())] {
            let message = RunFolder::create(place, description()).unwrap_err().to_string();
            assert!(message.starts_with("run: ") && message.contains("file"), "{message}");
        }
    }
}
