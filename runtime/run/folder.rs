//! The folder that one training leaves behind: where it lies, what its files are called, and its record.
//! It must not know what the weights or the metrics mean.

use std::{
    ffi::OsStr,
    fs,
    path::{Component, Path, PathBuf},
};

use serde_json::{Map, Value};

use super::{Place, RunDescription, RunRecord, RunStatus, UtcTime, write_atomically};
use crate::{Error, Result};

/// A run's folder on disk.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    record: RunRecord,
}

impl RunFolder {
    /// Makes the folder, parents included, and writes `run.json` with the status `running`.
    /// On an error there is no new folder at `path`.
    pub fn create(place: Place, description: RunDescription) -> Result<Self> {
        let started = UtcTime::now();
        let (path, is_new) = place.make(Path::new(&description.script), started)?;
        let folder = Self { path, record: RunRecord::new(description, started) };
        if let Err(error) = folder.save() {
            if is_new {
                let _ = fs::remove_dir(&folder.path);
            }
            return Err(error);
        }
        Ok(folder)
    }

    /// Copies the files that the script was loaded from to `script/`, by their names relative to the script.
    /// A `..` in a name becomes the folder `up`, so that no copy leaves the run's folder.
    pub fn copy_script<'a>(&self, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<()> {
        for (name, bytes) in files {
            let path = self.script().join(inside(Path::new(name)));
            let parent = path.parent().unwrap_or(&self.path);
            fs::create_dir_all(parent).map_err(|source| Error::io("run", parent, source))?;
            write_atomically(&path, bytes)?;
        }
        Ok(())
    }

    /// The record that a folder holds, if it is one of a run that has finished.
    pub fn finished(path: &Path) -> Option<RunRecord> {
        let bytes = fs::read(path.join("run.json")).ok()?;
        let record: RunRecord = serde_json::from_slice(&bytes).ok()?;
        (record.status == RunStatus::Finished).then_some(record)
    }

    /// Adds to the results and saves the record at once, so that a later crash does not lose them.
    pub fn add_results(&mut self, results: Map<String, Value>) -> Result<()> {
        self.record.results.extend(results);
        self.save()
    }

    /// Records how the run ended, and when.
    pub fn finish(&mut self, status: RunStatus) -> Result<()> {
        self.record.status = status;
        self.record.ended = Some(UtcTime::now().to_string());
        self.save()
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

    /// `loss.png`, the loss curve.
    pub fn loss_curve(&self) -> PathBuf {
        self.path.join("loss.png")
    }

    /// `episode.png`, the contact sheet of the first episode.
    pub fn contact_sheet(&self) -> PathBuf {
        self.path.join("episode.png")
    }

    /// `weights.safetensors`, the trained parameters.
    pub fn weights(&self) -> PathBuf {
        self.path.join("weights.safetensors")
    }

    fn save(&self) -> Result<()> {
        let path = self.run_json();
        let mut json =
            serde_json::to_vec_pretty(&self.record).map_err(|error| Error::io("write", &path, error.into()))?;
        json.push(b'\n');
        write_atomically(&path, &json)
    }
}

fn inside(name: &Path) -> PathBuf {
    let kept = name.components().filter_map(|component| match component {
        Component::Normal(part) => Some(part),
        Component::ParentDir => Some(OsStr::new("up")),
        Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
    });
    kept.collect()
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

    #[test]
    fn copies_of_the_script_keep_their_names_and_stay_inside() {
        let parent = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(Place::Under(parent.path().join("runs")), description()).unwrap();
        let files: [(&str, &[u8]); 3] = [("simclr.lua", b"a"), ("lib/heads.lua", b"b"), ("../../outside.lua", b"c")];
        folder.copy_script(files).unwrap();
        for (name, text) in [("simclr.lua", "a"), ("lib/heads.lua", "b"), ("up/up/outside.lua", "c")] {
            assert_eq!(fs::read_to_string(folder.script().join(name)).unwrap(), text);
        }
    }
}
