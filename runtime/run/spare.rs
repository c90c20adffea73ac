//! What a checkpoint keeps of its run besides the state: the record, the journal and the script's files. From these the
//! run can be made whole again if the files beside the checkpoints are lost or damaged. It never removes a file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Component, Path},
};

use serde::{Deserialize, Serialize};

use super::{
    Files, SourceFile,
    checkpoints::checksum,
    journal::{Copied, Entry, Event, Journal},
    record::RunRecord,
    write_atomically,
};
use crate::{Error, Result};

/// What it is called in a checkpoint.
const NAME: &str = "spare.json";

/// The parts of a run's folder that are no state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spare {
    /// What `run.json` holds.
    pub record: RunRecord,
    /// What `journal.jsonl` holds.
    pub journal: Vec<Entry>,
    /// The contents of the script's files by their checksums.
    pub sources: BTreeMap<String, Source>,
}

/// A file's contents. Scripts are text nearly always, and then it can be read in the checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Source {
    /// UTF-8.
    Text(String),
    /// Anything else.
    Bytes(Vec<u8>),
}

impl Source {
    fn of(bytes: &[u8]) -> Self {
        std::str::from_utf8(bytes).map_or_else(|_| Self::Bytes(bytes.to_owned()), |text| Self::Text(text.to_owned()))
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl Spare {
    /// That of a run, its files from those that are known.
    pub fn new(record: RunRecord, journal: Vec<Entry>, files: &[SourceFile]) -> Self {
        let sources = files.iter().map(|file| (checksum(&file.bytes), Source::of(&file.bytes))).collect();
        Self { record, journal, sources }
    }

    /// Adds it to a checkpoint's files.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn add_to(&self, files: &mut Files) -> Result<()> {
        let json = serde_json::to_vec(self).map_err(|error| Error::io("checkpoint", NAME, error.into()))?;
        files.insert(NAME.to_owned(), json);
        Ok(())
    }

    /// That of a checkpoint; none in those of earlier versions.
    pub fn of_checkpoint(files: &Files) -> Option<Self> {
        serde_json::from_slice(files.get(NAME)?).ok()
    }

    /// The whole journal of a file that may have lost entries: first those that this spare has, then those that only
    /// the file has. None if the file lacks nothing.
    pub fn completed(&self, found: &[Entry]) -> Option<Vec<Entry>> {
        let texts = |entries: &[Entry]| entries.iter().map(text_of).collect::<BTreeSet<_>>();
        let (own, other) = (texts(&self.journal), texts(found));
        let later = found.iter().filter(|entry| !own.contains(&text_of(entry)));
        (!own.is_subset(&other)).then(|| self.journal.iter().chain(later).cloned().collect())
    }

    /// The files that the journal names.
    pub fn copies(entries: &[Entry]) -> impl Iterator<Item = &Copied> {
        entries.iter().flat_map(|entry| match &entry.event {
            Event::Version { files, .. } | Event::Loaded { files, .. } => files.as_slice(),
            _ => &[],
        })
    }

    /// Whether a copy's place is in the run's folder.
    pub fn is_inside(copy: &Copied) -> bool {
        copy.copy.components().all(|part| matches!(part, Component::Normal(_)))
    }

    /// Writes the journal and every copy that it names into a new folder.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn write(&self, run: &Path) -> Result<()> {
        Self::copies(&self.journal).try_for_each(|copy| self.write_copy(run, copy).map(drop))?;
        Journal::write(&run.join("journal.jsonl"), &self.journal)
    }

    /// Writes the copy that the journal names, where its contents are known and its place is in the run's folder.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn write_copy(&self, run: &Path, copy: &Copied) -> Result<bool> {
        let Some(source) = self.sources.get(&copy.sha256).filter(|_| Self::is_inside(copy)) else { return Ok(false) };
        let path = run.join(&copy.copy);
        let parent = path.parent().unwrap_or(run);
        fs::create_dir_all(parent).map_err(|source| Error::io("run", parent, source))?;
        write_atomically(&path, source.bytes())?;
        Ok(true)
    }
}

fn text_of(entry: &Entry) -> String {
    serde_json::to_string(entry).expect("an entry has names and numbers only")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{RunDescription, UtcTime};

    fn file(path: &str, bytes: &[u8]) -> SourceFile {
        SourceFile { path: path.into(), bytes: bytes.to_owned() }
    }

    #[test]
    fn it_comes_back_from_a_checkpoint_whatever_bytes_a_script_has() {
        let record = RunRecord::new(RunDescription::default(), UtcTime::from_unix_seconds(0));
        let spare = Spare::new(record, Vec::new(), &[file("a.lua", b"return 1\n"), file("b.lua", b"\xff\0")]);
        let mut files = Files::new();
        spare.add_to(&mut files).unwrap();
        assert_eq!(Spare::of_checkpoint(&files), Some(spare.clone()));
        let folder = tempfile::tempdir().unwrap();
        let copy =
            |name: &str, bytes: &[u8]| Copied { path: "b.lua".into(), sha256: checksum(bytes), copy: name.into() };
        assert!(spare.write_copy(folder.path(), &copy("script/b.lua", b"\xff\0")).unwrap());
        assert_eq!(fs::read(folder.path().join("script/b.lua")).unwrap(), b"\xff\0");
        assert!(!spare.write_copy(folder.path(), &copy("script/c.lua", b"unknown")).unwrap());
        assert!(!spare.write_copy(folder.path(), &copy("../outside.lua", b"\xff\0")).unwrap());
    }
}
