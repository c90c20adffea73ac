//! Making a run whole again that a power cut, a full disk or a hand has damaged, from what its checkpoints keep of it.
//! What is replaced is put aside first: nothing is removed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    Checkpoints, Files, RunLock, Spare, UtcTime,
    checkpoints::checksum,
    folder::RunFolder,
    journal::{Copied, Entry, Journal},
    json_lines::lines,
    logged::{Line, Logged},
    record::{RunRecord, RunStatus},
    versions::{is_whole, read_versions},
    write_atomically,
};
use crate::{Error, Result, files::regular};

/// What was damaged, and what came of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Sentences, one for each finding.
    pub findings: Vec<String>,
    /// Where damaged files lie now, if any had to make room.
    pub aside: Option<PathBuf>,
    /// What is not there any more.
    pub lost: Vec<String>,
    /// The step of the newest whole checkpoint.
    pub step: Option<u64>,
    /// Whether the run can be taken up again.
    pub resumes: bool,
}

/// Looks through a run's folder, and puts right what can be.
///
/// # Errors
/// It is no run's folder; a process writes to it; the operating system refused.
pub fn repair(run: &Path) -> Result<Repaired> {
    let is_run = ["run.json", "journal.jsonl"].iter().any(|name| run.join(name).exists())
        || !Checkpoints::below(run.join("checkpoints")).steps().is_empty();
    if !is_run {
        return Err(Error::data(
            "repair",
            run,
            "is no run's folder: it has neither run.json nor journal nor checkpoints",
        ));
    }
    let _lock = RunLock::acquire(run)?;
    let mut repair =
        Repair { run, aside: Aside::new(run), found: Repaired::default(), spare: None, version: 0, has_torn: false };
    repair.checkpoints()?;
    repair.record()?;
    let entries = repair.journal()?;
    repair.copies(&entries)?;
    repair.log()?;
    // A young run without any checkpoint begins anew.
    repair.found.resumes = (repair.found.step.is_some() || !repair.has_torn)
        && RunFolder::read(run).is_ok()
        && read_versions(run, &entries, repair.version).is_ok_and(|versions| !versions.is_empty());
    repair.found.aside = repair.aside.made;
    Ok(repair.found)
}

struct Repair<'a> {
    run: &'a Path,
    aside: Aside,
    found: Repaired,
    /// That of the newest checkpoint that has one.
    spare: Option<Spare>,
    /// The version that trained at the newest checkpoint.
    version: u64,
    /// Whether a checkpoint was put aside.
    has_torn: bool,
}

