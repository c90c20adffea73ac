//! One of the runs that are compared, as its folder has it at this moment.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;

use crate::{
    Error, Result,
    files::regular,
    run::{History, Journal, Logged, Mark, RunRecord, checksum, path_text::shown},
};

#[derive(Debug)]
pub(super) struct Run {
    pub label: String,
    pub record: RunRecord,
    /// `runs/simclr at step 200`, of a run that began as another one's state.
    pub forked_from: Option<String>,
    pub logged: Logged,
    /// The last step with a line of metrics.
    pub last_step: u64,
    /// Where edits took effect, and where it was taken back.
    pub marks: Vec<Mark>,
    /// What it took after it began.
    pub history: History,
    /// The checksums of the files that the script was loaded from, by name.
    pub script: BTreeMap<String, String>,
}

impl Run {
    pub(super) fn read(folder: &Path, label: String) -> Result<Self> {
        let path = folder.join("run.json");
        if !path.is_file() {
            return Err(Error::data("compare", folder, "not the folder of a run: it has no run.json"));
        }
        let bytes = regular::read(&path).map_err(|source| Error::io("compare", &path, source))?;
        let not_a_record = |error: serde_json::Error| {
            Error::data("compare", &path, format!("not the record of a run: {error}")).caused_by(error)
        };
        let json: Value = serde_json::from_slice(&bytes).map_err(not_a_record)?;
        let forked_from = forked_from(&json);
        let record = serde_json::from_value(json).map_err(not_a_record)?;

        let path = folder.join("metrics.jsonl");
        if !path.is_file() {
            return Err(Error::data("compare", folder, "has no metrics.jsonl"));
        }
        let logged = Logged::read(&path)?;
        let last_step = logged.last_step().ok_or_else(|| Error::data("compare", &path, "nothing was logged yet"))?;
        let journal = Journal::read(&folder.join("journal.jsonl"))?;
        let (marks, history) = (Mark::read(&journal), History::of(&journal));
        let mut script = history.loaded_first.clone();
        add_files(&mut script, &folder.join("script"), "")?;
        Ok(Self { label, record, forked_from, logged, last_step, marks, history, script })
    }
}

fn forked_from(record: &Value) -> Option<String> {
    let from = record.get("forked_from")?;
    let (run, step) = (from.get("run")?.as_str()?, from.get("step")?.as_u64()?);
    Some(format!("{} at step {step}", shown(run)))
}

/// Adds the files of a folder and of those in it, their names with `/` on every system. A folder that is not there has
/// none.
fn add_files(files: &mut BTreeMap<String, String>, folder: &Path, prefix: &str) -> Result<()> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry.map_err(|source| Error::io("compare", folder, source))?.path();
        let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            add_files(files, &path, &format!("{name}/"))?;
        } else {
            let bytes = regular::read(&path).map_err(|source| Error::io("compare", &path, source))?;
            files.insert(name, checksum(&bytes));
        }
    }
    Ok(())
}
