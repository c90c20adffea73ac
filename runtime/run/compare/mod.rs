//! Several runs beside each other: what differs between them, what they logged and what they evaluate. It reads run
//! folders, also those of runs that go on or were broken off, and changes nothing in them.

mod differences;
mod labels;
mod logged;
mod plot;
mod results;
mod run;

use std::{fs, path::PathBuf};

use labels::labels;
use run::Run;

use crate::{Error, Result, run::table::Table};

/// Runs that were read to be compared.
#[derive(Debug)]
pub struct Comparison {
    runs: Vec<Run>,
}

impl Comparison {
    /// Reads two or more run folders. Each is called by its folder's name, or by as much of its path as tells it
    /// from the others.
    ///
    /// # Errors
    /// Fewer than two folders, one of them twice, or one that is not a run's or has logged nothing.
    pub fn read(folders: &[PathBuf]) -> Result<Self> {
        if folders.len() < 2 {
            return Err(Error::argument("compare", "runs", "at least two folders", folders.len()));
        }
        let mut paths = Vec::new();
        for folder in folders {
            let path = fs::canonicalize(folder).map_err(|source| Error::io("compare", folder, source))?;
            if paths.contains(&path) {
                return Err(Error::argument(
                    "compare",
                    "runs",
                    "different folders",
                    format!("{} twice", folder.display()),
                ));
            }
            paths.push(path);
        }
        let runs = folders.iter().zip(labels(&paths)).map(|(folder, label)| Run::read(folder, label));
        Ok(Self { runs: runs.collect::<Result<_>>()? })
    }

    /// How far the runs have come, how they were made and what they logged; tables no wider than so many columns, where
    /// these are given.
    pub fn report(&self, columns: Option<usize>) -> String {
        format!("{}\n{}", self.differences(columns), self.logged(columns))
    }

    /// A table with a column for each run.
    fn table(&self) -> Table {
        Table::new(std::iter::once("").chain(self.runs.iter().map(|run| run.label.as_str())))
    }
}

/// A row's name, and what it has for each run.
fn named_row(name: &str, cells: impl IntoIterator<Item = String>) -> impl Iterator<Item = String> {
    std::iter::once(name.to_owned()).chain(cells)
}

/// A table's lines, set off from what is said about it.
fn indented(table: &Table, columns: Option<usize>) -> String {
    let text = table.text(columns.map(|columns| columns.saturating_sub(2)));
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::path::Path;

    /// A run folder with this record, some of its fields changed, and these losses from step 1 on.
    pub(super) fn write_run(folder: &Path, changes: Value, losses: &[f64]) -> PathBuf {
        let mut record = json!({
            "script": "scripts/simclr.lua", "command": ["moonburn"], "seed": 0, "device": "cpu",
            "options": { "batch": 64, "temperature": 0.2 }, "versions": { "burn": "0.22.1" },
            "started": "2026-03-01T09:05:07Z", "ended": null, "status": "finished", "results": {},
        });
        for (name, value) in changes.as_object().unwrap() {
            record[name] = value.clone();
        }
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join("run.json"), record.to_string()).unwrap();
        let line = |(position, loss)| format!("{}\n", json!({ "step": position + 1, "seconds": 0.5, "loss": loss }));
        let lines: String = losses.iter().enumerate().map(line).collect();
        fs::write(folder.join("metrics.jsonl"), lines).unwrap();
        folder.to_owned()
    }

    /// A comparison of runs `a`, `b` and so on, each a record's changes and its losses.
    pub(super) fn comparison(runs: &[(Value, &[f64])]) -> Comparison {
        let parent = tempfile::tempdir().unwrap();
        let write = |(name, (changes, losses)): (char, &(Value, &[f64]))| {
            write_run(&parent.path().join(name.to_string()), changes.clone(), losses)
        };
        Comparison::read(&('a'..='z').zip(runs).map(write).collect::<Vec<_>>()).unwrap()
    }

    fn error(folders: &[PathBuf]) -> String {
        Comparison::read(folders).unwrap_err().to_string()
    }

    #[test]
    fn fewer_than_two_runs_or_one_of_them_twice_are_refused() {
        let parent = tempfile::tempdir().unwrap();
        let run = write_run(&parent.path().join("a"), json!({}), &[1.0]);
        assert_eq!(error(&[]), "compare: runs must be at least two folders, got 0");
        assert_eq!(error(std::slice::from_ref(&run)), "compare: runs must be at least two folders, got 1");
        let again = run.join("../a");
        let want = format!("compare: runs must be different folders, got {} twice", again.display());
        assert_eq!(error(&[run, again]), want);
    }

    #[test]
    fn what_is_not_a_whole_run_is_named_with_the_reason() {
        let parent = tempfile::tempdir().unwrap();
        let good = write_run(&parent.path().join("good"), json!({}), &[1.0]);
        let broken = |name: &str, breaks: &dyn Fn(&Path)| {
            let folder = write_run(&parent.path().join(name), json!({}), &[1.0]);
            breaks(&folder);
            let message = error(&[good.clone(), folder.clone()]);
            message.replace(&folder.display().to_string(), "RUN")
        };
        let no_record = broken("no record", &|run| fs::remove_file(run.join("run.json")).unwrap());
        assert_eq!(no_record, "compare: RUN: not the folder of a run: it has no run.json");
        let torn = broken("torn", &|run| fs::write(run.join("run.json"), "{\"script\":").unwrap());
        assert!(torn.starts_with("compare: RUN/run.json: not the record of a run: EOF while parsing"), "{torn}");
        let other = broken("other", &|run| fs::write(run.join("run.json"), "{}").unwrap());
        assert!(other.starts_with("compare: RUN/run.json: not the record of a run: missing field"), "{other}");
        let no_metrics = broken("no metrics", &|run| fs::remove_file(run.join("metrics.jsonl")).unwrap());
        assert_eq!(no_metrics, "compare: RUN: has no metrics.jsonl");
        let empty = broken("empty", &|run| fs::write(run.join("metrics.jsonl"), "{\"st").unwrap());
        assert_eq!(empty, "compare: RUN/metrics.jsonl: nothing was logged yet");
        let missing = error(&[good.clone(), parent.path().join("missing")]);
        assert!(missing.starts_with("compare: ") && missing.contains("missing: "), "{missing}");
    }

    #[test]
    fn runs_that_go_on_were_broken_off_or_failed_are_read_too() {
        let failed = json!({ "status": "failed", "error": "scripts/simclr.lua:3: no" });
        let states = [json!({ "status": "running" }), json!({ "status": "interrupted" }), failed];
        let compared = comparison(&states.map(|state| (state, &[1.0][..])));
        let report = compared.report(None);
        assert!(report.contains("status     running  interrupted  failed\n"), "{report}");
    }
}
