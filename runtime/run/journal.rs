//! The journal of a run, `journal.jsonl`: which version of the script took effect after which step, and what else
//! happened to the run. With the copies of the files beside it, it says how the run can be repeated.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Moment, UtcTime,
    json_lines::{JsonLines, lines},
    path_text, write_atomically,
};
use crate::{Error, Result, files::regular};

/// Something that happened to a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Steps that were done before it.
    pub step: u64,
    /// How often the training had been taken back by then: with the step the place in the run's own time.
    pub rewinds: u64,
    /// When, in RFC 3339, UTC. Nothing depends on it: a clock may jump.
    pub time: String,
    /// What.
    #[serde(flatten)]
    pub event: Event,
}

/// What can happen to a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A version of the script took effect: 0 at the start, then one for each accepted edit.
    Version {
        /// Counted from 0.
        version: u64,
        /// The values that options were set to from outside.
        set: Vec<(String, String)>,
        /// The files that it consists of.
        files: Vec<Copied>,
        /// What changed, as unified diffs.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        diff: String,
        /// What became of the session's parts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        report: Vec<String>,
    },
    /// A version's function loaded further files.
    Loaded {
        /// The version.
        version: u64,
        /// The files.
        files: Vec<Copied>,
    },
    /// The training was taken back to an older state.
    Rewind {
        /// Its step.
        to: u64,
        /// What learning rates are multiplied by from now on.
        lr_scale: f64,
        /// Why.
        reason: String,
    },
    /// A process took the run up again.
    Resume,
    /// The log lacks what was logged of these steps: a power cut, or a full disk. The training has done them.
    Gap {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The user had it evaluated.
    Evaluation {
        /// What came of it.
        results: Map<String, Value>,
    },
}

/// A file of a script, and the copy of it in the run's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// As it was opened.
    #[serde(with = "path_text")]
    pub path: PathBuf,
    /// The checksum of its contents.
    pub sha256: String,
    /// The copy, relative to the run's folder.
    #[serde(with = "path_text")]
    pub copy: PathBuf,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    lines: JsonLines,
}

impl Journal {
    /// Opens or makes the file. Removes a last line that a crash cut short: with others behind it, it would count as
    /// altered.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn open(path: PathBuf) -> Result<Self> {
        let mut lines = JsonLines::open(path)?;
        lines.retain(|line| serde_json::from_slice::<Entry>(line).is_ok())?;
        Ok(Self { lines })
    }

    /// Appends an entry and has it on the disk when it returns.
    ///
    /// # Errors
    /// The operating system refused. Then the event of the entry counts as not having happened.
    pub fn append(&mut self, Moment { rewinds, step }: Moment, event: Event) -> Result<()> {
        self.lines.push_through(&Entry { step, rewinds, time: UtcTime::now().to_string(), event })
    }

    /// Its entries, also where the file has lost its name.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn entries(&mut self) -> Result<Vec<Entry>> {
        let bytes = self.lines.written()?;
        Ok(bytes.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect())
    }

    /// Makes the file of a run that has another folder now.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn write(path: &Path, entries: &[Entry]) -> Result<()> {
        write_atomically(path, &lines(path, entries)?)
    }

    /// The entries of a file, oldest first; none where there is no file. A last line that a crash cut short is passed
    /// over.
    ///
    /// # Errors
    /// The operating system refused; a line before the last is no entry.
    pub fn read(path: &Path) -> Result<Vec<Entry>> {
        let (entries, damaged) = Self::read_what_there_is(path)?;
        match damaged.first() {
            None => Ok(entries),
            Some(line) => {
                let reason =
                    format!("line {line} is damaged; `moonburn repair` with the run's folder saves what can be");
                Err(Error::data("journal", path, reason))
            }
        }
    }

    /// The entries of a file that can be read, and the numbers of the lines that cannot, but for a last one that a
    /// crash cut short.
    ///
    /// # Errors
    /// The operating system refused.
    pub fn read_what_there_is(path: &Path) -> Result<(Vec<Entry>, Vec<usize>)> {
        let bytes = match regular::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Default::default()),
            Err(source) => return Err(Error::io("journal", path, source)),
        };
        let (mut entries, mut damaged) = (Vec::new(), Vec::new());
        let is_cut = bytes.last().is_some_and(|last| *last != b'\n');
        let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
        for (i, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim_ascii().is_empty()) {
            match serde_json::from_slice(line) {
                Ok(entry) => entries.push(entry),
                Err(_) if is_cut && i + 1 == lines.len() => {}
                Err(_) => damaged.push(i + 1),
            }
        }
        Ok((entries, damaged))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn entries_come_back_and_a_torn_last_line_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        assert_eq!(Journal::read(&path).unwrap(), []);
        let file = Copied { path: "train.lua".into(), sha256: "0a".into(), copy: "script/train.lua".into() };
        let version = Event::Version {
            version: 1,
            set: vec![("lr".into(), "0.1".into())],
            files: vec![file],
            diff: "-a\n+b\n".into(),
            report: vec!["encoder: kept 62".into()],
        };
        let rewind = Event::Rewind { to: 3, lr_scale: 0.5, reason: "the loss is not finite".into() };
        let mut journal = Journal::open(path.clone()).unwrap();
        journal.append(Moment { rewinds: 0, step: 7 }, version.clone()).unwrap();
        journal.append(Moment { rewinds: 1, step: 9 }, rewind.clone()).unwrap();
        let events =
            |entries: Vec<Entry>| entries.into_iter().map(|entry| (entry.step, entry.event)).collect::<Vec<_>>();
        assert_eq!(events(Journal::read(&path).unwrap()), [(7, version.clone()), (9, rewind)]);
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, &whole[..whole.len() - 9]).unwrap();
        assert_eq!(events(Journal::read(&path).unwrap()), [(7, version.clone())]);
        Journal::open(path.clone()).unwrap().append(Moment { rewinds: 0, step: 8 }, Event::Resume).unwrap();
        assert_eq!(events(Journal::read(&path).unwrap()), [(7, version), (8, Event::Resume)]);
        fs::write(&path, format!("{{}}\n{whole}")).unwrap();
        assert!(Journal::read(&path).unwrap_err().to_string().contains("journal.jsonl: line 1 is damaged"));
        assert_eq!(Journal::read_what_there_is(&path).unwrap().1, [1]);
    }
}
