//! Several scripts over several seeds: what came of them, as tables for a terminal, a report and a program. It runs
//! nothing.

mod csv;
mod report;

use super::{History, RunRecord, path_text::from_text};

/// The records of finished runs.
#[derive(Debug, Default)]
pub struct Study {
    runs: Vec<(RunRecord, History)>,
}

impl Study {
    /// Adds a run, and what happened to it after it began.
    pub fn add(&mut self, run: RunRecord, history: History) {
        self.runs.push((run, history));
    }

    fn records(&self) -> impl Iterator<Item = &RunRecord> {
        self.runs.iter().map(|(record, _)| record)
    }

    /// Results that are numbers, in the order in which they first come.
    fn names(&self) -> Vec<&String> {
        let mut names = Vec::new();
        for (name, _) in self.records().flat_map(|run| run.results.iter()).filter(|(_, value)| value.is_number()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn by_script(&self) -> Vec<(&str, Vec<&RunRecord>)> {
        let mut found: Vec<(&str, Vec<&RunRecord>)> = Vec::new();
        for run in self.records() {
            match found.iter_mut().find(|(script, _)| *script == run.description.script) {
                Some((_, runs)) => runs.push(run),
                None => found.push((&run.description.script, vec![run])),
            }
        }
        found
    }
}

/// `simclr` of `scripts/simclr.lua`.
fn title(path: &str) -> String {
    let path = from_text(path);
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{RunDescription, UtcTime};
    use serde_json::json;

    pub(super) fn run(script: &str, seed: u64, accuracy: f64, temperature: f64) -> RunRecord {
        let options = json!({ "epochs": 2, "temperature": temperature }).as_object().unwrap().clone();
        let description =
            RunDescription { script: script.into(), seed, options, device: "cpu".into(), ..Default::default() };
        let mut record = RunRecord::new(description, UtcTime::from_unix_seconds(0));
        record.results = json!({
            "untrained": { "accuracy": 10.0 },
            "accuracy": accuracy,
            "protocol": "kNN",
            "timing": { "training_seconds": 60.0 },
        })
        .as_object()
        .unwrap()
        .clone();
        record
    }
}
