//! Several scripts over several seeds: the table of their results, with what each number was measured by. It runs nothing.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::Value;

use super::{RunRecord, path_text::from_text};

/// The records of finished runs.
#[derive(Debug, Default)]
pub struct Study {
    runs: Vec<RunRecord>,
}

impl Study {
    /// Adds a run.
    pub fn add(&mut self, run: RunRecord) {
        self.runs.push(run);
    }

    /// A Markdown table with a row per script and a column per result that is a number: mean ± standard deviation
    /// (unbiased) over the seeds. Below it, what it was measured by.
    pub fn table(&self) -> String {
        let names = self.names();
        let mut out = String::from("| script | seeds |");
        names.iter().for_each(|name| out += &format!(" {name} |"));
        out += " training |\n|---|---|";
        names.iter().for_each(|_| out += "---|");
        out += "---|\n";
        for (script, runs) in self.by_script() {
            let _ = write!(out, "| {} | {} |", title(script), runs.len());
            for name in &names {
                let after = spread(runs.iter().filter_map(|run| run.results.get(*name)?.as_f64()));
                let before = spread(runs.iter().filter_map(|run| run.results.get("untrained")?.get(*name)?.as_f64()));
                let before = before.map_or(String::new(), |before| format!(" (untrained {before})"));
                let _ = write!(out, " {}{before} |", after.unwrap_or_else(|| "–".into()));
            }
            let seconds = runs.iter().filter_map(|run| run.results.get("timing")?.get("training_seconds")?.as_f64());
            let _ = writeln!(out, " {} s |", spread(seconds).unwrap_or_else(|| "–".into()));
        }
        out + "\n" + &self.protocol()
    }

    /// What every number was measured by: protocol, device, seeds, versions, options. Where scripts differ, each is named.
    fn protocol(&self) -> String {
        let mut out = String::new();
        let mut line = |what: &str, of: &dyn Fn(&RunRecord) -> String| {
            let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
            for run in &self.runs {
                let scripts = found.entry(of(run)).or_default();
                if !scripts.contains(&title(&run.description.script)) {
                    scripts.push(title(&run.description.script));
                }
            }
            for (text, scripts) in found.iter().filter(|(text, _)| !text.is_empty()) {
                let scripts = if found.len() == 1 { String::new() } else { format!(" of {}", scripts.join(", ")) };
                let _ = writeln!(out, "- {what}{scripts}: {text}.");
            }
        };
        line("Protocol", &|run| {
            run.results.get("protocol").and_then(Value::as_str).unwrap_or_default().trim_end_matches('.').to_owned()
        });
        line("Device", &|run| run.description.device.clone());
        line("Versions", &|run| {
            run.description
                .versions
                .iter()
                .map(|(name, version)| format!("{name} {version}"))
                .collect::<Vec<_>>()
                .join(", ")
        });
        let shared = self.shared_options();
        let options = |run: &RunRecord, wanted: &dyn Fn(&str) -> bool| {
            let own = run.description.options.iter().filter(|(name, _)| wanted(name));
            own.map(|(name, value)| format!("{name} {}", plain(name, value))).collect::<Vec<_>>().join(", ")
        };
        line("Options of all", &|run| options(run, &|name| shared.contains(&name)));
        line("Options", &|run| options(run, &|name| !shared.contains(&name)));
        let mut seeds: Vec<u64> = self.runs.iter().map(|run| run.description.seed).collect();
        seeds.sort_unstable();
        seeds.dedup();
        let seeds: Vec<String> = seeds.iter().map(u64::to_string).collect();
        let _ = writeln!(out, "- Seeds: {}. ± is the standard deviation over them.", seeds.join(", "));
        out
    }

    /// Results that are numbers, in the order in which they first come.
    fn names(&self) -> Vec<&String> {
        let mut names = Vec::new();
        for (name, _) in self.runs.iter().flat_map(|run| run.results.iter()).filter(|(_, value)| value.is_number()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    fn by_script(&self) -> Vec<(&str, Vec<&RunRecord>)> {
        let mut found: Vec<(&str, Vec<&RunRecord>)> = Vec::new();
        for run in &self.runs {
            match found.iter_mut().find(|(script, _)| *script == run.description.script) {
                Some((_, runs)) => runs.push(run),
                None => found.push((&run.description.script, vec![run])),
            }
        }
        found
    }

    /// Options that all runs have with one value.
    fn shared_options(&self) -> Vec<&str> {
        let Some(first) = self.runs.first() else { return Vec::new() };
        let same =
            |name: &str, value: &Value| self.runs.iter().all(|run| run.description.options.get(name) == Some(value));
        first
            .description
            .options
            .iter()
            .filter(|(name, value)| same(name, value))
            .map(|(name, _)| name.as_str())
            .collect()
    }
}

/// An option's value; of a path only the last part, which is what the data is called.
fn plain(name: &str, value: &Value) -> String {
    match value.as_str() {
        Some(text) if name == "images" => title(text),
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}

/// `simclr` of `scripts/simclr.lua`.
fn title(path: &str) -> String {
    let path = from_text(path);
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Mean and unbiased standard deviation, of several values.
fn spread(values: impl Iterator<Item = f64>) -> Option<String> {
    let values: Vec<f64> = values.collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    match values.len() {
        0 => None,
        1 => Some(format!("{mean:.1}")),
        _ => {
            let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
            Some(format!("{mean:.1} ± {:.1}", square.sqrt()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{RunDescription, UtcTime};
    use serde_json::json;

    fn run(script: &str, seed: u64, accuracy: f64, temperature: f64) -> RunRecord {
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

    #[test]
    fn a_table_has_mean_and_deviation_and_says_how_it_was_measured() {
        let mut study = Study::default();
        for (seed, accuracy) in [(0, 50.0), (1, 52.0), (2, 54.0)] {
            study.add(run("scripts/simclr.lua", seed, accuracy, 0.2));
        }
        study.add(run("scripts/byol.lua", 0, 40.0, 0.1));
        let want = "\
| script | seeds | accuracy | training |
|---|---|---|---|
| simclr | 3 | 52.0 ± 2.0 (untrained 10.0 ± 0.0) | 60.0 ± 0.0 s |
| byol | 1 | 40.0 (untrained 10.0) | 60.0 s |

- Protocol: kNN.
- Device: cpu.
- Options of all: epochs 2.
- Options of byol: temperature 0.1.
- Options of simclr: temperature 0.2.
- Seeds: 0, 1, 2. ± is the standard deviation over them.
";
        assert_eq!(study.table(), want);
    }
}