impl Repair<'_> {
    fn checkpoints(&mut self) -> Result<()> {
        for folder in ["checkpoints", "origin"] {
            let checkpoints = Checkpoints::below(self.run.join(folder));
            for step in checkpoints.steps().into_iter().rev() {
                match checkpoints.read(step) {
                    Ok(files) => self.take(step, &files),
                    Err(error) => {
                        self.has_torn = true;
                        self.aside.put(&checkpoints.path(step))?;
                        self.found.findings.push(format!("{error}: put aside"));
                    }
                }
            }
        }
        if self.found.step.is_none() && self.has_torn {
            self.found.lost.push("there is no whole checkpoint, so there is no state to go on from".into());
        }
        Ok(())
    }

    fn take(&mut self, step: u64, files: &Files) {
        if self.found.step.is_none() {
            (self.found.step, self.version) = (Some(step), version_of(files));
        }
        self.spare = self.spare.take().or_else(|| Spare::of_checkpoint(files));
    }

    fn record(&mut self) -> Result<()> {
        let path = self.run.join("run.json");
        if RunFolder::read(self.run).is_ok() {
            return Ok(());
        }
        let what = if path.exists() { "run.json is damaged" } else { "run.json is missing" };
        let Some(spare) = &self.spare else {
            self.found.lost.push(format!("{what}, and no checkpoint has a copy of it"));
            return Ok(());
        };
        let ended = Some(UtcTime::now().to_string());
        let record = RunRecord { status: RunStatus::Interrupted, ended, ..spare.record.clone() };
        self.aside.put(&path)?;
        let mut json = serde_json::to_vec_pretty(&record).map_err(|error| Error::io("write", &path, error.into()))?;
        json.push(b'\n');
        write_atomically(&path, &json)?;
        self.found.findings.push(format!("{what}: written anew from a checkpoint, as of a run that was interrupted"));
        Ok(())
    }

    /// The entries that the journal has afterwards.
    fn journal(&mut self) -> Result<Vec<Entry>> {
        let path = self.run.join("journal.jsonl");
        let readable = if path.exists() && !path.is_file() {
            Ok((Vec::new(), vec![1]))
        } else {
            Journal::read_what_there_is(&path)
        };
        let (found, damaged) = readable?;
        let completed = self.spare.as_ref().and_then(|spare| spare.completed(&found));
        if damaged.is_empty() && completed.is_none() && !found.is_empty() {
            return Ok(found);
        }
        let entries = completed.unwrap_or_else(|| found.clone());
        if entries.is_empty() {
            self.found
                .lost
                .push("journal.jsonl has no entry that can be read, and no checkpoint has a copy of it".into());
            return Ok(entries);
        }
        self.aside.put(&path)?;
        write_atomically(&path, &lines(&path, &entries)?)?;
        let (lost, back) = (damaged.len(), entries.len() - found.len());
        self.found.findings.push(format!(
            "journal.jsonl: {lost} damaged {}, {back} {} put back from a checkpoint",
            plural(lost, "line", "lines"),
            plural(back, "entry", "entries")
        ));
        Ok(entries)
    }

    fn copies(&mut self, entries: &[Entry]) -> Result<()> {
        for copy in Spare::copies(entries).filter(|copy| !is_whole(self.run, copy)) {
            let shown = copy.copy.display();
            if !Spare::is_inside(copy) {
                self.found.lost.push(format!("{shown}, a copy that the journal names, is outside the run's folder"));
                continue;
            }
            let (from, is_back) = match self.put_back(copy)? {
                Some(from) => (from, true),
                None => ("its contents are known nowhere", false),
            };
            let text = format!("{shown}, a copy of {}, was missing or altered: {from}", copy.path.display());
            if is_back { self.found.findings.push(text) } else { self.found.lost.push(text) }
        }
        Ok(())
    }

    fn put_back(&mut self, copy: &Copied) -> Result<Option<&'static str>> {
        if let Some(spare) = &self.spare
            && spare.sources.contains_key(&copy.sha256)
        {
            self.aside.put(&self.run.join(&copy.copy))?;
            if spare.write_copy(self.run, copy)? {
                return Ok(Some("put back from a checkpoint"));
            }
        }
        // The script itself may not have changed since.
        let on_disk = regular::read(&copy.path).ok().filter(|bytes| checksum(bytes) == copy.sha256);
        let Some(bytes) = on_disk else { return Ok(None) };
        let path = self.run.join(&copy.copy);
        self.aside.put(&path)?;
        let parent = path.parent().unwrap_or(self.run);
        fs::create_dir_all(parent).map_err(|source| Error::io("repair", parent, source))?;
        write_atomically(&path, &bytes)?;
        Ok(Some("put back from the script, which is as it was"))
    }

    /// Readers of the log pass over damaged lines, so the repaired log can do without them.
    fn log(&mut self) -> Result<()> {
        let path = self.run.join("metrics.jsonl");
        if path.exists() && !path.is_file() {
            self.aside.put(&path)?;
            self.found.findings.push("metrics.jsonl was no file: put aside".into());
        }
        let Ok(bytes) = regular::read(&path) else {
            if self.found.step.is_some_and(|step| step > 0) {
                self.found.findings.push("metrics.jsonl is missing: what was logged is lost".into());
            }
            return Ok(());
        };
        let all: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let kept: Vec<&[u8]> = all.iter().copied().filter(|line| Line::parse(line).is_some()).collect();
        let dropped = all.len() - kept.len();
        if dropped > 0 {
            self.aside.put(&path)?;
            let mut kept = kept.concat();
            if kept.last().is_some_and(|last| *last != b'\n') {
                kept.push(b'\n');
            }
            write_atomically(&path, &kept)?;
            let lines = plural(dropped, "line", "lines");
            self.found.findings.push(format!("metrics.jsonl: {dropped} damaged {lines} put aside"));
        }
        let last = Logged::read(&path)?.last_step().unwrap_or(0);
        if let Some(step) = self.found.step.filter(|step| *step > last) {
            self.found
                .findings
                .push(format!("metrics.jsonl ends with step {last}, the newest checkpoint is of step {step}"));
        }
        Ok(())
    }
}

/// `damaged-20260301-090507` in the run's folder, or with `-2` and so on behind it, made when something has to go
/// there.
struct Aside {
    folder: PathBuf,
    run: PathBuf,
    made: Option<PathBuf>,
}

impl Aside {
    fn new(run: &Path) -> Self {
        let name = run.join(format!("damaged-{}", UtcTime::now().stamp()));
        let again = (2..).map(|count| PathBuf::from(format!("{}-{count}", name.display())));
        let mut names = std::iter::once(name.clone()).chain(again);
        let folder = names.find(|name| !name.exists()).expect("some number is not taken");
        Self { folder, run: run.to_owned(), made: None }
    }

    /// Moves a file or folder of the run there, if it is there.
    fn put(&mut self, path: &Path) -> Result<()> {
        if path.symlink_metadata().is_err() {
            return Ok(());
        }
        let target = self.folder.join(path.strip_prefix(&self.run).unwrap_or(path));
        let parent = target.parent().unwrap_or(&self.folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::rename(path, &target))
            .map_err(|source| Error::io("repair", path, source))?;
        self.made = Some(self.folder.clone());
        Ok(())
    }
}

/// The version of the script that a checkpoint is of.
fn version_of(files: &Files) -> u64 {
    let session = files.get("session.json").and_then(|bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok());
    session.and_then(|session| session.get("version")?.as_u64()).unwrap_or(0)
}

fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}
